/** Silences and maintenance windows for tests, in arrays, judged as the real ones are. */
import type { Alert } from '../domain/alert.ts';
import type { ActiveMute, Maintenance, Silence } from '../domain/mute.ts';
import { days, type EpochMs, type Ms } from '../domain/time.ts';
import { ulidOf } from '../domain/ulid.ts';
import { compileMatchers, matchesAlert } from '../rules/matchers.ts';
import type { MaintenanceDraft, MuteAnswer, Mutes, Opening, SilenceDraft } from './house-mutes.ts';
import {
  endSilence,
  planSilence,
  refuseWindow,
  silenceStateOf,
  windowStateOf,
} from './silence-plan.ts';

/** Ids of those that mute the alert. */
export const mutesOf = (alert: Alert, active: readonly ActiveMute[]): readonly string[] =>
  active.flatMap(({ id, matchers }) => {
    const compiled = compileMatchers(matchers);
    return compiled.type === 'ok' && matchesAlert(compiled.matchers, alert) ? [id] : [];
  });

export class FakeMutes implements Mutes {
  readonly #now: () => EpochMs;
  readonly #onChange: (active: readonly ActiveMute[]) => void;
  #silences: Silence[] = [];
  #windows: Maintenance[] = [];
  #number = 0;
  /** When windows with a calendar open; nobody reckons here. */
  readonly openings = new Map<string, Opening>();
  longestAnswer: Ms = days(30);
  /** While set, nothing can be made durable. */
  unstored: string | null = null;

  constructor(now: () => EpochMs, onChange: (active: readonly ActiveMute[]) => void = () => {}) {
    this.#now = now;
    this.#onChange = onChange;
  }

  longest = (): Ms => this.longestAnswer;
  silences = (): readonly Silence[] => this.#silences;
  windows = (): readonly Maintenance[] => this.#windows;

  openingOf(id: string): Opening | null {
    const window = this.#windows.find((one) => one.id === id);
    if (window === undefined || window.endedAt !== null) return null;
    const { schedule } = window;
    if (schedule.type === 'calendar') return this.openings.get(id) ?? null;
    return schedule.endsAt > this.#now() ? schedule : null;
  }

  async saveSilence(draft: SilenceDraft, by: string): Promise<MuteAnswer<Silence>> {
    if (this.unstored !== null) return { type: 'unstored', why: this.unstored };
    const now = this.#now();
    const before = this.#silences.find(({ id }) => id === draft.id);
    if (draft.id !== undefined && before === undefined) return { type: 'unknown' };
    const held = this.#silences.filter((one) => silenceStateOf(one, now) !== 'expired').length;
    const limits = { now, held, longest: this.longestAnswer };
    const plan = planSilence(before, draft, { by, newId: () => this.#newUuid() }, limits);
    if (plan.type === 'wrong') return plan;
    this.#put(plan.ended, plan.silence);
    return { type: 'done', value: plan.silence };
  }

  async expireSilence(id: string, by: string): Promise<MuteAnswer<Silence>> {
    if (this.unstored !== null) return { type: 'unstored', why: this.unstored };
    const found = this.#silences.find((one) => one.id === id);
    if (found === undefined) return { type: 'unknown' };
    const value = endSilence(found, by, this.#now());
    this.#put(value);
    return { type: 'done', value };
  }

  async addWindow(draft: MaintenanceDraft, by: string): Promise<MuteAnswer<Maintenance>> {
    if (this.unstored !== null) return { type: 'unstored', why: this.unstored };
    const now = this.#now();
    const limits = { now, held: this.#windows.length, longest: this.longestAnswer };
    const refused = refuseWindow(draft, limits);
    if (refused !== undefined) return refused;
    this.#number += 1;
    const id = ulidOf(now, [`window ${this.#number}`]);
    const { createdBy = by, ...rest } = draft;
    const times = { createdAt: now, updatedAt: now, endedBy: null, endedAt: null };
    const value = { ...rest, id, createdBy, setBy: by, ...times };
    this.#windows = [value, ...this.#windows];
    this.#tell();
    return { type: 'done', value };
  }

  async endWindow(id: string, by: string): Promise<MuteAnswer<Maintenance>> {
    if (this.unstored !== null) return { type: 'unstored', why: this.unstored };
    const found = this.#windows.find((one) => one.id === id);
    if (found === undefined) return { type: 'unknown' };
    const now = this.#now();
    const value = { ...found, endedBy: by, endedAt: now, updatedAt: now };
    this.#windows = this.#windows.map((one) => (one.id === id ? value : one));
    this.#tell();
    return { type: 'done', value };
  }

  #newUuid(): string {
    this.#number += 1;
    return `00000000-0000-4000-8000-${String(this.#number).padStart(12, '0')}`;
  }

  #put(...silences: readonly (Silence | null)[]): void {
    for (const one of silences) {
      if (one === null) continue;
      this.#silences = [one, ...this.#silences.filter(({ id }) => id !== one.id)];
    }
    this.#tell();
  }

  #tell(): void {
    const now = this.#now();
    const silences = this.#silences
      .filter((one) => silenceStateOf(one, now) === 'active')
      .map(({ id, matchers }) => ({ id, type: 'silence' as const, matchers }));
    const windows = this.#windows
      .filter((one) => windowStateOf(one, this.openingOf(one.id), now) === 'active')
      .map(({ id, matchers }) => ({ id, type: 'maintenance' as const, matchers }));
    this.#onChange([...silences, ...windows]);
  }
}
