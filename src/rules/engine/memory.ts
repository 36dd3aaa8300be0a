/**
 * What survives a restart. An alert says nearly everything about its state; what it does not say
 * is kept as named instants in `EngineMemory.expiries`:
 *
 *   ID                   end of an alert raised by hand
 *   level ID N           since when level N of the alert waits; 0 when it does not and is not on
 *   kept ID              since when it fires only because of `keepFiringFor`
 *   anew ID              its rule was written anew, and its resource was not read since then
 *   target ID RULE NAME  the alert of RULE for NAME would mute it (see inhibition.ts)
 *   held RULE KIND ID    the same as an alert that is `stillTrue`, from before alerts said so
 */
import { type Alert, rankOf } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { EngineMemory } from '../engine.ts';
import { type Cell, createCell, occurrenceKey, type RuleEntry } from './cells.ts';
import { isOfFlaps } from './flap-alert.ts';
import { addTargets, areTargetsPlain, restoreTargets } from './inhibition.ts';
import type { EngineParts } from './moves.ts';
import type { LevelState, StepState } from './step.ts';

type Instants = Readonly<Record<string, EpochMs>>;

const heldAt: EpochMs = 1;
const anewAt: EpochMs = 1;
const idle: LevelState = { since: null, on: false };

function shownLevel({ rule }: RuleEntry, alert: Alert): number {
  const exact = rule.levels.findIndex(({ severity }) => severity === alert.severity);
  if (exact >= 0) return exact;
  const rank = rankOf(alert.severity);
  return Math.max(
    rule.levels.findLastIndex(({ severity }) => rankOf(severity) <= rank),
    0,
  );
}

/** What the alert alone says about the levels: those up to the one shown are on, or it waits. */
function plainLevels({ rule }: RuleEntry, alert: Alert, kept: boolean): LevelState[] {
  const shown = shownLevel({ rule } as RuleEntry, alert);
  return rule.levels.map((_, i) => {
    if (alert.phase === 'pending')
      return i === shown ? { since: alert.detectedAt, on: false } : idle;
    return i <= shown && !kept ? { since: alert.firingAt, on: true } : idle;
  });
}

function restoreState(entry: RuleEntry, alert: Alert, instants: Instants): StepState {
  const { rule, form } = entry;
  const level = shownLevel(entry, alert);
  const timed = form === 'event' && rule.keepFiringFor > 0 && rule.latch === 'none';
  const keptSince = instants[`kept ${alert.id}`] ?? (timed ? alert.detectedAt : null);
  const isKept = form === 'state' && keptSince !== null;
  const levels = plainLevels(entry, alert, isKept).map((plain, i) => {
    const since = instants[`level ${alert.id} ${i}`];
    return since === undefined ? plain : { since: since === 0 ? null : since, on: false };
  });
  const phase = alert.phase === 'firing' ? 'firing' : 'pending';
  return { phase, level, levels, keptSince, stale: alert.stale };
}

function restoreHeld(
  entries: ReadonlyMap<string, RuleEntry>,
  instants: Instants,
): { readonly entry: RuleEntry; readonly id: string }[] {
  return Object.keys(instants).flatMap((name) => {
    const [word, rule = '', kind, ...id] = name.split(' ');
    const entry = entries.get(rule);
    return word === 'held' && entry && entry.rule.kind === kind
      ? [{ entry, id: id.join(' ') }]
      : [];
  });
}

/** The state of a cell that was held; its levels no longer matter. */
const heldState = ({ rule }: RuleEntry): StepState => ({
  phase: 'held',
  level: 0,
  levels: rule.levels.map(() => idle),
  keptSince: null,
  stale: false,
});

/** True for nearly all: one level, which does what the alert alone says. */
function saysAll(alert: Alert, { levels, keptSince }: StepState): boolean {
  const [only] = levels;
  if (levels.length !== 1 || only === undefined || keptSince !== null) return false;
  return alert.phase === 'firing' ? only.on : only.since === alert.detectedAt;
}

function addCell(into: Record<string, EpochMs>, cell: Cell, alert: Alert, state: StepState): void {
  if (saysAll(alert, state)) return;
  const plain = restoreState(cell.entry, alert, {});
  if (state.keptSince !== null && state.keptSince !== plain.keptSince) {
    into[`kept ${alert.id}`] = state.keptSince;
  }
  if (cell.entry.form === 'event') return;
  const base = plainLevels(cell.entry, alert, state.keptSince !== null);
  state.levels.forEach((level, i) => {
    const isPlain = level.on === base[i]?.on && (level.on || level.since === base[i].since);
    if (!isPlain && !level.on) into[`level ${alert.id} ${i}`] = level.since ?? 0;
  });
}

