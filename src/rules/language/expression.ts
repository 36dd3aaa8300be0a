/** One expression: parsed and type-checked by cel-js, then made into closures of our own. */
import { type ASTNode, TypeError as CelTypeError, ParseError } from '@marcbachmann/cel-js';
import type { AttributeType } from '../../domain/kind.ts';
import { didYouMean } from '../../domain/nearest.ts';
import { calculate, compileLiteral, negate } from './arithmetic.ts';
import { callWindow, methodCalls, plainCalls } from './calls.ts';
import { compare, isComparison, isOneOf } from './compare.ts';
import {
  and,
  attributeOf,
  type Compiled,
  type ExpressionType,
  either,
  eventFactOf,
  not,
  or,
  overList,
} from './evaluation.ts';
import { isMethod, isPlainFunction, isWindowFunction } from './functions.ts';
import { lookAt, Refusal } from './names.ts';
import { explainParseError, explainType, explainTypeError, typeNames } from './type-errors.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Something to say about an expression, and where in its text. */
export interface Remark {
  readonly message: string;
  readonly offset: number;
}

export interface Expression {
  readonly compiled: Compiled;
  /** Attributes of the resource that it looks at. */
  readonly reads: ReadonlySet<string>;
  readonly warnings: readonly Remark[];
}

export type Checked =
  | { readonly type: 'good'; readonly expression: Expression }
  | { readonly type: 'refused'; readonly problem: Remark };

/** Longer expressions are a mistake; the shipped ones have at most 300 characters. */
const expressionLengthMax = 4000;

interface Compiling {
  readonly vocabulary: Vocabulary;
  readonly reads: Set<string>;
  readonly warnings: Remark[];
  /** Type of the elements of the list that the surrounding exists() or all() looks at. */
  readonly item?: ExpressionType;
}

const expressionTypes = {
  flag: 'flag',
  word: 'word',
  gauge: 'number',
  counter: 'number',
  instant: 'instant',
  duration: 'duration',
} as const satisfies Record<AttributeType, ExpressionType>;

function compileAttribute(owner: ASTNode, name: string, c: Compiling): Compiled {
  const ofEvent = owner.op === 'id' && owner.args === 'event' && c.vocabulary.event !== undefined;
  const attribute = (ofEvent ? c.vocabulary.event : c.vocabulary.attributes)?.[name];
  if (attribute === undefined) throw new Refusal(`unknown attribute "${name}"`, owner.start);
  const type = expressionTypes[attribute.type];
  if (ofEvent && name === 'at')
    return { type, run: (frame) => frame.event?.at ?? null, slope: 0, attribute };
  if (ofEvent && name === 'foundBy')
    return { type, run: (frame) => frame.event?.foundBy ?? null, slope: 0, attribute };
  if (ofEvent) return { type, run: eventFactOf(name), slope: 0, attribute };
  if (name === 'id') return { type, run: (frame) => frame.resource.id, slope: 0, attribute };
  c.reads.add(name);
  return { type, run: attributeOf(name), slope: 0, attribute };
}

/** A comparison with a word that the attribute never is, is a slip of the pen. */
function warnOfWords(x: Compiled, nodes: readonly ASTNode[], c: Compiling): void {
  const values = x.attribute?.values;
  if (values === undefined) return;
  for (const node of nodes) {
    if (node.op !== 'value' || typeof node.args !== 'string' || values.includes(node.args))
      continue;
    const hint = didYouMean(node.args, values) || `; it is one of ${values.join(', ')}`;
    c.warnings.push({ message: `it is never "${node.args}"${hint}`, offset: node.start });
  }
}

function compileBinary(op: string, nodes: readonly [ASTNode, ASTNode], c: Compiling): Compiled {
  const left = compileNode(nodes[0], c);
  const right = compileNode(nodes[1], c);
  if (isComparison(op)) {
    if (op === '==' || op === '!=') {
      warnOfWords(left, [nodes[1]], c);
      warnOfWords(right, [nodes[0]], c);
    }
    return { type: 'flag', run: compare(op, left, right), slope: 0 };
  }
  return calculate(op, left, right, nodes[0].start);
}

