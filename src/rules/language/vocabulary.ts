/** What the expressions of a rule can name: made from the declaration of its kind. */
import { Environment } from '@marcbachmann/cel-js';
import type { Attributes, EventKind, Kind } from '../../domain/kind.ts';
import { celTypes, plainFunctions, windowFunctions } from './functions.ts';

export interface Vocabulary {
  readonly kind: Kind;
  /** The variable of the resource: `unit`. */
  readonly variable: string;
  readonly attributes: Attributes;
  /** Facts of the event; undefined where the rule is no event rule. */
  readonly event: Attributes | undefined;
  readonly environment: Environment;
}

// A condition of the shipped rules has at most 40 nodes; these limits stop what was not written
// by hand. Work per evaluation is bounded by them, because comprehensions do not nest.
const limits = {
  maxAstNodes: 400,
  maxDepth: 32,
  maxListElements: 100,
  maxMapEntries: 1,
  maxCallArguments: 4,
} as const;

const word = (help: string): Attributes[string] => ({ type: 'word', help, source: 'tocsin' });

/** What every resource has, beside its attributes. */
const ofResource: Attributes = { id: word('Identity of the resource.') };

/** What every event has, beside its own facts. */
const ofEvent: Attributes = {
  at: { type: 'instant', help: 'When it happened.', source: 'tocsin' },
  foundBy: {
    ...word('How tocsin came to know of it.'),
    values: ['signal', 'journal', 'reconciliation', 'report'],
  },
};

const never = (): never => {
  throw new Error('expressions are evaluated by evaluate.ts only');
};

function makeBase(): Environment {
  const environment = new Environment({ limits });
  for (const { signatures } of [
    ...Object.values(windowFunctions),
    ...Object.values(plainFunctions),
  ])
    for (const signature of signatures) environment.registerFunction(signature, never);
  // All numbers are doubles, size() alone is an int for the checker.
  environment.registerOperator('int == double: bool', never);
  environment.registerOperator('double % double: double', never);
  environment.registerOperator(`${celTypes.duration} * double: ${celTypes.duration}`, never);
  environment.registerOperator(`${celTypes.duration} / ${celTypes.duration}: double`, never);
  return environment.registerVariable('now', celTypes.instant);
}

let base: Environment | undefined;

const schemaOf = (attributes: Attributes): Record<string, string> =>
  Object.fromEntries(Object.entries(attributes).map(([name, { type }]) => [name, celTypes[type]]));

export function vocabularyOf(kind: Kind, event?: EventKind): Vocabulary {
  base ??= makeBase();
  const attributes = { ...ofResource, ...kind.attributes };
  const facts = event && { ...ofEvent, ...event.attributes };
  const environment = base
    .clone()
    .registerVariable({ name: kind.variable, schema: schemaOf(attributes) });
  if (facts) environment.registerVariable({ name: 'event', schema: schemaOf(facts) });
  return { kind, variable: kind.variable, attributes, event: facts, environment };
}
