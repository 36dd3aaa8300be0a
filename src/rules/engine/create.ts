/** Builds the engine: takes differences, deeds and time to the parts that know what to do. */
import type { Alert, Change } from '../../domain/alert.ts';
import type { ActiveMute } from '../../domain/mute.ts';
import type { Past } from '../../domain/past.ts';
import type { Difference, Resource } from '../../domain/resource.ts';
import type { RuleSummary } from '../../domain/rule.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import { seconds } from '../../domain/time.ts';
import { type CompiledRules, digestsOf } from '../compiled.ts';
import type { Deed, Engine, EngineMemory, RaisedByHand } from '../engine.ts';
import { Applier, instantOf } from './apply.ts';
import { Blame } from './blame.ts';
import { Roster } from './cells.ts';
import { DueQueue } from './due.ts';
import { Evaluator } from './evaluate.ts';
import { Hand } from './hand.ts';
import { ChangeLog } from './log.ts';
import * as memories from './memory.ts';
import type { EngineLimits, EngineParts } from './moves.ts';
import { enterRule, replaceRules } from './reload.ts';
import { shiftState } from './step.ts';

const defaultLimits: EngineLimits = {
  alertsMax: 20_000,
  foundLateAfter: seconds(5),
  watchingSince: 0,
};

class RuleEngine implements Engine {
  readonly #parts: EngineParts;
  readonly #evaluator: Evaluator;
  readonly #applier: Applier;
  readonly #hand: Hand;
  #summaries: readonly RuleSummary[];
  #instants: Readonly<Record<string, EpochMs>>;
  /** Restored alerts of rules that are no more; they end at the first call that may change. */
  #orphans: readonly Alert[];

  constructor(rules: CompiledRules, memory: EngineMemory, parts: EngineParts) {
    this.#parts = parts;
    this.#evaluator = new Evaluator(parts);
    this.#applier = new Applier(parts, this.#evaluator);
    this.#hand = new Hand(parts, this.#evaluator);
    this.#summaries = rules.summaries;
    parts.roster.replace(rules.rules.map((rule) => enterRule(rule)));
    this.#instants = memory.expiries;
    this.#orphans = memories.restore(memory, parts);
  }

  apply(differences: readonly Difference[], now: EpochMs): readonly Change[] {
    this.#endOrphans(now);
    for (const difference of differences) {
      this.#wake((dueAt) => dueAt < instantOf(difference, now), now);
      this.#applier.apply(difference, now);
    }
    this.#wake((dueAt) => dueAt <= now, now);
    return this.#take(now);
  }

  advance(now: EpochMs): readonly Change[] {
    this.#endOrphans(now);
    this.#wake((dueAt) => dueAt <= now, now);
    return this.#take(now);
  }

  nextDue(): EpochMs | undefined {
    return this.#orphans.length > 0 ? 0 : this.#parts.due.peek()?.due;
  }

  act(alertId: string, deed: Deed, by: string, now: EpochMs): readonly Change[] {
    const cell = this.#parts.active.get(alertId);
    if (cell) this.#hand.act(cell, deed, by, now);
    return this.#take(now);
  }

  raise(alert: RaisedByHand, by: string, now: EpochMs): readonly Change[] {
    this.#hand.raise(alert, by, now);
    return this.#take(now);
  }

  findRaised(alert: RaisedByHand): Alert | undefined {
    return this.#hand.find(alert)?.alert;
  }

  settle(
    kinds: readonly string[],
    now: EpochMs,
    resolvedBy: 'gone' | 'absent' = 'gone',
  ): readonly Change[] {
    const { roster } = this.#parts;
    for (const kind of kinds) {
      for (const { cells } of roster.ofKind(kind)) {
        for (const cell of cells.values()) {
          const isUnknown = roster.find(kind, cell.id) === undefined;
          if (isUnknown && cell.state) this.#evaluator.gone(cell, resolvedBy, now);
        }
      }
    }
    return this.#take(now);
  }

  reload(rules: CompiledRules, resources: readonly Resource[], now: EpochMs): readonly Change[] {
    this.#endOrphans(now);
    const { roster, past } = this.#parts;
    for (const resource of resources) roster.see(resource, now);
    const anew = replaceRules(this.#parts, this.#evaluator, rules.rules, now);
    this.#summaries = rules.summaries;
    for (const resource of resources) {
      const scope = { resource, past, now };
      for (const entry of roster.ofKind(resource.kind)) {
        if (!anew.has(entry)) continue;
        this.#evaluator.evaluate(entry, scope, { startsAt: resource.changedAt, late: false });
      }
    }
    return this.#take(now);
  }

  setMutes(_mutes: readonly ActiveMute[], now: EpochMs): readonly Change[] {
    return this.#take(now);
  }

  clockStepped(delta: Ms): void {
    const { roster, due } = this.#parts;
    for (const { cells } of roster.byId.values()) {
      for (const cell of cells.values()) {
        if (cell.state) cell.state = shiftState(cell.state, delta);
        // What it waits for may be a moment of the clock; asking it once tells.
        if (cell.due !== undefined) due.set(cell, 0);
      }
    }
  }

  active(): readonly Alert[] {
    return Array.from(this.#parts.active.values(), (cell) => cell.alert);
  }

  rules(): readonly RuleSummary[] {
    return this.#summaries;
  }

  expiries(): Readonly<Record<string, EpochMs>> {
    const instants = memories.renderInstants(this.#parts);
    if (!memories.sameInstants(instants, this.#instants)) this.#instants = instants;
    return this.#instants;
  }

  memory(): EngineMemory {
    const { occurrences, log } = this.#parts;
    return {
      alerts: [...this.active(), ...this.#orphans],
      digests: digestsOf({ rules: [], summaries: this.#summaries }),
      occurrences: Object.fromEntries(occurrences),
      expiries: this.expiries(),
      lastSeq: log.lastSeq,
    };
  }

  putOff(): number {
    return this.#parts.putOff.size;
  }

  #take(now: EpochMs): readonly Change[] {
    this.#parts.blame.flush(this.#parts.log, now);
    return this.#parts.log.take();
  }

  #wake(isDue: (dueAt: EpochMs) => boolean, now: EpochMs): void {
    const { due } = this.#parts;
    for (let cell = due.peek(); cell?.due !== undefined && isDue(cell.due); cell = due.peek()) {
      const dueAt = cell.due;
      due.set(cell, undefined);
      if (cell.type === 'hand') this.#hand.expire(cell, now);
      else this.#evaluator.wake(cell, dueAt > 0 ? dueAt : now, now);
    }
  }

  #endOrphans(now: EpochMs): void {
    for (const alert of this.#orphans) {
      const reason = alert.phase === 'pending' ? 'dropped' : 'resolved';
      const end = { phase: 'resolved', resolvedAt: now, resolvedBy: 'rule-removed' } as const;
      this.#parts.log.add({ ...alert, ...end, stale: false }, reason, now);
    }
    this.#orphans = [];
  }
}

/** `past` is the inventory's; `kindVariable` says what a kind's resources are called in labels. */
export function createEngine(
  rules: CompiledRules,
  memory: EngineMemory,
  past: Past,
  kindVariable: (kind: string) => string,
  limits: Partial<EngineLimits> = {},
): Engine {
  const roster = new Roster();
  return new RuleEngine(rules, memory, {
    roster,
    log: new ChangeLog(memory.lastSeq),
    due: new DueQueue(),
    blame: new Blame(roster),
    active: new Map(),
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
