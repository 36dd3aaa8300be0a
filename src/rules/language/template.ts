/** Titles, messages and advice: text with `{{ expression }}` in it, checked when it is loaded. */
import type { Scope } from '../compiled.ts';
import { type Compiled, enter, makeFrame } from './evaluation.ts';
import { checkExpression, type Remark } from './expression.ts';
import { renderValue } from './render.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface Template {
  readonly reads: ReadonlySet<string>;
  readonly warnings: readonly Remark[];
  /** Never throws. What is unreadable is "unknown", what does not apply is "none". */
  render(scope: Scope): string;
}

/** A word can be as long as its source made it (a description, a path). */
const valueLengthMax = 500;
const renderedLengthMax = 4000;

const cut = (text: string, max: number): string =>
  text.length > max ? `${text.slice(0, max - 1)}…` : text;

/** Where the expression that begins at `from` ends: at `}}` outside of quotes; -1: nowhere. */
function endOf(text: string, from: number): number {
  let quote: string | undefined;
  for (let i = from; i < text.length; i++) {
    const c = text[i];
    if (quote !== undefined) {
      if (c === '\\') i++;
      else if (c === quote) quote = undefined;
    } else if (c === '"' || c === "'") quote = c;
    else if (c === '}' && text[i + 1] === '}') return i;
  }
  return -1;
}

function show({ type, run }: Compiled, frame: ReturnType<typeof makeFrame>): string {
  const answer = run(frame);
  if (answer === undefined) return 'unknown';
  return answer === null ? 'none' : cut(renderValue(answer, type), valueLengthMax);
}

/** The template, or what is wrong with it. */
export function compileTemplate(
  text: string,
  vocabulary: Vocabulary,
):
  | { readonly type: 'good'; readonly template: Template }
  | { readonly type: 'refused'; readonly problem: Remark } {
  const parts: (string | Compiled)[] = [];
  const reads = new Set<string>();
  const warnings: Remark[] = [];
  let done = 0;
  for (let begin = text.indexOf('{{'); begin >= 0; begin = text.indexOf('{{', done)) {
    const end = endOf(text, begin + 2);
    if (end < 0) {
      const message = '"{{" without "}}"';
      return { type: 'refused', problem: { message, offset: begin } };
    }
    const inner = text.slice(begin + 2, end);
    const blanks = inner.length - inner.trimStart().length;
    const offset = begin + 2 + blanks;
    const checked = checkExpression(inner.trim(), vocabulary);
    if (checked.type === 'refused') {
      const { message, offset: at } = checked.problem;
      return { type: 'refused', problem: { message, offset: offset + at } };
    }
    const { expression } = checked;
    for (const name of expression.reads) reads.add(name);
    warnings.push(...expression.warnings.map((w) => ({ ...w, offset: offset + w.offset })));
    parts.push(text.slice(done, begin), expression.compiled);
    done = end + 2;
  }
  parts.push(text.slice(done));
  const frame = makeFrame(0);
  const render = (scope: Scope): string => {
    enter(frame, scope);
    const shown = parts.map((part) => (typeof part === 'string' ? part : show(part, frame)));
    return cut(shown.join(''), renderedLengthMax);
  };
  return { type: 'good', template: { reads, warnings, render } };
}
