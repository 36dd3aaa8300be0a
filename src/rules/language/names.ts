/**
 * The first look at a parsed expression: every name is known and every construct is one of ours.
 * Also turns integer literals into doubles, so that `unit.nRestarts >= 3` needs no `3.0`.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { didYouMean } from '../../domain/nearest.ts';
import { isMethod, methods, plainFunctions, windowFunctions } from './functions.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Why an expression is refused, and where in its text. */
export class Refusal extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

interface Look {
  readonly vocabulary: Vocabulary;
  /** Name that the surrounding exists() or all() gives to each element. */
  readonly item?: string;
}

const functionNames = [...Object.keys(windowFunctions), ...Object.keys(plainFunctions)];

function variables({ vocabulary, item }: Look): readonly string[] {
  const names = [vocabulary.variable, 'now'];
  if (vocabulary.event) names.push('event');
  if (item !== undefined) names.push(item);
  return names;
}

function lookAtName(node: ASTNode, name: string, look: Look): void {
  const { vocabulary, item } = look;
  if (name === 'now' || name === item) return;
  if (name === vocabulary.variable || (name === 'event' && vocabulary.event))
    throw new Refusal(`"${name}" needs an attribute behind it: ${name}.NAME`, node.start);
  if (name === 'event')
    throw new Refusal('"event" is known in event rules only (those with "on")', node.start);
  const names = variables(look);
  const attribute = Object.hasOwn(vocabulary.attributes, name)
    ? ` (did you mean "${vocabulary.variable}.${name}"?)`
    : didYouMean(name, names);
  throw new Refusal(
    `unknown name "${name}"${attribute}; known here: ${names.join(', ')}`,
    node.start,
  );
}

function lookAtAttribute(owner: ASTNode, name: string, at: ASTNode, look: Look): void {
  const { vocabulary, item } = look;
  if (owner.op !== 'id' || owner.args === item || owner.args === 'now')
    throw new Refusal(`"${name}" cannot be taken out of a value`, at.end - name.length);
  const isEvent = owner.args === 'event' && vocabulary.event !== undefined;
  if (!isEvent && owner.args !== vocabulary.variable) lookAtName(owner, owner.args, look);
  const known = (isEvent ? vocabulary.event : vocabulary.attributes) ?? {};
  if (Object.hasOwn(known, name)) return;
  const names = Object.keys(known);
  const hint = didYouMean(name, names) || `; it has ${names.join(', ')}`;
  const whose = isEvent ? 'this event' : vocabulary.kind.name;
  throw new Refusal(`${whose} has no attribute "${name}"${hint}`, at.end - name.length);
}

function lookAtComprehension(node: ASTNode, list: ASTNode, args: ASTNode[], look: Look): void {
  const [name, predicate] = args;
  if (look.item !== undefined)
    throw new Refusal('exists and all cannot stand inside one another', node.start);
  if (list.op !== 'list')
    throw new Refusal('exists and all work on a written list: ["a", "b"].exists(x, …)', node.start);
  if (name?.op !== 'id' || predicate === undefined || args.length !== 2)
    throw new Refusal('exists and all are written LIST.exists(x, CONDITION)', node.start);
  if (variables(look).includes(name.args))
    throw new Refusal(`"${name.args}" is already the name of something else`, name.start);
  for (const item of list.args) lookAt(item, look);
  lookAt(predicate, { ...look, item: name.args });
}

function lookAtMethod(node: ASTNode & { readonly op: 'rcall' }, look: Look): void {
  const [name, receiver, args] = node.args;
  if (!isMethod(name)) {
    const hint = didYouMean(name, Object.keys(methods));
    throw new Refusal(
      `unknown function ".${name}()"${hint}; known: ${Object.keys(methods).join(', ')}`,
      node.start,
    );
  }
  if (name === 'exists' || name === 'all') {
    lookAtComprehension(node, receiver, args, look);
    return;
  }
  lookAt(receiver, look);
  for (const arg of args) lookAt(arg, look);
}

function lookAtCall(node: ASTNode & { readonly op: 'call' }, look: Look): void {
  const [name, args] = node.args;
  if (!functionNames.includes(name)) {
    const hint = didYouMean(name, functionNames);
    throw new Refusal(
      `unknown function "${name}"${hint}; known: ${functionNames.join(', ')}`,
      node.start,
    );
  }
  for (const arg of args) lookAt(arg, look);
}

function lookAtLiteral(node: ASTNode & { readonly op: 'value' }): void {
  if (typeof node.args === 'bigint') {
    // The checker takes the type from the literal: a number is a double.
    Reflect.set(node, 'args', Number(node.args));
  } else if (node.args === null) {
    throw new Refusal('"null" cannot be compared: ask has(KIND.ATTRIBUTE)', node.start);
  } else if (typeof node.args === 'object') {
    throw new Refusal('write plain numbers and texts: without u or b', node.start);
  }
}

function lookAtOperands(node: ASTNode, look: Look): void {
  switch (node.op) {
    case '!_':
    case '-_':
      lookAt(node.args, look);
      break;
    case 'in':
      lookAt(node.args[0], look);
      if (node.args[1].op !== 'list')
        throw new Refusal('behind "in" stands a written list: ["a", "b"]', node.args[1].start);
      for (const item of node.args[1].args) lookAt(item, look);
      break;
    case 'list':
      throw new Refusal('a list can stand behind "in" and before .exists and .all', node.start);
    case '&&':
    case '||':
    case '?:':
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      for (const child of node.args) lookAt(child, look);
      break;
    default:
      throw new Refusal('maps, [ ] and .? are not part of the rule language', node.start);
  }
}

/** Throws a Refusal at the first thing that is not ours. */
export function lookAt(node: ASTNode, look: Look): void {
  if (node.op === 'value') lookAtLiteral(node);
  else if (node.op === 'id') lookAtName(node, node.args, look);
  else if (node.op === '.') lookAtAttribute(node.args[0], node.args[1], node, look);
  else if (node.op === 'call') lookAtCall(node, look);
  else if (node.op === 'rcall') lookAtMethod(node, look);
  else lookAtOperands(node, look);
}
