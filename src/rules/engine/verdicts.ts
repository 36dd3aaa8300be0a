/** What is known of causes, by the ids of alerts: the engine's side of rules/cause. */
import type { Alert } from '../../domain/alert.ts';
import type { Resource } from '../../domain/resource.ts';
import type { Causes } from '../cause/causes.ts';
import type { Verdict } from '../cause/fault.ts';

export interface Blamed {
  readonly cause: string | null;
  readonly alternatives: readonly string[];
}

const nobody: Blamed = { cause: null, alternatives: [] };

const blamedOf = ({ cause, alternatives }: Verdict): Blamed =>
  cause === undefined && alternatives.length === 0
    ? nobody
    : { cause: cause?.id ?? null, alternatives: alternatives.map(({ id }) => id) };

export class Verdicts {
  readonly #causes: Causes | undefined;
  readonly #known = new Map<string, Blamed>();

  constructor(causes: Causes | undefined) {
    this.#causes = causes;
  }

  get isDue(): boolean {
    return this.#causes?.isDue === true;
  }

  see(resource: Resource): void {
    this.#causes?.see(resource);
  }

  lose(kind: string, id: string): void {
    this.#causes?.lose(kind, id);
  }

  settleKinds(kinds: readonly string[]): void {
    this.#causes?.settleKinds(kinds);
  }

  /** What the alert says itself is what was known before a restart. */
  fires(alert: Alert): void {
    if (this.#causes === undefined || this.#known.has(alert.id)) return;
    this.#causes.begin(alert);
    const { id, cause, alternatives } = alert;
    this.#known.set(id, { cause, alternatives });
    this.#causes.hold(id, cause === null ? alternatives : [cause, ...alternatives]);
  }

  /** Its severity, which decides who may be to blame; true when it is another one. */
  alter({ id, severity }: Alert): boolean {
    return this.#causes?.alter(id, severity) === true;
  }

  /** `muter`: the first alert that mutes it by a rule. */
  find(alert: Alert, muter: string | undefined): Blamed {
    if (this.#causes === undefined) return nobody;
    const known = this.#known.get(alert.id);
    if (known === undefined) this.#causes.begin(alert);
    const isSame = !this.#causes.muteBy(alert.id, muter);
    if (known !== undefined && isSame) return known;
    return this.#take(alert.id, this.#causes.judge(alert.id));
  }

  ends(id: string): void {
    this.#causes?.end(id);
    this.#known.delete(id);
  }

  /** Its cause has ended. */
  doubt(id: string): void {
    this.#causes?.doubt(id);
  }

  /** Ids of the alerts about which there is something new. */
  settle(): readonly string[] {
    const verdicts = [...(this.#causes?.settle() ?? [])];
    for (const [{ id }, verdict] of verdicts) this.#take(id, verdict);
    return verdicts.map(([{ id }]) => id);
  }

  #take(id: string, verdict: Verdict | undefined): Blamed {
    const blamed = verdict === undefined ? (this.#known.get(id) ?? nobody) : blamedOf(verdict);
    this.#known.set(id, blamed);
    return blamed;
  }
}
