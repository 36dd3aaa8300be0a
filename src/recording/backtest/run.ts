/**
 * The backtest: kept readings go through one inventory into two engines, one with the candidates
 * and one with the rules in force, and what each would have said is counted.
 */
import { numbersOf } from '../../domain/kind.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { CompiledRules } from '../../rules/compiled.ts';
import { applyInput } from '../input.ts';
import { type Kept, type KeptWish, readKept } from '../kept/read.ts';
import {
  type BacktestAnswer,
  type BacktestQuestion,
  type ChannelCount,
  muteOf,
  type TriedSilence,
} from './question.ts';
import { type RuleSets, ruleSetsOf } from './rule-sets.ts';
import { createSides, type Listeners } from './sides.ts';

/** Gaps that are named; further ones are counted. */
const gapsMax = 100;
export interface BacktestParts {
  readonly question: BacktestQuestion;
  /** Segments from the one that holds `since` on, oldest first. */
  readonly segments: readonly (() => Buffer)[];
  /** From 0 to 1. */
  readonly onProgress: (part: number) => void;
  /** For routes: both sides run then, also without candidate rules. */
  readonly listeners?: Listeners;
}

/** What the rules look at, and nothing else. */
function wishOf(sets: readonly CompiledRules[], { kinds, whole }: BacktestQuestion): KeptWish {
  const rules = sets.flatMap((set) => set.rules);
  const byKind = Map.groupBy(rules, ({ kind }) => kind);
  const numbers = new Map(
    kinds.map((kind) => {
      const { name } = kind;
      const own = byKind.get(name) ?? [];
      const isRead = (one: string): boolean => own.some(({ reads }) => reads?.has(one) ?? true);
      return [name, new Set(numbersOf(kind).filter(isRead))];
    }),
  );
  // Causes are found over resources of all kinds.
  const wanted = whole ? kinds.map(({ name }) => name) : byKind.keys();
  return { kinds: new Set(wanted), numbers: (kind) => numbers.get(kind) ?? new Set() };
}

/** The moments at which another set of silences holds. */
function silenceSteps(silences: readonly TriedSilence[]): readonly EpochMs[] {
  const moments = silences.flatMap(({ startsAt = 0, endsAt = Infinity }) => [startsAt, endsAt]);
  return [...new Set(moments)].filter(Number.isFinite).sort((a, b) => a - b);
}

class Run {
  readonly #parts: BacktestParts;
  readonly #sets: RuleSets;
  readonly #steps: EpochMs[];
  readonly #house: ReturnType<typeof createSides>;
  #from: EpochMs | undefined;
  #to: EpochMs = 0;
  #inputs = 0;
  #gaps: { readonly from: EpochMs; readonly to: EpochMs }[] = [];
  #toldProgress = 0;

