/**
 * The mutes that are in force, and which of them mute an alert: silences, maintenance windows, and
 * the alert of the rule `flapping` (see flaps.ts). What blame mutes is in blame.ts.
 */
import type { Alert } from '../../domain/alert.ts';
import type { ActiveMute } from '../../domain/mute.ts';
import { compileMatchers, labelOf, type Matcher, matchesAlert } from '../matchers.ts';
import type { AlertCell, FlapCell } from './cells.ts';
import { flapMuterOf, isOfFlaps, stoodFor } from './flap-alert.ts';
import type { ChangeLog } from './log.ts';

interface Mute {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  /** Its content: an unchanged mute is not asked again about an alert that it was asked about. */
  readonly digest: string;
}

export const sameIds = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((id, i) => id === b[i]);

const digestOf = (mute: ActiveMute): string => JSON.stringify([mute.type, mute.matchers]);

/** A mute whose matchers nobody can read mutes nothing: better told once too often. */
function compile(mute: ActiveMute, digest: string): Mute | undefined {
  const answer = compileMatchers(mute.matchers);
  if (answer.type === 'wrong') return undefined;
  return { id: mute.id, matchers: answer.matchers, digest };
}

/** What mutes `RULE of RESOURCE` mutes the alert which says that it flaps, too. */
const hits = ({ matchers }: Mute, alert: Alert): boolean =>
  matchesAlert(matchers, alert) ||
  (isOfFlaps(alert) && matchesAlert(matchers, { ...alert, rule: stoodFor(alert) }));

/** The mutes by the label that their first `=` names: most are told apart by that alone. */
class MuteIndex {
  readonly byId: ReadonlyMap<string, Mute>;
  readonly #byLabel = new Map<string, Map<string, Mute[]>>();
  readonly #others: Mute[] = [];

  constructor(mutes: readonly Mute[]) {
    this.byId = new Map(mutes.map((mute) => [mute.id, mute]));
    for (const mute of mutes) {
      const key = mute.matchers.find(({ operator }) => operator === '=');
      if (key === undefined) this.#others.push(mute);
      else this.#listOf(key.name, key.value).push(mute);
    }
  }

  /** Those that can mute the alert. */
  *candidates(alert: Alert): Iterable<Mute> {
    if (isOfFlaps(alert)) {
      yield* this.byId.values();
      return;
    }
    for (const [name, byValue] of this.#byLabel) yield* byValue.get(labelOf(alert, name)) ?? [];
    yield* this.#others;
  }

  #listOf(name: string, value: string): Mute[] {
    const byValue = this.#byLabel.get(name) ?? new Map<string, Mute[]>();
    this.#byLabel.set(name, byValue);
    const list = byValue.get(value) ?? [];
    byValue.set(value, list);
    return list;
  }
}

export class Mutes {
  readonly #active: ReadonlyMap<string, AlertCell>;
  readonly #flapping: ReadonlyMap<string, FlapCell>;
  #mutes = new MuteIndex([]);
  /** Mutes that restored alerts name: they hold after a restart until `set` is called. */
  #kept: ReadonlySet<string> = new Set();

  constructor(active: ReadonlyMap<string, AlertCell>, flapping: ReadonlyMap<string, FlapCell>) {
    this.#active = active;
    this.#flapping = flapping;
  }

  /** Ids of what mutes it now, apart from blame. One that waits is not muted until it fires. */
  idsOf(alert: Alert): readonly string[] {
    if (alert.phase !== 'firing') return [];
    return this.#with(alert, (mute) => hits(mute, alert));
  }

  /** The alert with the mutes that are in force now; what blame says of it stays. */
  renew(alert: Alert): Alert {
    return this.#renewed(alert, this.idsOf(alert));
  }

  /** The engine starts with these alerts. */
  restore(alerts: readonly Alert[]): void {
    const known = new Set(alerts.map(({ id }) => id));
    const named = alerts.flatMap(({ mutedBy }) => mutedBy);
    this.#kept = new Set(named.filter((id) => !known.has(id)));
  }

  /** These are in force from now on. Only what is new or has changed is asked about each alert. */
  set(mutes: readonly ActiveMute[], log: ChangeLog, now: number): void {
    const before = this.#mutes.byId;
    const compiled = mutes.flatMap((mute) => {
      const digest = digestOf(mute);
      const known = before.get(mute.id);
      return (known?.digest === digest ? known : compile(mute, digest)) ?? [];
    });
    this.#kept = new Set();
    this.#mutes = new MuteIndex(compiled);
    for (const cell of this.#active.values()) {
      const { alert } = cell;
      if (alert.phase !== 'firing') continue;
      const ids = this.#with(alert, (mute) =>
        before.get(mute.id) === mute ? alert.mutedBy.includes(mute.id) : hits(mute, alert),
      );
      const muted = this.#renewed(alert, ids);
      if (muted !== alert) cell.alert = log.add(muted, 'muted', now);
    }
  }

  #with(alert: Alert, isMuted: (mute: Mute) => boolean): readonly string[] {
    const ids: string[] = [];
    for (const mute of this.#mutes.candidates(alert)) if (isMuted(mute)) ids.push(mute.id);
    // The order in which they come must not matter.
    if (ids.length > 1) ids.sort();
    if (this.#kept.size > 0) ids.push(...alert.mutedBy.filter((id) => this.#kept.has(id)));
    const flapping = flapMuterOf(this.#flapping, alert);
    if (flapping !== undefined) ids.push(flapping);
    return ids;
  }

  #renewed(alert: Alert, ids: readonly string[]): Alert {
    const mutedBy = [...alert.mutedBy.filter((id) => this.#isBlame(id)), ...ids];
    return sameIds(mutedBy, alert.mutedBy) ? alert : { ...alert, mutedBy };
  }

  /** After a restart nothing else tells the ids that blame gave from those of mutes. */
  #isBlame(id: string): boolean {
    const cell = this.#active.get(id);
    return cell !== undefined && cell.type !== 'flap';
  }
}