function compileCall(node: ASTNode & { readonly op: 'call' | 'rcall' }, c: Compiling): Compiled {
  const name = node.args[0];
  const nodes = node.op === 'call' ? node.args[1] : [node.args[1], ...node.args[2]];
  if (node.op === 'rcall' && (name === 'exists' || name === 'all')) {
    const [list, , predicate] = nodes;
    if (list?.op !== 'list' || predicate === undefined)
      throw new Refusal(`${name} needs a list and a condition`, node.start);
    const items = list.args.map((item) => compileNode(item, c));
    const inner = { ...c, item: items[0]?.type ?? 'word' };
    const runs = items.map(({ run }) => run);
    const run = overList(runs, compileNode(predicate, inner).run, name === 'exists');
    return { type: 'flag', run, slope: 0 };
  }
  const call = {
    name,
    node,
    args: nodes.map((arg) => ({ node: arg, compiled: compileNode(arg, c) })),
  };
  if (node.op === 'rcall') {
    if (isMethod(name) && name !== 'exists' && name !== 'all') return methodCalls[name](call);
  } else {
    if (isWindowFunction(name)) return callWindow(name, call);
    if (isPlainFunction(name)) return plainCalls[name](call);
  }
  throw new Refusal(`unknown function "${name}"`, node.start);
}

function compileChoice(nodes: readonly [ASTNode, ASTNode, ASTNode], c: Compiling): Compiled {
  const [condition, yes, no] = nodes.map((node) => compileNode(node, c));
  if (!condition || !yes || !no) throw new Refusal('? needs a : as well', nodes[0].start);
  const slope = yes.slope === no.slope ? yes.slope : 'unclear';
  return { type: yes.type, run: either(condition.run, yes.run, no.run), slope };
}

function compileNode(node: ASTNode, c: Compiling): Compiled {
  switch (node.op) {
    case 'value':
      return compileLiteral(node.args, node.start);
    case 'id':
      if (node.args === 'now') return { type: 'instant', run: (frame) => frame.now, slope: 1 };
      return { type: c.item ?? 'word', run: (frame) => frame.item, slope: 0 };
    case '.':
      return compileAttribute(node.args[0], node.args[1], c);
    case '&&':
    case '||': {
      const combine = node.op === '&&' ? and : or;
      const run = combine(compileNode(node.args[0], c).run, compileNode(node.args[1], c).run);
      return { type: 'flag', run, slope: 0 };
    }
    case '!_':
      return { type: 'flag', run: not(compileNode(node.args, c).run), slope: 0 };
    case '-_':
      return negate(compileNode(node.args, c));
    case '?:':
      return compileChoice(node.args, c);
    case 'in': {
      const x = compileNode(node.args[0], c);
      const list = node.args[1].op === 'list' ? node.args[1].args : [];
      warnOfWords(x, list, c);
      return {
        type: 'flag',
        run: isOneOf(
          x,
          list.map((item) => compileNode(item, c)),
        ),
        slope: 0,
      };
    }
    case 'call':
    case 'rcall':
      return compileCall(node, c);
    case 'list':
    case 'map':
    case '[]':
    case '[?]':
    case '.?':
      throw new Refusal('not part of the rule language', node.start);
    default:
      return compileBinary(node.op, node.args, c);
  }
}

const refused = (message: string, offset: number): Checked => ({
  type: 'refused',
  problem: { message, offset },
});

/** `wanted`: what it must be; left out where anything can be shown. */
export function checkExpression(
  text: string,
  vocabulary: Vocabulary,
  wanted?: 'flag' | 'word',
): Checked {
  if (text.length > expressionLengthMax)
    return refused(`an expression has at most ${expressionLengthMax} characters`, 0);
  try {
    const parsed = vocabulary.environment.parse(text);
    lookAt(parsed.ast, { vocabulary });
    const { valid, type, error } = parsed.check();
    if (!valid) throw error ?? new Error('refused without a reason');
    const c: Compiling = { vocabulary, reads: new Set(), warnings: [] };
    const compiled = compileNode(parsed.ast, c);
    if (wanted !== undefined && compiled.type !== wanted)
      return refused(`it must be ${typeNames[wanted]}, and is ${explainType(type)}`, 0);
    return { type: 'good', expression: { compiled, reads: c.reads, warnings: c.warnings } };
  } catch (error) {
    if (error instanceof Refusal) return refused(error.message, error.offset);
    if (error instanceof ParseError) return refused(...explainParseError(error));
    if (error instanceof CelTypeError) return refused(...explainTypeError(error));
    return refused(`cannot be read: ${error instanceof Error ? error.message : String(error)}`, 0);
  }
}
