/** For tests of the engine: rules made of plain functions, and readings drawn as one line. */
import type { Alert, Change } from '../../domain/alert.ts';
import type { AttributeReading } from '../../domain/reading.ts';
import { isUnreadable } from '../../domain/reading.ts';
import type { Difference, Resource } from '../../domain/resource.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { CompiledRule, CompiledRules, Condition } from '../compiled.ts';
import type { Engine, EngineMemory, RaisedByHand } from '../engine.ts';
import { createEngine, emptyMemory } from './create.ts';

/** True for numbers that pass; unknown where the attribute was not read or is unreadable. */
const compares =
  (attribute: string, passes: (value: number) => boolean): Condition =>
  ({ resource }) => {
    const value = resource.attributes[attribute];
    if (value === undefined || isUnreadable(value)) return { type: 'unknown', why: 'unreadable' };
    if (typeof value !== 'number') return { type: 'false' };
    return { type: passes(value) ? 'true' : 'false', value };
  };

export const above = (limit: number, attribute = 'x'): Condition =>
  compares(attribute, (value) => value > limit);
export const atMost = (limit: number, attribute = 'x'): Condition =>
  compares(attribute, (value) => value <= limit);
export const always: Condition = () => ({ type: 'true' });

export function fakeRule(facts: Partial<CompiledRule> & { readonly id: string }): CompiledRule {
  const levels = facts.levels ?? [{ severity: 'warning', when: above(50), for: 0 }];
  return {
    kind: 'test.thing',
    keepFiringFor: 0,
    latch: 'none',
    inhibitedBy: [],
    labels: {},
    every: 60_000,
    render: (text, { resource, event }) => `${text} of ${resource.id} ${event?.key ?? ''}`.trim(),
    summary: {
      id: facts.id,
      kind: facts.kind ?? 'test.thing',
      form: 'condition',
      source: 'system',
      severities: levels.map(({ severity }) => severity),
      title: '',
      enabled: true,
      file: '',
      line: 1,
      dropIns: [],
      digest: facts.id,
      definition: {},
    },
    ...facts,
    levels,
  };
}

export const ruleSet = (...rules: CompiledRule[]): CompiledRules => ({
  rules,
  summaries: rules.map(({ summary }) => summary),
});

export const fakeEngine = (
  rules: CompiledRules,
  memory: EngineMemory = emptyMemory,
  limits: Parameters<typeof createEngine>[4] = {},
): Engine =>
  createEngine(
    rules,
    memory,
    () => [],
    () => 'thing',
    limits,
  );

export function thing(
  id: string,
  attributes: Record<string, AttributeReading>,
  at: EpochMs,
): Resource {
  const times = { changedAt: at, readAt: at, staleSince: null };
  return { kind: 'test.thing', id, collector: 'test', attributes, ...times };
}

export const raisedByHand: RaisedByHand = {
  severity: 'warning',
  source: 'task',
  title: 'Backup late',
  message: '',
  advice: '',
  resource: { kind: 'task.run', id: 'nightly' },
  labels: { job: 'nightly' },
  key: 'late',
  expiresAt: Date.UTC(2026, 10, 22, 1),
};

type Appeared = Extract<Difference, { readonly type: 'appeared' }>;
export const appeared = (resource: Resource): Appeared => ({ type: 'appeared', resource });

export function changed(before: Resource, attributes: Resource['attributes'], at: EpochMs) {
  const merged = { ...before.attributes, ...attributes };
  const resource = { ...before, attributes: merged, changedAt: at, readAt: at };
  const names = Object.keys(attributes);
  return { type: 'changed', resource, before, changed: names } as const satisfies Difference;
}

/** `.` no alert, `p` pending, `F` firing, and for other severities than warning `c` or `i`. */
export function draw(alert: Alert | undefined): string {
  if (alert === undefined) return '.';
  const phase = alert.phase === 'pending' ? 'p' : 'F';
  const severity = alert.severity === 'warning' ? '' : (alert.severity[0] ?? '');
  return `${phase}${severity}${alert.stale ? '?' : ''}`;
}

/** `40 51x3` -> 40 51 51 51 */
export const spread = (text: string): string[] =>
  text.split(' ').flatMap((word) => {
    const [value = '', count = '1'] = word.split('x');
    return Array.from({ length: Number(count) }, () => value);
  });

/** `RULE RESOURCE REASON` for each change. */
export const told = (changes: readonly Change[]): string[] =>
  changes.map(({ reason, alert }) => `${alert.rule} ${alert.resource.id} ${reason}`);
