/** The levels of a rule: their conditions, hysteresis and waiting times. */
import { type Severity, severities } from '../../domain/alert.ts';
import type { Ms } from '../../domain/time.ts';
import type { CompiledLevel, CompiledRule, Condition } from '../compiled.ts';
import { makeCondition } from '../language/condition.ts';
import {
  type Fields,
  readDuration,
  readMap,
  readOneOf,
  readText,
  refuseUnknownFields,
} from './fields.ts';
import { type Compiling, compileExpression } from './rule-parts.ts';

type Latch = CompiledRule['latch'];

function compileWhen(c: Compiling, fields: Fields): Condition | undefined {
  const given = readText(fields, 'when', { needed: !c.isEvent, as: 'expression' });
  if (given === undefined) return c.isEvent ? () => ({ type: 'true' }) : undefined;
  const made = compileExpression(c, given, c.words, 'flag');
  if (made === undefined) return undefined;
  if (made.compiled.constant === false)
    c.complain(given.tree, 'this is never true: the rule matches nothing', { level: 'warning' });
  return makeCondition(made.compiled, { every: c.every, inapplicable: 'false' });
}

function compileClear(c: Compiling, fields: Fields, latch: Latch): Condition | undefined {
  const given = readText(fields, 'clear', { as: 'expression' });
  const made = given && compileExpression(c, given, c.stateWords, 'flag');
  // A later success must have been seen.
  const inapplicable = latch === 'success' ? 'false' : 'true';
  return made && makeCondition(made.compiled, { every: c.every, inapplicable });
}

function compileLevel(
  c: Compiling,
  fields: Fields,
  severity: Severity,
  { latch, otherwise }: { readonly latch: Latch; readonly otherwise: Ms },
): CompiledLevel | undefined {
  const when = compileWhen(c, fields);
  const clear = compileClear(c, fields, latch);
  const level = { severity, for: readDuration(fields, 'for', { least: 0, otherwise }) };
  if (latch === 'success' && !fields.map.fields.has('clear'))
    c.complain(fields.map, '"latch: success" needs "clear": what the later success is');
  if (when === undefined) return undefined;
  return clear === undefined ? { ...level, when } : { ...level, when, clear };
}

/** From the least to the most severe; a rule with one condition has one level. */
export function compileLevels(c: Compiling, latch: Latch): readonly CompiledLevel[] {
  const { fields, complain } = c;
  const hasLevels = fields.map.fields.has('levels');
  const severity = readOneOf(fields, 'severity', severities);
  if (!hasLevels) {
    if (!fields.map.fields.has('severity'))
      complain(fields.map, `${fields.what} has neither "severity" nor "levels"`);
    const level = compileLevel(c, fields, severity ?? 'info', { latch, otherwise: 0 });
    return level === undefined ? [] : [level];
  }
  for (const name of ['severity', 'when', 'clear']) {
    const field = fields.map.fields.get(name);
    if (field) complain(field.key, `"${name}" and "levels" exclude each other`);
  }
  const otherwise = readDuration(fields, 'for', { least: 0, otherwise: 0 });
  const map = readMap(fields, 'levels');
  if (map === undefined) return [];
  refuseUnknownFields({ map, what: '"levels"', complain }, severities);
  if (map.fields.size === 0) complain(map, '"levels" is empty');
  return severities.flatMap((name) => {
    const tree = map.fields.get(name)?.value;
    if (tree === undefined) return [];
    if (tree.type !== 'map') {
      complain(tree, `level "${name}" must hold "when", "clear" and "for"`);
      return [];
    }
    const inner: Fields = { map: tree, what: `level "${name}"`, complain };
    refuseUnknownFields(inner, ['when', 'clear', 'for']);
    return compileLevel(c, inner, name, { latch, otherwise }) ?? [];
  });
}
