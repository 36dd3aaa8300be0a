/** The engine: takes differences, deeds and time to the parts that know what to do. */
import type { Alert, Change } from '../../domain/alert.ts';
import type { ActiveMute } from '../../domain/mute.ts';
import type { Difference, Resource } from '../../domain/resource.ts';
import type { RuleSummary } from '../../domain/rule.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import { type CompiledRules, digestsOf } from '../compiled.ts';
import type { Deed, Engine, EngineMemory, FlapSettings, RaisedByHand } from '../engine.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { Applier, instantOf } from './apply.ts';
import { inOrder } from './cells.ts';
import { Evaluator } from './evaluate.ts';
import { stoodFor } from './flap-alert.ts';
import { Flaps } from './flaps.ts';
import { Hand } from './hand.ts';
import * as memories from './memory.ts';
import type { EngineParts } from './moves.ts';
import { enterRule, replaceRules } from './reload.ts';
import { shiftState } from './step.ts';

const settingsOf = ({ limits }: EngineParts, memory: EngineMemory): FlapSettings | null =>
  limits.flapping === undefined ? (memory.flapping ?? null) : limits.flapping;

export class RuleEngine implements Engine {
  readonly #parts: EngineParts;
  readonly #evaluator: Evaluator;
  readonly #applier: Applier;
  readonly #hand: Hand;
  readonly #acknowledgements: Acknowledgements;
  readonly #flaps: Flaps;
  #summaries: readonly RuleSummary[];
  #instants: Readonly<Record<string, EpochMs>>;
  /** Restored alerts of rules that are no more; they end at the first call that may change. */
  #orphans: readonly Alert[];

  constructor(rules: CompiledRules, memory: EngineMemory, parts: EngineParts) {
    this.#parts = parts;
    this.#evaluator = new Evaluator(parts);
    this.#applier = new Applier(parts, this.#evaluator);
    this.#flaps = new Flaps(parts, settingsOf(parts, memory));
    this.#hand = new Hand(parts, this.#evaluator, this.#flaps);
    this.#acknowledgements = new Acknowledgements(parts.active);
    this.#summaries = rules.summaries;
    parts.roster.replace(rules.rules.map((rule) => enterRule(rule)));
    this.#instants = memory.expiries;
    this.#flaps.restore(memory.turns ?? {}, (rule) => this.#isKnown(memory, rule));
    this.#orphans = memories.restore(memory, parts, {
      hand: (alert) => this.#hand.adopt(alert, memory.expiries[alert.id]),
      flaps: (alert) => this.#isKnown(memory, stoodFor(alert)) && this.#flaps.adopt(alert),
    });
    parts.mutes.restore(memory.alerts);
    for (const { alert } of parts.active.values()) this.#acknowledgements.follow(alert);
    parts.log.follow((change) => {
      this.#acknowledgements.follow(change.alert);
      this.#flaps.note(change);
    });
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
    this.#parts.blame.settle(this.#parts.log, now);
    this.#flaps.settle(now);
    return this.#take(now);
  }

  nextDue(): EpochMs | undefined {
    if (this.#orphans.length > 0) return 0;
    const { dueAt } = this.#parts.blame;
    if (dueAt !== undefined) return dueAt;
    if (this.#flaps.isDue) return 0;
    const ends = this.#acknowledgements.nextDue() ?? Infinity;
    const due = Math.min(this.#parts.due.peek()?.due ?? Infinity, ends);
    return due === Infinity ? undefined : due;
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
    const { roster, blame } = this.#parts;
    for (const kind of kinds) {
      for (const { cells } of roster.ofKind(kind)) {
        for (const cell of inOrder(cells)) {
          const isUnknown = roster.find(kind, cell.id) === undefined;
          if (isUnknown && cell.state) this.#evaluator.gone(cell, resolvedBy, now);
        }
      }
    }
    blame.settleKinds(kinds);
    return this.#take(now);
  }

  reload(rules: CompiledRules, resources: readonly Resource[], now: EpochMs): readonly Change[] {
    this.#endOrphans(now);
    const { roster, past, blame } = this.#parts;
    for (const resource of resources) {
      roster.see(resource, now);
      blame.see(resource);
    }
    const anew = replaceRules(this.#parts, this.#evaluator, rules.rules, now);
    const before = digestsOf({ rules: [], summaries: this.#summaries });
    this.#flaps.keep((rule) => this.#isKnown({ digests: before }, rule), now);
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

  setMutes(mutes: readonly ActiveMute[], now: EpochMs): readonly Change[] {
    this.#endOrphans(now);
    this.#parts.mutes.set(mutes, this.#parts.log, now);
    return this.#take(now);
  }

  setFlapping(settings: FlapSettings | null, now: EpochMs): readonly Change[] {
    this.#flaps.set(settings, now);
    return this.#take(now);
  }

  clockStepped(delta: Ms): void {
    const { roster, due } = this.#parts;
    this.#flaps.clockStepped(delta);
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
      alerts: [...this.active(), ...memories.heldAlerts(this.#parts), ...this.#orphans],
      digests: digestsOf({ rules: [], summaries: this.#summaries }),
      occurrences: Object.fromEntries(occurrences),
      expiries: this.expiries(),
      lastSeq: log.lastSeq,
      turns: this.#flaps.turns(),
      flapping: this.#flaps.settings,
      updates: memories.updatesOf(this.#parts),
    };
  }

  putOff(): number {
    return this.#parts.putOff.size;
  }

  #take(now: EpochMs): readonly Change[] {
    const { blame, log } = this.#parts;
    blame.flush(log, now);
    this.#acknowledgements.end(log, now);
    return log.take();
  }

  #wake(isDue: (dueAt: EpochMs) => boolean, now: EpochMs): void {
    const { due } = this.#parts;
    for (let cell = due.peek(); cell?.due !== undefined && isDue(cell.due); cell = due.peek()) {
      const dueAt = cell.due;
      due.set(cell, undefined);
      if (cell.type === 'hand') this.#hand.expire(cell, now);
      else if (cell.type === 'flap') this.#flaps.wake(cell, now);
      else this.#evaluator.wake(cell, dueAt > 0 ? dueAt : now, now);
    }
  }

  #endOrphans(now: EpochMs): void {
    for (const alert of this.#orphans) {
      if (alert.phase === 'resolved') {
        this.#parts.log.add({ ...alert, stillTrue: false }, 'cleared', now);
        continue;
      }
      const reason = alert.phase === 'pending' ? 'dropped' : 'resolved';
      const end = { phase: 'resolved', resolvedAt: now, resolvedBy: 'rule-removed' } as const;
      this.#parts.log.add({ ...alert, ...end, stale: false }, reason, now);
    }
    this.#orphans = [];
  }

  /** Whether the rule is in force with the content that it had then. */
  #isKnown({ digests }: Pick<EngineMemory, 'digests'>, rule: string): boolean {
    return digests[rule] === this.#parts.roster.byId.get(rule)?.rule.summary.digest;
  }
}
