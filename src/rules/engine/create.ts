/** Builds the engine out of its parts. */
import type { Past } from '../../domain/past.ts';
import { seconds } from '../../domain/time.ts';
import { Causes } from '../cause/causes.ts';
import type { CompiledRules } from '../compiled.ts';
import type { Engine, EngineMemory } from '../engine.ts';
import { Blame } from './blame.ts';
import { type AlertCell, type Cell, type FlapCell, type HandCell, Roster } from './cells.ts';
import { DueQueue } from './due.ts';
import { ChangeLog } from './log.ts';
import type { EngineLimits } from './moves.ts';
import { Mutes } from './mutes.ts';
import { RuleEngine } from './rule-engine.ts';

const defaultLimits: EngineLimits = {
  alertsMax: 20_000,
  raisedMax: 10_000,
  foundLateAfter: seconds(5),
  watchingSince: 0,
};

/** What is due at one moment is done by rule, then by resource. */
const nameOfCell = (cell: Cell | HandCell | FlapCell): string =>
  cell.type === 'rule' ? `${cell.entry.rule.id} ${cell.id}` : cell.alert.id;

/** `past` is the inventory's; `kindVariable` says what a kind's resources are called in labels. */
export function createEngine(
  rules: CompiledRules,
  memory: EngineMemory,
  past: Past,
  kindVariable: (kind: string) => string,
  limits: Partial<EngineLimits> = {},
): Engine {
  const roster = new Roster();
  const active = new Map<string, AlertCell>();
  const flapping = new Map<string, FlapCell>();
  const mutes = new Mutes(active, flapping);
  return new RuleEngine(rules, memory, {
    roster,
    log: new ChangeLog(memory.lastSeq),
    due: new DueQueue(nameOfCell),
    blame: new Blame(roster, mutes, limits.kinds && new Causes(limits.kinds)),
    mutes,
    active,
    flapping,
    occurrences: new Map(),
    putOff: new Map(),
    held: new Set(),
    past,
    kindVariable,
    limits: { ...defaultLimits, ...limits },
  });
}

export const emptyMemory: EngineMemory = {
  alerts: [],
  digests: {},
  occurrences: {},
  expiries: {},
  lastSeq: 0,
};
