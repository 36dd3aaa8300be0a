/** For tests: the mute desk with a clock that stands still, and a store that is a map. */
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { Alert, Change } from '../domain/alert.ts';
import type { Note } from '../domain/message.ts';
import type { ActiveMute } from '../domain/mute.ts';
import { days, type EpochMs, hours, type Ms } from '../domain/time.ts';
import { fakeAlert } from '../operations/fake-alerts.ts';
import type { Calendar } from '../platform/calendar.ts';
import type { Batch } from '../store/store.ts';
import type { MuteRow, StoredMute } from '../store/tables/mutes.ts';
import type { StoreState } from './commit-queue.ts';
import { MuteDesk } from './mute-desk.ts';

/** `every 2h + 30m`: moments since 1970, as systemd would say them. */
export const periodic = (period: Ms, offset: Ms = 0): string => `${period}+${offset}`;
export const momentsOf = (calendar: string): { readonly period: Ms; readonly offset: Ms } => {
  const [period = 0, offset = 0] = calendar.split('+').map(Number);
  return { period, offset };
};

export class MuteBench {
  readonly clock = new FakeClock(days(20_000));
  readonly given: (readonly ActiveMute[])[] = [];
  readonly notes: Note[] = [];
  readonly warnings: string[] = [];
  readonly changes: Change[] = [];
  readonly rows = new Map<string, StoredMute>();
  /** What systemd answers instead, while it is set. */
  trouble: Awaited<ReturnType<Calendar['momentsAfter']>> | undefined;
  state: StoreState = { type: 'ok' };
  longest: Ms = days(30);
  /** While true nothing that is told becomes durable. */
  isHeldUp = false;
  /** While true no change can be read. */
  isUnreadable = false;
  /** While true systemd never answers. */
  hangs = false;
  desk: MuteDesk;

  constructor() {
    this.desk = this.#open();
  }

  /** As after a crash: what was stored is all there is, and so much time has gone by. */
  restart(away: Ms = 0): void {
    this.desk.stop();
    this.clock.jump(away);
    this.desk = this.#open();
  }

  now(): EpochMs {
    return this.clock.now();
  }

  /** Ids of what the engine was given last. */
  inForce(): readonly string[] {
    return (this.given.at(-1) ?? []).map(({ id }) => id).toSorted();
  }

  /** A change of an alert, as the publication has it. */
  change(id: string, more: Partial<Alert>): void {
    const seq = this.changes.length + 1;
    const alert = { ...fakeAlert(1), id, firingAt: this.now(), ...more, seq };
    this.changes.push({
      seq,
      at: this.now(),
      reason: 'muted',
      by: null,
      door: null,
      comment: null,
      alert,
    });
  }

  #open(): MuteDesk {
    const commit = (row: MuteRow): void => {
      if (row.type === 'forgotten') this.rows.delete(row.id);
      else this.rows.set(row.id, structuredClone(row));
    };
    const stateOf = (): StoreState => this.state;
    return new MuteDesk(
      {
        pipeline: {
          setMutes: (mutes) => void this.given.push(mutes),
          applied: async () => {},
        },
        queue: {
          add: ({ mutes = [] }: Partial<Batch>) => mutes.forEach(commit),
          settled: async () => {},
          get state() {
            return stateOf();
          },
        },
        clock: this.clock,
        log: { warning: (text) => void this.warnings.push(text) },
        calendar: {
          momentsAfter: async (calendar, base, { count }) => {
            if (this.hangs) return new Promise(() => {});
            if (this.trouble !== undefined) return this.trouble;
            const { period, offset } = momentsOf(calendar);
            if (Number.isNaN(period)) return { type: 'bad', why: 'Invalid argument' };
            if (period === 0) return { type: 'moments', moments: [] };
            // As --base-time takes it: whole seconds.
            const since = Math.floor(base / 1000) * 1000;
            const first = Math.floor((since - offset) / period + 1) * period + offset;
            const moments = Array.from({ length: count }, (_, i) => first + i * period);
            return { type: 'moments', moments };
          },
          placeOf: async () => ({ type: 'unknown', why: 'not asked here' }),
        },
        feed: {
          lastSeq: () => this.changes.length,
          after: async (seq, limit) => {
            if (this.isUnreadable) throw new Error('disk I/O error');
            return this.changes.slice(seq, seq + limit);
          },
        },
        longest: () => this.longest,
        tell: (note) => {
          this.notes.push(note);
          return this.isHeldUp ? new Promise(() => {}) : Promise.resolve();
        },
      },
      [...this.rows.values()],
    );
  }
}

export const oneUnit = [{ name: 'unit', operator: '=', value: 'a.service' }] as const;

/** A silence from now on. */
export const draftAt = (now: EpochMs, length: Ms = hours(1)) => ({
  matchers: oneUnit,
  startsAt: now,
  endsAt: now + length,
  comment: 'repair',
});
