/** Carries out on the alerts what `step` decided: begins, changes and ends them. */
import type { Alert, ResolvedBy } from '../../domain/alert.ts';
import type { Kind } from '../../domain/kind.ts';
import type { Past } from '../../domain/past.ts';
import type { Event } from '../../domain/reading.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import { minutes } from '../../domain/time.ts';
import type { Scope } from '../compiled.ts';
import type { FlapSettings } from '../engine.ts';
import * as alerts from './alert.ts';
import type { Blame } from './blame.ts';
import {
  type AlertCell,
  type Cell,
  type FlapCell,
  type HandCell,
  occurrenceKey,
  type Roster,
} from './cells.ts';
import type { DueQueue } from './due.ts';
import type { Author, ChangeLog } from './log.ts';
import type { Mutes } from './mutes.ts';
import type { Signs } from './signs.ts';
import type { StepResult } from './step.ts';

export interface EngineLimits {
  /** pending and firing alerts; further ones are put off, a minute at a time. */
  readonly alertsMax: number;
  /** Of them those that people and programs raise: whatever they do, rules have room. */
  readonly raisedMax: number;
  /** What is detected later than this after it began, and began unseen, is found late. */
  readonly foundLateAfter: Ms;
  /** When tocsin started: what began before is found late, however short a time it was away. */
  readonly watchingSince: EpochMs;
  /** null: flapping is not looked for. Left out: as the memory says. */
  readonly flapping?: FlapSettings | null;
  /** Their references say who needs whom; left out: only rules say who is to blame. */
  readonly kinds?: readonly Kind[];
}

/** What the parts of the engine share. */
export interface EngineParts {
  readonly roster: Roster;
  readonly log: ChangeLog;
  readonly due: DueQueue<Cell | HandCell | FlapCell>;
  readonly blame: Blame;
  readonly mutes: Mutes;
  /** By id of the alert. */
  readonly active: Map<string, AlertCell>;
  /** What flaps, by `RULE KIND ID`. */
  readonly flapping: Map<string, FlapCell>;
  readonly occurrences: Map<string, number>;
  /** Cells whose alert is put off, with the event that asked for it. */
  readonly putOff: Map<Cell, Event | undefined>;
  /** Cells whose alert was resolved by hand while its condition was true. */
  readonly held: Set<Cell>;
  readonly past: Past;
  readonly kindVariable: (kind: string) => string;
  readonly limits: EngineLimits;
}

/** An `updated` at once for the first so many, then one a minute: texts may hold gauges. */
const updatesAtOnceMax = 5;
const updateSpacing = minutes(1);
/** What was asked about one rule × resource, and what `step` made of it. */
export interface Judgement {
  readonly scope: Scope;
  readonly occasion: alerts.Occasion;
  readonly asked: Signs;
  readonly result: StepResult;
  /** How it ended, where it ends. */
  readonly resolvedBy: ResolvedBy;
}

export class Mover {
  readonly #parts: EngineParts;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /** Changes the alert as the step says; returns when a held-back update may follow. */
  move(cell: Cell, judgement: Judgement): EpochMs {
    const { scope, result, asked } = judgement;
    const { log, blame } = this.#parts;
    const { state, move } = result;
    if (state === undefined || state.phase === 'held') return Infinity;
    if (move === 'pending' || move === 'raised') {
      this.#begin(cell, judgement);
    } else if (cell.alert && move !== undefined && move !== 'dropped' && move !== 'resolved') {
      const severity = alerts.severityOf(cell.entry.rule, state.level);
      const isOther = move === 'severity';
      const texts = isOther ? this.#texts(cell, scope, asked) : {};
      const alert: Alert = { ...cell.alert, ...texts, severity, stale: state.stale };
      // One that waits is no fault yet: blamed for others, it would free them of their true cause.
      const isBlamed = isOther && state.phase === 'firing';
      if (isBlamed && scope.resource.staleSince === null) blame.link(cell, scope);
      cell.alert = log.add(isBlamed ? blame.mute(cell, alert) : alert, move, scope.now);
      if (isBlamed) blame.alters(cell);
    }
    if (cell.alert?.phase !== 'firing' || scope.resource.staleSince !== null) return Infinity;
    blame.link(cell, scope);
    const isTrue = scope.event !== undefined || asked.signs[state.level] === 'up';
    return isTrue ? this.#update(cell, scope, asked) : Infinity;
  }

