/** Takes each difference to the rules that it concerns. */
import type { Difference, Resource } from '../../domain/resource.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { CompiledRule } from '../compiled.ts';
import type { Occasion } from './alert.ts';
import type { Evaluator } from './evaluate.ts';
import type { EngineParts } from './moves.ts';

const looksAt = ({ reads }: CompiledRule, changed: readonly string[]): boolean =>
  reads === undefined || changed.some((name) => reads.has(name));

/**
 * When the difference became so at the source: what was due before then comes first, and what
 * is due at that very moment after it, so that `for: 3m` is not over when the third minute's
 * reading says that it is fine.
 */
export function instantOf(difference: Difference, now: EpochMs): EpochMs {
  if (difference.type === 'happened') return Math.min(difference.event.at, now);
  if (difference.type === 'appeared' || difference.type === 'changed') {
    return Math.min(difference.resource.changedAt, now);
  }
  return now;
}

export class Applier {
  readonly #parts: EngineParts;
  readonly #evaluator: Evaluator;

  constructor(parts: EngineParts, evaluator: Evaluator) {
    this.#parts = parts;
    this.#evaluator = evaluator;
  }

  /** Evaluates the rules that the difference concerns. */
  apply(difference: Difference, now: EpochMs): void {
    const { roster, blame } = this.#parts;
    switch (difference.type) {
      case 'happened':
        this.#happen(difference, now);
        return;
      case 'gone':
        this.#lose(difference.resource, difference.absent ? 'absent' : 'gone', now);
        return;
      case 'stale':
        roster.see(difference.resource, now);
        this.#evaluateKind(difference.resource, { startsAt: now, late: false }, now);
        return;
      case 'appeared':
      case 'fresh': {
        const watched = roster.see(difference.resource, now);
        watched.seenSince = now;
        blame.see(difference.resource);
        this.#evaluateKind(difference.resource, this.#stateOccasion(difference.resource, now), now);
        return;
      }
      case 'changed': {
        const { resource, before, changed } = difference;
        if (before.staleSince !== null) roster.see(resource, now).seenSince = now;
        blame.see(resource);
        const occasion = { ...this.#stateOccasion(resource, now), before, changed };
        this.#evaluateKind(
          resource,
          occasion,
          now,
          before.staleSince === null ? changed : undefined,
        );
      }
    }
  }

  #stateOccasion(resource: Resource, now: EpochMs): Occasion {
    const { seenSince } = this.#parts.roster.see(resource, now);
    return this.#occasion(resource.changedAt, seenSince, now);
  }

  #occasion(startsAt: EpochMs, seenSince: EpochMs, now: EpochMs): Occasion {
    const { foundLateAfter, watchingSince } = this.#parts.limits;
    const unseen = startsAt < seenSince && now - startsAt > foundLateAfter;
    return { startsAt, late: unseen || startsAt < watchingSince };
  }

  #evaluateKind(
    resource: Resource,
    occasion: Occasion,
    now: EpochMs,
    changed?: readonly string[],
  ): void {
    const scope = { resource, past: this.#parts.past, now };
    for (const entry of this.#parts.roster.ofKind(resource.kind)) {
      if (changed === undefined || looksAt(entry.rule, changed)) {
        this.#evaluator.evaluate(entry, scope, occasion);
      }
    }
  }

  #happen({ event, resource }: Extract<Difference, { type: 'happened' }>, now: EpochMs): void {
    const times = { changedAt: event.at, readAt: now, staleSince: null };
    const { kind, id } = event;
    const known = resource ?? { kind, id, collector: '', attributes: {}, ...times };
    const scope = { resource: known, event, past: this.#parts.past, now };
    const isSecondHand = event.foundBy === 'journal' || event.foundBy === 'reconciliation';
    const watched = this.#parts.roster.find(kind, id);
    const seenSince = isSecondHand ? now : (watched?.seenSince ?? now);
    const occasion = this.#occasion(event.at, seenSince, now);
    for (const entry of this.#parts.roster.ofKind(kind)) {
      if (entry.rule.on === event.event) this.#evaluator.happen(entry, event, scope, occasion);
    }
  }

  #lose({ kind, id }: Resource, resolvedBy: string, now: EpochMs): void {
    this.#parts.roster.lose(kind, id);
    this.#parts.blame.lose(kind, id);
    for (const { cells } of this.#parts.roster.ofKind(kind)) {
      const cell = cells.get(id);
      if (cell) this.#evaluator.gone(cell, resolvedBy, now);
    }
  }
}
