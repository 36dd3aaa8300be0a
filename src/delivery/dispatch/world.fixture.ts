/** A small world for tests of the dispatcher: alerts that change, channels that take or do not. */
import { defaultsOf } from '../../config/readers.ts';
import type { Alert, Change, ChangeReason } from '../../domain/alert.ts';
import type { DeliveryState } from '../../domain/delivery.ts';
import type { Attempt, Message, Outcome } from '../../domain/message.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import { fakeAlert } from '../../operations/fake-alerts.ts';
import type { DeliveryMemory, DeliveryWrites } from '../../store/delivery-writes.ts';
import { type Profile, profileOf } from '../profile.ts';
import { channelSettings } from '../settings.ts';
import { Dispatcher } from './dispatcher.ts';

export const channelOf = (name: string, more: Record<string, unknown> = {}): Profile =>
  profileOf(name, { type: 'memory', ...defaultsOf(channelSettings), ...more }, 'core');

/** Monday, in the morning. */
export const worldStart = Date.UTC(2026, 10, 23, 9, 0, 0);

interface StoredMessage {
  readonly message: Message;
  readonly undo: string;
  state: DeliveryState;
  nextAt: EpochMs | null;
  attempts: Attempt[];
}

/** What a store would hold: the writes, applied. */
export class FakeMemory {
  cursor = 0;
  readonly channels = new Map<string, string>();
  readonly told = new Map<string, { channel: string; alertId: string; doc: string }>();
  readonly outbox = new Map<string, StoredMessage>();

  write(writes: DeliveryWrites, cursor: number): void {
    this.cursor = cursor;
    for (const { name, doc, forgets } of writes.channels) {
      for (const [key, row] of this.told)
        if (forgets && row.channel === name) this.told.delete(key);
      this.channels.set(name, doc);
    }
    for (const { channel, alertId, doc } of writes.told) {
      if (doc === null) this.told.delete(`${channel} ${alertId}`);
      else this.told.set(`${channel} ${alertId}`, { channel, alertId, doc });
    }
    for (const { message, undo } of writes.messages)
      this.outbox.set(message.key, { message, undo, state: 'waiting', nextAt: null, attempts: [] });
    for (const { attempt, nextAt } of writes.attempts) {
      const row = this.outbox.get(attempt.key);
      row?.attempts.push(attempt);
      if (row !== undefined) row.nextAt = nextAt;
    }
    for (const { key, state } of writes.ends) {
      const row = this.outbox.get(key);
      if (row !== undefined) row.state = state;
    }
  }

  read(find: (alertId: string) => Alert | undefined): DeliveryMemory {
    const over = (id: string): Alert | null => {
      const alert = find(id);
      return alert?.phase === 'resolved' ? alert : null;
    };
    return structuredClone({
      cursor: this.cursor,
      channels: [...this.channels].map(([name, doc]) => ({ name, doc })),
      told: [...this.told.values()].map((row) => ({ ...row, alert: over(row.alertId) })),
      waiting: [...this.outbox.values()]
        .filter(({ state }) => state === 'waiting')
        .map(({ message, undo, nextAt, attempts }) => ({
          message,
          undo,
          nextAt,
          failures: attempts.length,
          lastAttemptAt: attempts.at(-1)?.at ?? null,
        })),
    });
  }
}

export type Answer = Outcome | 'silent';

export class World {
  now: EpochMs = worldStart;
  dispatcher: Dispatcher;
  profiles: readonly Profile[];
  readonly memory = new FakeMemory();
  readonly alerts = new Map<string, Alert>();
  readonly changes: Change[] = [];
  /** What channels took, in order. */
  readonly arrived: Message[] = [];
  /** Every message that was given out, each time. */
  readonly given: Message[] = [];
  /** What a channel answers to a message. */
  answer: (message: Message) => Answer = () => ({ type: 'delivered', detail: 'taken' });
  #cursor = 0;
  #count = 0;
  #due: EpochMs = this.now;

