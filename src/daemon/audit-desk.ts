/**
 * Writes the audit. What the database does not take goes to the log with all its fields, waits in
 * memory and is written with the next deed; the number and the hash of each row go to the log too,
 * so that the journal can bear witness against a database that was forged as a whole.
 */
import type { AuditVerdict, Deed } from '../domain/audit.ts';
import { type EpochMs, hours, type Ms, seconds } from '../domain/time.ts';
import type { Audit, AuditUnread } from '../operations/house-audit.ts';
import { closeSession, openSession } from '../operations/session.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { within } from '../platform/within.ts';
import { type CommitAnswer, emptyBatch, type Store } from '../store/store.ts';
import { DeedQuota } from './deed-quota.ts';

/** A disk that does not answer (a frozen file system) holds up nobody's deed: it is done. */
const answerWithin = seconds(5);
const silence = 'the disk does not answer';
/** Beyond these the oldest are in the log alone. */
const waitingMax = 1000;
/**
 * Refusals and sessions of one caller that get a row of their own; the rest are counted until the
 * window ends. Whoever may do nothing, or only look, may not push out what others did: in a year a
 * caller can fill the audit (100,000 rows) half, and all that nobody knows together as much at each
 * door.
 */
const boundedMax = 5;
const boundedWindow = hours(1);
/** A viewer who opens sessions in a loop would fill the whole audit within 17 minutes. */
const needNoRight: readonly string[] = [openSession.name, closeSession.name];
/** Who could write the file itself is not held up: whatever happens, somebody may act. */
const unlimited = 'uid:0';
/** Callers counted at a time; what one more does is counted under a common name. */
const callersMax = 1000;
const otherCallers = 'others';

interface Bounded {
  count: number;
  readonly timer: Timer;
}

export interface AuditDeskParts {
  readonly store: Pick<Store, 'commit' | 'listAudit' | 'verifyAudit'>;
  readonly clock: Clock;
  readonly log: Log;
}

export class AuditDesk implements Audit {
  readonly #parts: AuditDeskParts;
  readonly #bounded = new Map<string, Bounded>();
  readonly #quota: DeedQuota;
  #waiting: readonly Deed[] = [];
  #isSilent = false;
  #verifying: Promise<AuditVerdict | AuditUnread> | undefined;

  constructor(parts: AuditDeskParts) {
    this.#parts = parts;
    this.#quota = new DeedQuota(() => parts.clock.monotonic());
  }

  waitOf(caller: string): Ms | undefined {
    return caller === unlimited ? undefined : this.#quota.waitOf(caller);
  }

  async write(deed: Deed): Promise<boolean> {
    const isBounded = deed.outcome !== 'done' || needNoRight.includes(deed.operation);
    if (isBounded && !this.#mayKeep(deed)) return true;
    if (!isBounded) this.#quota.count(deed.by);
    return this.#write(deed);
  }

  list(query: Parameters<Audit['list']>[0]): ReturnType<Audit['list']> {
    return this.#parts.store.listAudit(query);
  }

  /** Who asks while it runs gets the same answer. */
  verify(): Promise<AuditVerdict | AuditUnread> {
    this.#verifying ??= this.#verify().finally(() => {
      this.#verifying = undefined;
    });
    return this.#verifying;
  }

  async #verify(): Promise<AuditVerdict | AuditUnread> {
    try {
      return await this.#parts.store.verifyAudit();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_INIT_FAILED') throw error;
      return { type: 'unread', why: `no thread can be started: ${(error as Error).message}` };
    }
  }

  /** A deed of tocsin itself, or of whoever may send it signals. */
  tell(by: 'tocsin' | 'system', operation: string, said: object, outcome = 'done') {
    const at: EpochMs = this.#parts.clock.now();
    const input = JSON.stringify(said);
    const caller = { by, door: 'none', client: null };
    return this.#write({ at, ...caller, operation, subject: null, input, outcome });
  }

  /** Writes what was only counted. */
  async stop(): Promise<void> {
    await Promise.all([...this.#bounded.keys()].map((by) => this.#endWindow(by)));
  }

  #mayKeep({ by: caller, door }: Deed): boolean {
    const name = `${caller} ${door}`;
    const isCounted = this.#bounded.has(name) || this.#bounded.size < callersMax;
    const by = isCounted ? name : otherCallers;
    const known = this.#bounded.get(by);
    if (known !== undefined) {
      known.count += 1;
      return known.count <= boundedMax;
    }
    const timer = this.#parts.clock.after(boundedWindow, () => void this.#endWindow(by));
    this.#bounded.set(by, { count: 1, timer });
    return true;
  }

  async #endWindow(by: string): Promise<void> {
    const bounded = this.#bounded.get(by);
    if (bounded === undefined) return;
    bounded.timer.cancel();
    this.#bounded.delete(by);
    const omitted = bounded.count - boundedMax;
    if (omitted > 0) await this.tell('tocsin', 'audit.omit', { of: by, omitted });
  }

  async #write(deed: Deed): Promise<boolean> {
    // Behind a row that is not answered this one would not be either.
    if (this.#isSilent) return this.#putOff([deed], deed, silence);
    const deeds = [...this.#waiting, deed];
    this.#waiting = [];
    const stored = this.#store(deeds, deed);
    const answer = await within(this.#parts.clock, answerWithin, stored, undefined);
    if (answer !== undefined) return answer;
    this.#isSilent = true;
    void stored.then(() => {
      this.#isSilent = false;
    });
    this.#tellUnstored(deed, silence);
    return false;
  }

  async #store(deeds: readonly Deed[], deed: Deed): Promise<boolean> {
    const answer = await this.#commit(deeds);
    if (answer.type !== 'committed') return this.#putOff(deeds, deed, answer.why);
    for (const [i, link] of (answer.audit ?? []).entries()) this.#witness(link, deeds[i]);
    return true;
  }

  #putOff(deeds: readonly Deed[], deed: Deed, why: string): false {
    this.#tellUnstored(deed, why);
    const waiting = [...this.#waiting, ...deeds].sort((a, b) => a.at - b.at);
    this.#waiting = waiting.slice(-waitingMax);
    return false;
  }

  #tellUnstored({ input, ...rest }: Deed, why: string): void {
    // The longest at the end: the log cuts a line.
    const said = JSON.stringify({ ...rest, input });
    this.#parts.log.error(`audit: not stored (${why}), to be written later: ${said}`);
  }

  async #commit(audit: readonly Deed[]): Promise<CommitAnswer> {
    try {
      return await this.#parts.store.commit({ ...emptyBatch, audit });
    } catch (error) {
      return { type: 'broken', why: (error as Error).message };
    }
  }

  #witness({ number, hash }: { number: number; hash: string }, deed: Deed | undefined): void {
    if (deed === undefined) return;
    const { by, door, client, operation, subject, outcome } = deed;
    const who = client === null ? by : `${by} (${client})`;
    const what = subject === null ? operation : `${operation} ${subject}`;
    this.#parts.log.info(`audit ${number} ${hash}: ${who} through ${door}: ${what}: ${outcome}`);
  }
}
