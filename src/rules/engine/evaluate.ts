/** Asks the rules about a resource, lets `step` decide, and keeps the waiting times. */
import type { ResolvedBy } from '../../domain/alert.ts';
import type { Event } from '../../domain/reading.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import { minutes } from '../../domain/time.ts';
import type { Scope } from '../compiled.ts';
import type { Occasion } from './alert.ts';
import { type Cell, createCell, type RuleEntry } from './cells.ts';
import type { Author } from './log.ts';
import { type EngineParts, type Judgement, Mover } from './moves.ts';
import { renewState } from './renew.ts';
import { quiet, type Signs, signAfterEvent, signsOf } from './signs.ts';
import { type StepResult, step, stepAfterEvent, stepEvent, stepGone } from './step.ts';

const putOffFor = minutes(1);
/** A condition that asks to be asked again in the past is asked after this. */
const againAfter: Ms = 100;
const noSigns: Signs = { signs: [], again: Infinity, value: undefined };

export class Evaluator {
  readonly #parts: EngineParts;
  readonly #mover: Mover;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#mover = new Mover(parts);
  }

  /** Asks the rule about the resource in `scope`. */
  evaluate(entry: RuleEntry, scope: Scope, occasion: Occasion): void {
    const { rule } = entry;
    const cell = entry.cells.get(scope.resource.id);
    if (entry.form === 'event') {
      if (cell?.state) this.#afterEvent(cell, scope, occasion);
      return;
    }
    const asked = this.#ask(entry, cell, scope);
    if (asked === quiet) {
      if (cell) this.#mover.remove(cell);
      return;
    }
    const { signs } = asked;
    if (cell?.anew && !signs.includes('unknown')) {
      cell.anew = false;
      cell.state = renewState(rule, cell, signs, scope.now);
      if (cell.state === undefined) {
        this.end(cell, 'rule-removed', scope.now);
        this.evaluate(entry, scope, occasion);
        return;
      }
    }
    const result = step(rule, cell?.state, signs, scope.now);
    this.#take(entry, cell, { scope, occasion, asked, result, resolvedBy: 'recovered' });
    // A level that is none of the alert's own may be waiting when the alert ends.
    if (result.move === 'resolved' && signs.includes('up')) this.evaluate(entry, scope, occasion);
  }

  /** An event of the kind and name that the rule waits for. */
  happen(entry: RuleEntry, event: Event, scope: Scope, occasion: Occasion): void {
    const { rule } = entry;
    const verdicts = rule.levels.map((level) => level.when(scope));
    const level = verdicts.findLastIndex(({ type }) => type === 'true');
    if (level < 0) return;
    const cell = entry.cells.get(event.id);
    if (cell) this.#parts.putOff.delete(cell);
    const result = stepEvent(rule, cell?.state, level, scope.now);
    const asked = { ...noSigns, value: verdicts[level]?.value };
    this.#take(entry, cell, { scope, occasion, asked, result, resolvedBy: 'expired' });
  }

  /** The cell's time has come. */
  wake(cell: Cell, dueAt: EpochMs, now: EpochMs): void {
    const { roster, past, putOff } = this.#parts;
    const watched = roster.find(cell.entry.rule.kind, cell.id);
    const event = putOff.get(cell);
    const resource = watched?.resource ?? standIn(cell, now);
    const occasion = { startsAt: event?.at ?? dueAt, late: false };
    if (event) this.happen(cell.entry, event, { resource, event, past, now }, occasion);
    else if (watched || cell.entry.form === 'event') {
      this.evaluate(cell.entry, { resource, past, now }, occasion);
    }
  }

  /** The resource went away. */
  gone(cell: Cell, resolvedBy: ResolvedBy, now: EpochMs): void {
    if (cell.state === undefined) {
      this.#mover.remove(cell);
      return;
    }
    const { rule, form } = cell.entry;
    const { state, due } = stepGone(rule, cell.state, form);
    if (state === undefined) this.end(cell, resolvedBy, now);
    else {
      cell.isGone = true;
      this.#parts.due.set(cell, due);
    }
  }

  /** Ends the cell's alert, if it has one, and forgets the cell. */
  end(cell: Cell, resolvedBy: ResolvedBy, now: EpochMs, author?: Author): void {
    this.#mover.endAlert(cell, resolvedBy, now, author === undefined ? {} : { author });
    this.#mover.remove(cell);
  }

  /** Ends the alert by hand; what is still true then waits until it was false once. */
  endByHand(cell: Cell, author: Author, now: EpochMs): void {
    const resolvedBy = `operator:${author.by ?? ''}`;
    const stillTrue = this.#isStillTrue(cell, now);
    this.#mover.endAlert(cell, resolvedBy, now, { author, stillTrue });
    const { state } = cell;
    if (!stillTrue || state === undefined) {
      this.#mover.remove(cell);
      return;
    }
    cell.state = { ...state, phase: 'held', keptSince: null, stale: false };
    this.#parts.held.add(cell);
    this.#parts.due.set(cell, undefined);
    const scope = this.#scopeOf(cell, now);
    // Asked again at once, because it may depend on the time when it ends.
    if (scope) this.evaluate(cell.entry, scope, { startsAt: now, late: false });
  }

  /** Whether the condition is true; while it cannot be known, it is as it was. */
  #isStillTrue(cell: Cell, now: EpochMs): boolean {
    const { state, entry } = cell;
    if (entry.form === 'event' || state === undefined || cell.isGone) return false;
    const scope = this.#scopeOf(cell, now);
    if (scope === undefined) return true;
    const asked = this.#ask(entry, cell, scope);
    if (asked === quiet) return false;
    return step(entry.rule, { ...state, phase: 'held' }, asked.signs, now).state !== undefined;
  }

  #scopeOf(cell: Cell, now: EpochMs): Scope | undefined {
    const watched = this.#parts.roster.find(cell.entry.rule.kind, cell.id);
    return watched && { resource: watched.resource, past: this.#parts.past, now };
  }

  #ask(entry: RuleEntry, cell: Cell | undefined, scope: Scope): Signs | typeof quiet {
    if (scope.resource.staleSince === null) return signsOf(entry.rule, cell?.state, scope);
    if (cell?.state === undefined) return quiet;
    return { ...noSigns, signs: entry.rule.levels.map(() => 'unknown' as const) };
  }

  #afterEvent(cell: Cell, scope: Scope, occasion: Occasion): void {
    const { entry, state } = cell;
    if (state === undefined) return;
    // Of a resource that went away nothing more is heard, but its past events stay true.
    const isKnown = this.#parts.roster.find(entry.rule.kind, cell.id) !== undefined;
    const asked = isKnown
      ? signAfterEvent(entry.rule, state, scope)
      : { ...noSigns, signs: ['between' as const] };
    const [sign = 'between'] = asked.signs;
    const result = stepAfterEvent(entry.rule, state, sign, scope.now);
    const resolvedBy = sign === 'down' ? 'recovered' : 'expired';
    this.#take(entry, cell, { scope, occasion, asked, result, resolvedBy });
  }

  #take(entry: RuleEntry, known: Cell | undefined, judgement: Judgement): void {
    const { scope, asked, result } = judgement;
    const { due } = this.#parts;
    if (result.state === undefined) {
      if (known) {
        this.#mover.endAlert(known, judgement.resolvedBy, scope.now);
        this.#parts.held.delete(known);
      }
      if (asked.again === Infinity) {
        if (known) this.#mover.remove(known);
        return;
      }
    }
    const cell = known ?? createCell(entry, scope.resource.id);
    cell.isGone = false;
    this.#parts.putOff.delete(cell);
    if (result.state && cell.alert === undefined && this.#isFull(result)) {
      this.#parts.putOff.set(cell, scope.event);
      due.set(cell, scope.now + putOffFor);
      return;
    }
    cell.state = result.state;
    const next = Math.min(result.due ?? Infinity, asked.again, this.#mover.move(cell, judgement));
    const at = next <= scope.now ? scope.now + againAfter : next;
    due.set(cell, at === Infinity ? undefined : at);
  }

  #isFull({ move }: StepResult): boolean {
    return move !== undefined && this.#parts.active.size >= this.#parts.limits.alertsMax;
  }
}

/** Stands in for a resource that is not known (any more), so that its events can be judged. */
function standIn(cell: Cell, now: EpochMs): Scope['resource'] {
  const { kind } = cell.entry.rule;
  const times = { changedAt: now, readAt: now, staleSince: null };
  return { kind, id: cell.id, collector: '', attributes: {}, ...times };
}