/** Asked for every active alert at each commit, so what was found plain is not looked at again. */
function isPlain(cell: Cell, now: Alert, step: StepState, active: EngineParts['active']): boolean {
  const { anew, entry, plain, state, alert, targets } = cell;
  if (anew) return false;
  const isSame = plain?.alert === alert && plain?.state === state;
  if (isSame && plain?.targets === targets && plain.entry === entry) return true;
  if (!saysAll(now, step) || !areTargetsPlain(cell, active)) return false;
  cell.plain = { entry, state, alert, targets };
  return true;
}

export function renderInstants(parts: EngineParts): Instants {
  const instants: Record<string, EpochMs> = {};
  for (const cell of parts.active.values()) {
    if (cell.type === 'hand') {
      if (cell.due !== undefined) instants[cell.alert.id] = cell.due;
    } else if (cell.type === 'rule' && cell.state) {
      if (isPlain(cell, cell.alert, cell.state, parts.active)) continue;
      addCell(instants, cell, cell.alert, cell.state);
      if (cell.anew) instants[`anew ${cell.alert.id}`] = anewAt;
      addTargets(instants, cell, parts.active);
    }
  }
  for (const cell of parts.held) {
    if (cell.held) continue;
    const { id, kind } = cell.entry.rule;
    instants[`held ${occurrenceKey(id, kind, cell.id)}`] = heldAt;
  }
  return instants;
}

/** Of those alerts whose texts have changed. */
export function updatesOf({ active }: EngineParts): Readonly<Record<string, number>> {
  const updates: Record<string, number> = {};
  for (const cell of active.values()) {
    if (cell.type === 'rule' && cell.updates > 0) updates[cell.alert.id] = cell.updates;
  }
  return updates;
}

export function sameInstants(a: Instants, b: Instants): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** Alerts that were resolved by hand and are still true, in the order in which that was done. */
export function heldAlerts({ held, flapping }: EngineParts): Alert[] {
  const ofRules = [...held].flatMap((cell) => cell.held ?? []);
  const ofFlaps = Array.from(flapping.values(), ({ alert }) => alert);
  return [...ofRules, ...ofFlaps.filter(({ phase }) => phase === 'resolved')];
}

/** Take alerts that no rule in a file has made; `flaps` says whether it still can be so. */
interface Adopters {
  hand(alert: Alert): void;
  flaps(alert: Alert): boolean;
}

function restoreOne(alert: Alert, memory: EngineMemory, parts: EngineParts): boolean {
  const { roster, active, due, held } = parts;
  const entry = roster.byId.get(alert.rule);
  if (entry === undefined || entry.rule.kind !== alert.resource.kind) return false;
  const isOther = memory.digests[alert.rule] !== entry.rule.summary.digest;
  const anew = isOther || `anew ${alert.id}` in memory.expiries;
  if (alert.phase === 'resolved') {
    // It can have begun anew since only if it was false once: then it is not still true.
    if (entry.cells.has(alert.resource.id)) return false;
    const facts = { state: heldState(entry), held: alert, anew };
    held.add(Object.assign(createCell(entry, alert.resource.id), facts));
    return true;
  }
  const state = restoreState(entry, alert, memory.expiries);
  const cell = Object.assign(createCell(entry, alert.resource.id), { alert, state, anew });
  cell.updates = memory.updates?.[alert.id] ?? 0;
  active.set(alert.id, cell);
  if (entry.form === 'event' && state.keptSince !== null) {
    due.set(cell, state.keptSince + entry.rule.keepFiringFor);
  }
  return true;
}

/** Makes cells of the memory; returns the alerts whose rule is no more. */
export function restore(memory: EngineMemory, parts: EngineParts, adopt: Adopters): Alert[] {
  const { roster, occurrences, held, active, blame } = parts;
  const orphans: Alert[] = [];
  for (const [key, count] of Object.entries(memory.occurrences)) occurrences.set(key, count);
  for (const alert of memory.alerts) {
    if (alert.origin !== 'rule') adopt.hand(alert);
    else if (isOfFlaps(alert)) {
      if (!adopt.flaps(alert)) orphans.push(alert);
    } else if (!restoreOne(alert, memory, parts)) orphans.push(alert);
  }
  for (const { entry, id } of restoreHeld(roster.byId, memory.expiries)) {
    if (entry.cells.has(id)) continue;
    held.add(Object.assign(createCell(entry, id), { state: heldState(entry) }));
  }
  const firing = Array.from(active.values()).filter(
    (cell) => cell.type === 'rule' && cell.state?.phase === 'firing',
  );
  blame.restore(firing as Cell[], restoreTargets(memory.expiries, active));
  return orphans;
}
