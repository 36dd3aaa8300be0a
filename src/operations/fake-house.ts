/**
 * A house for tests: alerts, changes, events and resources in arrays, with the rules of the real
 * one about acts, order and numbers. Time stands until a test moves it.
 */
import type { Alert, Change, ChangeReason } from '../domain/alert.ts';
import type { BlindTime } from '../domain/health.ts';
import type { Kind } from '../domain/kind.ts';
import type { ActiveMute } from '../domain/mute.ts';
import type { Resource } from '../domain/resource.ts';
import type { Complaint, RuleSummary } from '../domain/rule.ts';
import type { TaskRun } from '../domain/task.ts';
import type { EpochMs } from '../domain/time.ts';
import type { HistoryAnswer, HistoryQuery } from '../history/history.ts';
import type { Deed, RaisedByHand } from '../rules/engine.ts';
import type { AlertQuery, EventQuery, StoredEvent, TaskQuery } from '../store/store.ts';
import type { Reply } from '../store/tables/replies.ts';
import { FakeAccess } from './fake-access.ts';
import {
  afterDeed,
  fakeAlert,
  fakeStart,
  newestFirst,
  reasons,
  selects,
  within,
} from './fake-alerts.ts';
import { FakeAudit } from './fake-audit.ts';
import { FakeDelivery } from './fake-delivery.ts';
import { FakeFeed } from './fake-feed.ts';
import { noFigures } from './fake-figures.ts';
import { FakeMutes, mutesOf } from './fake-mutes.ts';
import { FakeRaised } from './fake-raised.ts';
import { FakeRecords } from './fake-records.ts';
import { FakeRuleDesk } from './fake-rules.ts';
import { FakeTasks } from './fake-tasks.ts';
import type { Figures } from './figures.ts';
import type { ActAnswer, House, Notice, Replies } from './house.ts';
import type { FindRecentEdits, RecentEdits } from './house-edits.ts';

export class FakeHouse implements House {
  readonly version = '0.0.0-test';
  readonly startedAt = fakeStart;
  readonly kinds: readonly Kind[];
  clock: EpochMs = fakeStart;
  isReady = true;
  notAlive: string | null = null;
  /** While true nobody is rung. */
  isMute = false;
  healthAnswer: ReturnType<House['health']> = { status: 'healthy', components: {} };
  figuresAnswer: Figures = noFigures;
  readonly stored: StoredEvent[] = [];
  readonly inventory: Resource[] = [];
  readonly ruleSummaries: RuleSummary[] = [];
  readonly ruleDesk = new FakeRuleDesk(this.ruleSummaries);
  readonly kept: Reply[] = [];
  readonly replies: Replies = {
    find: async (caller, key) => this.kept.find((one) => one.caller === caller && one.key === key),
    keep: async (reply) => void this.kept.push(reply),
  };
  readonly feed = new FakeFeed();
  readonly changes = this.feed.changes;
  /** What the history answers. */
  numbersAnswer: HistoryAnswer = { type: 'unknown' };
  readonly numbersAsked: HistoryQuery[] = [];
  readonly tasks = new FakeTasks(() => this.clock);
  readonly delivery = new FakeDelivery();
  /** What was changed on the machine, whenever that is asked. */
  editsAnswer: RecentEdits = { edits: [], omitted: 0, unreadable: [] };
  recentEdits: FindRecentEdits = async () => this.editsAnswer;
  readonly records = new FakeRecords();
  readonly access = new FakeAccess({
    now: () => this.clock,
    monotonic: () => this.clock - fakeStart,
  });
  readonly audit = new FakeAudit();
  readonly mutes = new FakeMutes(
    () => this.clock,
    (active) => this.#mute(active),
  );
  /** Why settings and rules are refused. */
  reloadAnswer: string | null = null;
  /** No more alerts can be raised. */
  isFull = false;
  readonly #raised = new FakeRaised((alert, reason, by) => this.change(alert, reason, by));
  readonly #alerts = new Map<string, Alert>();
  #fired = 0;

  constructor(kinds: readonly Kind[] = []) {
    this.kinds = kinds;
  }

  now(): EpochMs {
    return this.clock;
  }

