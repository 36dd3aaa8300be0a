/** The parts of a rule that are the same in all forms: expressions, texts, labels, inhibitors. */
import type { Kind } from '../../domain/kind.ts';
import type { Ms } from '../../domain/time.ts';
import type { Inhibitor, Scope } from '../compiled.ts';
import { enter, makeFrame } from '../language/evaluation.ts';
import { checkExpression, type Expression } from '../language/expression.ts';
import { compileTemplate, type Template } from '../language/template.ts';
import type { Vocabulary } from '../language/vocabulary.ts';
import { type Fields, readMap, readText, refuseUnknownFields, type Text } from './fields.ts';
import type { Complain, ScalarTree, Tree } from './tree.ts';

export interface Compiling {
  readonly fields: Fields;
  readonly complain: Complain;
  readonly every: Ms;
  readonly kind: Kind;
  /** Name of the event of an event rule. */
  readonly event: string | undefined;
  readonly isEvent: boolean;
  /** What `when` and the texts can name. */
  readonly words: Vocabulary;
  /** What `clear` and inhibitors can name: an event is over by then. */
  readonly stateWords: Vocabulary;
  readonly reads: Set<string>;
}

/** An inhibitor and where it is written: whether its rule exists is known at the end only. */
export interface InhibitorDraft {
  readonly rule: string;
  readonly tree: ScalarTree;
  readonly sameResource: boolean;
}

const labelPattern = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

function takeRemarks(c: Compiling, tree: ScalarTree, made: Expression | Template): void {
  for (const name of made.reads) c.reads.add(name);
  for (const { message, offset } of made.warnings)
    c.complain(tree, message, { offset, level: 'warning' });
}

export function compileExpression(
  c: Compiling,
  given: Text,
  words: Vocabulary,
  wanted: 'flag' | 'word',
): Expression | undefined {
  const checked = checkExpression(given.text, words, wanted);
  if (checked.type === 'refused') {
    c.complain(given.tree, checked.problem.message, { offset: checked.problem.offset });
    return undefined;
  }
  takeRemarks(c, given.tree, checked.expression);
  return checked.expression;
}

export function compileInhibitor(
  c: Compiling,
  tree: Tree,
): { readonly draft: InhibitorDraft; readonly inhibitor: Inhibitor } | undefined {
  if (tree.type === 'scalar' && typeof tree.value === 'string') {
    const rule = tree.value;
    return { draft: { rule, tree, sameResource: true }, inhibitor: { rule } };
  }
  if (tree.type !== 'map') {
    c.complain(tree, 'an inhibitor is a rule id, or { rule: ID, resource: EXPRESSION }');
    return undefined;
  }
  const fields: Fields = { map: tree, what: 'the inhibitor', complain: c.complain };
  refuseUnknownFields(fields, ['rule', 'resource']);
  const rule = readText(fields, 'rule', { needed: true });
  const given = readText(fields, 'resource', { as: 'expression' });
  if (rule === undefined) return undefined;
  const draft = { rule: rule.text, tree: rule.tree, sameResource: given === undefined };
  const made = given && compileExpression(c, given, c.stateWords, 'word');
  if (made === undefined) return { draft, inhibitor: { rule: rule.text } };
  const frame = makeFrame(c.every);
  const resource = (scope: Scope): string | undefined => {
    enter(frame, scope);
    const id = made.compiled.run(frame);
    return typeof id === 'string' ? id : undefined;
  };
  return { draft, inhibitor: { rule: rule.text, resource } };
}

export function readLabels(c: Compiling): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  const map = readMap(c.fields, 'labels');
  for (const [name, { key, value }] of map?.fields ?? []) {
    if (!labelPattern.test(name) || name === 'alertname')
      c.complain(key, `"${name.slice(0, 100)}" cannot be the name of a label`);
    else if (value.type !== 'scalar' || typeof value.value !== 'string')
      c.complain(value, `label "${name}" must be text`);
    else labels[name] = value.value;
  }
  return labels;
}

export function compileText(
  c: Compiling,
  name: 'title' | 'message' | 'advice',
): Template | undefined {
  const given = readText(c.fields, name, { needed: name === 'title' });
  if (given === undefined) return undefined;
  const made = compileTemplate(given.text, c.words);
  if (made.type === 'refused') {
    c.complain(given.tree, made.problem.message, { offset: made.problem.offset });
    return undefined;
  }
  takeRemarks(c, given.tree, made.template);
  return made.template;
}