  #texts(cell: Cell, scope: Scope, asked: Signs): alerts.Texts {
    return alerts.textsOf(cell.entry.rule, scope, asked.value ?? cell.alert?.value ?? undefined);
  }

  #begin(cell: Cell, { scope, occasion, asked, result }: Judgement): void {
    const { log, blame, active, occurrences, kindVariable } = this.#parts;
    const { rule } = cell.entry;
    const { state, move } = result;
    if (state === undefined) return;
    const key = occurrenceKey(rule.id, rule.kind, cell.id);
    const occurrence = (occurrences.get(key) ?? 0) + 1;
    const seq = log.lastSeq + 1;
    const facts = { level: state.level, value: asked.value, occasion, occurrence, seq };
    const known = cell.alert && { ...cell.alert, ...this.#texts(cell, scope, asked) };
    const alert = known ?? alerts.newAlert(rule, kindVariable(rule.kind), scope, facts);
    const severity = alerts.severityOf(rule, state.level);
    if (move === 'pending') {
      cell.alert = log.add({ ...alert, severity, stale: state.stale }, 'pending', scope.now);
    } else {
      occurrences.set(key, occurrence);
      const evidence = alerts.evidenceOf(rule, scope.resource, occasion);
      const fired = { phase: 'firing', firingAt: scope.now, severity, evidence } as const;
      blame.link(cell, scope);
      const muted = blame.mute(cell, { ...alert, ...fired, stale: state.stale });
      cell.alert = log.add(muted, 'raised', scope.now);
      blame.fires(cell);
    }
    active.set(cell.alert.id, cell as Cell & { alert: Alert });
  }

  #update(cell: Cell, scope: Scope, asked: Signs): EpochMs {
    const { alert } = cell;
    if (alert === undefined) return Infinity;
    const texts = this.#texts(cell, scope, asked);
    if (alerts.sameTexts(texts, alert)) return Infinity;
    const begun = alert.firingAt ?? alert.detectedAt;
    const next = begun + (cell.updates - updatesAtOnceMax + 1) * updateSpacing;
    if (cell.updates >= updatesAtOnceMax && scope.now < next) return next;
    cell.updates++;
    cell.alert = this.#parts.log.add({ ...alert, ...texts }, 'updated', scope.now);
    return Infinity;
  }

  /** Ends the cell's alert, if it has one. `stillTrue`: its condition goes on all the same. */
  endAlert(
    cell: Cell,
    resolvedBy: ResolvedBy,
    now: EpochMs,
    { author, stillTrue = false }: { readonly author?: Author; readonly stillTrue?: boolean } = {},
  ): void {
    const { alert } = cell;
    this.#clear(cell, now);
    if (alert === undefined) return;
    const end = { phase: 'resolved', stale: false, resolvedAt: now, resolvedBy } as const;
    const ended: Alert = { ...alert, ...end, stillTrue };
    const reason = alert.phase === 'pending' ? 'dropped' : 'resolved';
    this.#parts.active.delete(alert.id);
    cell.alert = undefined;
    cell.updates = 0;
    const numbered = this.#parts.log.add(ended, reason, now, author);
    if (stillTrue) cell.held = numbered;
    this.#parts.blame.ends(cell, ended);
  }

  /** What was resolved by hand before is no longer true. */
  #clear(cell: Cell, now: EpochMs): void {
    if (cell.held) this.#parts.log.add({ ...cell.held, stillTrue: false }, 'cleared', now);
    cell.held = undefined;
  }

  /** Forgets the cell. */
  remove(cell: Cell): void {
    this.#parts.due.set(cell, undefined);
    this.#parts.putOff.delete(cell);
    this.#parts.held.delete(cell);
    cell.state = undefined;
    if (cell.entry.cells.get(cell.id) === cell) cell.entry.cells.delete(cell.id);
  }
}