  constructor(parts: BacktestParts, sets: RuleSets) {
    this.#parts = parts;
    this.#sets = sets;
    this.#steps = [...silenceSteps(parts.question.silences)];
    const { since } = parts.question;
    const begin = (): EpochMs => Math.max(since, this.#from ?? 0);
    this.#house = createSides(sets, parts.question, begin, parts.listeners);
  }

  play(): BacktestAnswer {
    const { question, segments } = this.#parts;
    const wish = wishOf([this.#sets.candidate, this.#sets.inForce], question);
    for (const kept of readKept(segments, wish)) {
      const at = kept.type === 'gap' ? kept.to : kept.at;
      if (at > question.until) break;
      this.#take(kept, at);
    }
    if (this.#from === undefined || this.#to < question.since)
      return { type: 'empty', why: 'no readings are kept of that time' };
    for (const side of this.#house.sides) side.wake(this.#to + 1);
    return this.#answer();
  }

  #take(kept: Kept, at: EpochMs): void {
    this.#from ??= at;
    this.#to = Math.max(this.#to, at);
    if (kept.type === 'gap') this.#gaps.push({ from: kept.from, to: kept.to });
    if (kept.type !== 'input') this.#advance(at);
    else {
      this.#advance(at);
      this.#inputs++;
      this.#apply(kept);
    }
  }

  #apply({ input, at }: Extract<Kept, { readonly type: 'input' }>): void {
    const [first, second] = this.#house.sides;
    if (first === undefined) return;
    const { differences, changes } = applyInput(first.judges, input, at);
    first.take(changes, at);
    if (second === undefined) return;
    if (input.type === 'clock') second.judges.engine.clockStepped(input.delta);
    else if (differences.length > 0) second.take(second.judges.engine.apply(differences, at), at);
  }

  #advance(at: EpochMs): void {
    for (let step = this.#steps[0]; step !== undefined && step <= at; step = this.#steps[0]) {
      this.#steps.shift();
      this.#silence(step);
    }
    for (const side of this.#house.sides) side.wake(at);
    const { since, until } = this.#parts.question;
    const part = Math.min(1, Math.max(0, (at - since) / Math.max(1, until - since)));
    if (part - this.#toldProgress < 0.01) return;
    this.#toldProgress = part;
    this.#parts.onProgress(part);
  }

  #silence(step: EpochMs): void {
    const mutes = this.#parts.question.silences.flatMap((silence, place) => {
      const { startsAt = 0, endsAt = Infinity } = silence;
      return startsAt <= step && step < endsAt ? [muteOf(silence, place)] : [];
    });
    // What is tried is tried on the candidates; what is in force stays as it is.
    const [first] = this.#house.sides;
    first?.wake(step);
    first?.take(first.judges.engine.setMutes(mutes, step), step);
  }

  #answer(): BacktestAnswer {
    const { question } = this.#parts;
    const [first, second] = this.#house.sides;
    const has = ({ summaries }: CompiledRules, id: string): boolean =>
      summaries.some((one) => one.id === id && one.enabled);
    const from = Math.max(question.since, this.#from ?? 0);
    return {
      type: 'done',
      from,
      to: this.#to,
      rules: this.#sets.ids.map((id) => ({
        id,
        candidate:
          question.text !== undefined && has(this.#sets.candidate, id)
            ? (first?.tally.reportOf(id) ?? null)
            : null,
        inForce: has(this.#sets.inForce, id)
          ? ((second ?? first)?.tally.reportOf(id) ?? null)
          : null,
      })),
      silenced: question.silences.map((_, place) => first?.tally.silencedBy(`tried-${place}`) ?? 0),
      channels: this.#channels(),
      gaps: this.#gaps.filter(({ to }) => to > from).slice(0, gapsMax),
      notes: this.#notes(from),
      inputs: this.#inputs,
    };
  }

  #channels(): readonly ChannelCount[] {
    const { listeners } = this.#parts;
    if (listeners === undefined) return [];
    const [tried, present] = [listeners.candidate, listeners.inForce].map((one) =>
      one.counts(this.#to),
    );
    const names = new Set([...(present?.keys() ?? []), ...(tried?.keys() ?? [])]);
    return Array.from(names, (channel) => ({
      channel,
      messages: tried?.get(channel) ?? null,
      inForce: present?.get(channel) ?? null,
    }));
  }

  #notes(from: EpochMs): readonly string[] {
    const { question } = this.#parts;
    const wish = wishOf([this.#sets.candidate], question);
    const readsNumbers = [...wish.kinds].some((kind) => (wish.numbers(kind)?.size ?? 1) > 0);
    const isShort = from > question.since + 60_000;
    return [
      ...(isShort ? [`readings are kept from ${new Date(from).toISOString()} on, not before`] : []),
      ...(readsNumbers ? ['numbers are kept once a minute: shorter peaks are not seen'] : []),
      ...(question.whole
        ? []
        : ['only these rules ran: causes among other rules mute nothing here']),
      ...(this.#gaps.length > 0 ? [`${this.#gaps.length} gaps: nothing was kept then`] : []),
      'acknowledgements and silences of that time are not played',
    ];
  }
}

export function runBacktest(parts: BacktestParts): BacktestAnswer {
  const sets = ruleSetsOf(parts.question);
  if (!('ids' in sets)) return { type: 'refused', complaints: sets };
  if (parts.segments.length === 0) return { type: 'empty', why: 'no readings are kept yet' };
  return new Run(parts, sets).play();
}