  activeAlerts(): readonly Alert[] {
    return [...this.#alerts.values()].filter(({ phase }) => phase !== 'resolved');
  }

  async listResolved(query: AlertQuery): Promise<readonly Alert[]> {
    return [...this.#alerts.values()]
      .filter((one) => one.phase === 'resolved' && selects(query, one))
      .sort(newestFirst)
      .slice(0, query.limit);
  }

  async findAlert(id: string): Promise<Alert | undefined> {
    return this.#alerts.get(id);
  }

  async changesOf(id: string): Promise<readonly Change[]> {
    return this.changes.filter(({ alert }) => alert.id === id);
  }

  async act(id: string, deed: Deed, by: string): Promise<ActAnswer> {
    const before = this.#alerts.get(id);
    if (before === undefined) return { type: 'unknown' };
    if (before.phase === 'resolved') return { type: 'already-resolved', alert: before };
    const after = afterDeed(before, deed, by, this.clock);
    if (after === before) return { type: 'done', alert: before, changed: false };
    const { alert } = this.change(after, reasons[deed.type], by);
    return { type: 'done', alert, changed: true };
  }

  async raise(said: RaisedByHand, by: string): Promise<Alert | undefined> {
    if (this.isFull) return undefined;
    return this.#raised.raise(said, by, this.clock, this.activeAlerts());
  }

  expiries(): Readonly<Record<string, EpochMs>> {
    return this.#raised.expiries();
  }

  async reload(): Promise<string | null> {
    return this.reloadAnswer;
  }

  async listTasks(query: TaskQuery): Promise<readonly TaskRun[]> {
    return this.tasks.list(query);
  }

  async listEvents(query: EventQuery): Promise<readonly StoredEvent[]> {
    return this.stored
      .filter((one) => one.kind === (query.kind ?? one.kind) && one.id === (query.id ?? one.id))
      .filter((one) => one.event === (query.event ?? one.event))
      .filter((one) => within(one.at, query.since, query.until))
      .filter((one) => one.number < (query.before ?? Number.POSITIVE_INFINITY))
      .sort((a, b) => b.number - a.number)
      .slice(0, query.limit);
  }

  resources(kind?: string): readonly Resource[] {
    return this.inventory.filter((one) => one.kind === (kind ?? one.kind));
  }

  findResource(kind: string, id: string): Resource | undefined {
    return this.inventory.find((one) => one.kind === kind && one.id === id);
  }

  rules(): readonly RuleSummary[] {
    return this.ruleSummaries;
  }

  validateRules(text: string, file: string): readonly Complaint[] {
    if (text.includes('rules:')) return [];
    return [{ file, line: 1, column: 1, level: 'error', message: 'there is no list `rules`' }];
  }

  async numbers(query: HistoryQuery): Promise<HistoryAnswer> {
    this.numbersAsked.push(query);
    return this.numbersAnswer;
  }

  health(): ReturnType<House['health']> {
    return this.healthAnswer;
  }

  figures(): Figures {
    return this.figuresAnswer;
  }

  async blindTimes(): Promise<readonly BlindTime[]> {
    const since = fakeStart - 9000;
    return [{ source: 'systemd', since, until: fakeStart - 1000, why: 'bus lost' }];
  }

  ready(): boolean {
    return this.isReady;
  }

  alive(): string | null {
    return this.notAlive;
  }

  /** Makes a change of an alert and rings, as the pipeline does after a commit. */
  change(before: Alert, reason: ChangeReason, by: string | null = null): Change {
    const comment = reason === 'commented' ? before.comment : null;
    const change = this.feed.add((seq) => {
      const alert = { ...before, seq };
      return { seq, at: this.clock, reason, by, door: null, comment, alert };
    });
    this.#alerts.set(change.alert.id, change.alert);
    if (!this.isMute) this.feed.ring();
    return change;
  }

  /** Alerts are muted as the engine does it, by silences and windows alone. */
  #mute(active: readonly ActiveMute[]): void {
    for (const alert of this.activeAlerts()) {
      const mutedBy = mutesOf(alert, active);
      if (String(mutedBy) !== String(alert.mutedBy)) this.change({ ...alert, mutedBy }, 'muted');
    }
  }

  /** A firing alert, one second after the last. */
  fire(more?: Partial<Alert>): Alert {
    this.#fired += 1;
    return this.change(fakeAlert(this.#fired, more), 'raised').alert;
  }

  resolve(id: string): Alert {
    const alert = this.#alerts.get(id);
    if (alert === undefined) throw new Error(`no alert ${id}`);
    const end = { resolvedAt: this.clock, resolvedBy: 'recovered' };
    return this.change({ ...alert, ...end, phase: 'resolved' }, 'resolved').alert;
  }

  tell(notice: Notice): void {
    this.feed.tell(notice);
  }

  /** Forgets changes up to this number, as retention does. */
  forget(seq: number): void {
    this.feed.forget(seq);
  }
}