  constructor(profiles: readonly Profile[]) {
    this.profiles = profiles;
    this.dispatcher = this.#begin();
    this.run();
  }

  active(): readonly Alert[] {
    return [...this.alerts.values()].filter(({ phase }) => phase !== 'resolved');
  }

  change(alert: Alert, reason: ChangeReason): Alert {
    const seq = this.changes.length + 1;
    const after = { ...alert, seq, updatedAt: this.now };
    this.alerts.set(after.id, after);
    this.changes.push({
      seq,
      at: this.now,
      reason,
      by: null,
      door: null,
      comment: null,
      alert: after,
    });
    this.run();
    return after;
  }

  fire(more: Partial<Alert> = {}): Alert {
    this.#count += 1;
    const times = { startsAt: this.now, detectedAt: this.now, firingAt: this.now };
    return this.change(fakeAlert(this.#count, { ...times, ...more }), 'raised');
  }

  set(alert: Alert, more: Partial<Alert>, reason: ChangeReason = 'updated'): Alert {
    return this.change({ ...this.get(alert), ...more }, reason);
  }

  resolve(alert: Alert): Alert {
    const end = { phase: 'resolved', resolvedAt: this.now, resolvedBy: 'recovered' } as const;
    return this.set(alert, end, 'resolved');
  }

  get(alert: Alert): Alert {
    return this.alerts.get(alert.id) ?? alert;
  }

  reload(profiles: readonly Profile[]): void {
    this.profiles = profiles;
    this.dispatcher.configure(profiles, this.active(), this.now);
    this.run();
  }

  /** Everything so far is written, unless it `forgets` what was not, as after a kill. */
  restart(forgets = false): void {
    if (!forgets) this.store();
    this.dispatcher = this.#begin();
    this.run();
  }

  store(): void {
    const { writes } = this.dispatcher;
    while (!writes.isEmpty()) {
      const { writes: taken, durable } = writes.take();
      this.memory.write(taken, this.#cursor);
      durable();
    }
  }

  /** What is due, until nothing is. */
  run(): void {
    for (;;) {
      for (const change of this.changes.slice(this.#cursor)) this.dispatcher.take(change);
      this.#cursor = this.changes.length;
      this.#due = this.dispatcher.tend(this.now);
      if (this.dispatcher.writes.isUrgent()) this.store();
      if (!this.profiles.some(({ name }) => this.#send(name))) return;
    }
  }

  /** Time passes; what becomes due meanwhile is done then. */
  pass(duration: Ms): void {
    const end = this.now + duration;
    while (this.#due <= end) {
      this.now = Math.max(this.now, this.#due);
      this.run();
      if (this.#due <= this.now) break;
    }
    this.now = end;
    this.run();
  }

  #begin(): Dispatcher {
    const dispatcher = new Dispatcher({ host: 'box', random: () => 0.5 });
    const memory = this.memory.read((id) => this.alerts.get(id));
    dispatcher.restore(memory, this.profiles, this.active(), this.now);
    this.#cursor = this.memory.cursor;
    for (const change of this.changes.slice(this.#cursor)) dispatcher.take(change);
    this.#cursor = this.changes.length;
    dispatcher.configure(this.profiles, this.active(), this.now);
    return dispatcher;
  }

  #send(channel: string): boolean {
    const message = this.dispatcher.give(channel, this.now, false);
    if (message === undefined) return false;
    this.given.push(message);
    const outcome = this.answer(message);
    if (outcome === 'silent') return false;
    if (outcome.type === 'delivered') this.arrived.push(message);
    const attempt = { key: message.key, channel, at: this.now, took: 5, outcome };
    this.dispatcher.attempt(attempt, this.now);
    return true;
  }
}

/** A message in few words: `raised unit-failed/critical, resolved …`. */
export const said = ({ items }: Message): string =>
  items.map(({ reason, alert }) => `${reason} ${alert.resource.id}`).join(', ');
