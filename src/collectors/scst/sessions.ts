/**
 * Who was connected: initiators once seen are remembered, over restarts too, so that one that is
 * gone is a resource that is lost and not a resource that is not there. What is remembered is one
 * JSON text in a cursor, written only when it changes.
 */
import type { Event, FoundBy } from '../../domain/reading.ts';
import { days, type EpochMs, type Ms } from '../../domain/time.ts';
import { known } from './attribute.ts';
import { type Counters, type SessionNode, type TargetNode, type Tree, targetsOf } from './tree.ts';

/** A lost initiator is forgotten after this: it was taken away, or renamed. */
export const rememberedFor: Ms = days(7);
/** Beyond it, those that were lost first are forgotten. */
export const rememberedMax = 2000;

/** What is known of one initiator at one target. */
export interface Visitor {
  readonly target: string;
  readonly driver: string;
  readonly initiator: string;
  readonly firstSeenAt: EpochMs;
  lostAt: EpochMs | null;
  group: string | null;
  address: string | null;
  /** Ends of sessions since tocsin began to look. */
  closes: number;
  /** Its sessions that are open, by their instance. */
  open: ReadonlyMap<string, SessionNode>;
}

/** What sessions of a target that ended had counted: its sums only grow. */
export type Retired = Record<keyof Counters, number>;

type Saved = readonly [
  target: string,
  initiator: string,
  firstSeenAt: EpochMs,
  lostAt: EpochMs | null,
  group: string | null,
  address: string | null,
];

const isSaved = (row: unknown): row is Saved =>
  Array.isArray(row) &&
  typeof row[0] === 'string' &&
  typeof row[1] === 'string' &&
  typeof row[2] === 'number' &&
  (row[3] === null || typeof row[3] === 'number') &&
  (row[4] === null || typeof row[4] === 'string') &&
  (row[5] === null || typeof row[5] === 'string');

const noSessions: ReadonlyMap<string, SessionNode> = new Map();
const nothingRetired: Retired = { readCommands: 0, writeCommands: 0, readKb: 0, writeKb: 0 };

const addressOf = (node: SessionNode): string | null =>
  known(node.connections[0]?.address ?? null) ?? null;

export interface Look {
  readonly now: EpochMs;
  readonly foundBy: FoundBy;
  /** A target that does not count, or is gone on purpose: its visitors are forgotten. */
  readonly unwanted: (target: string) => boolean;
}

export class VisitorBook {
  readonly #visitors = new Map<string, Visitor>();
  readonly #retired = new Map<string, Retired>();
  #looked = false;

  /** Takes over what an earlier run of tocsin kept; what makes no sense is nothing. */
  load(kept: unknown): void {
    for (const row of Array.isArray(kept) ? kept.filter(isSaved) : []) {
      const [target, initiator, firstSeenAt, lostAt, group, address] = row;
      const driver = target.slice(0, target.indexOf('/'));
      const of = { target, driver, initiator, firstSeenAt, lostAt, group, address };
      this.#visitors.set(`${target}/${initiator}`, { ...of, closes: 0, open: noSessions });
    }
  }

  get visitors(): ReadonlyMap<string, Visitor> {
    return this.#visitors;
  }

  retired(target: string): Retired {
    return this.#retired.get(target) ?? nothingRetired;
  }

  /** Compares with the sessions that are there now; says who came and who went. */
  look(tree: Tree | undefined, look: Look): readonly Event[] {
    const events: Event[] = [];
    const here = new Map<string, Map<string, SessionNode>>();
    const blind = new Set<string>();
    for (const target of targetsOf(tree)) {
      if (look.unwanted(target.id)) continue;
      if (target.sessionsRefusal !== null) blind.add(target.id);
      for (const node of target.sessions) {
        const id = `${target.id}/${node.initiator}`;
        const open = here.get(id) ?? new Map<string, SessionNode>();
        here.set(id, open.set(node.instance, node));
        if (!this.#visitors.has(id)) this.#visitors.set(id, newVisitor(target, node, look.now));
      }
    }
    for (const [id, visitor] of this.#visitors) {
      const open = here.get(id) ?? noSessions;
      if (open.size === 0 && blind.has(visitor.target)) continue;
      events.push(...this.#compare(id, visitor, open, look));
      if (open.size === 0 && look.unwanted(visitor.target)) this.#visitors.delete(id);
    }
    this.#looked = true;
    this.#forget(look.now);
    return events;
  }

  #compare(
    id: string,
    visitor: Visitor,
    open: ReadonlyMap<string, SessionNode>,
    { now, foundBy }: Look,
  ): readonly Event[] {
    const events: Event[] = [];
    const tell = (event: 'opened' | 'closed', instance: string, by: FoundBy): void => {
      const { initiator, target, address } = visitor;
      const attributes = { initiator, target, address };
      const key = `${instance} ${now}`;
      events.push({ event, kind: 'scst.session', id, at: now, foundBy: by, attributes, key });
    };
    // At the first look only what was remembered can have come or gone.
    const remembered = !this.#looked && visitor.open.size === 0 && visitor.firstSeenAt < now;
    for (const [instance, node] of visitor.open) {
      if (open.has(instance)) continue;
      visitor.closes += 1;
      this.#retire(visitor.target, node.counters);
      tell('closed', instance, foundBy);
    }
    if (remembered && visitor.lostAt === null && open.size === 0)
      tell('closed', 'while tocsin did not look', 'reconciliation');
    for (const [instance, node] of open) {
      visitor.group = node.group;
      visitor.address = addressOf(node);
      const isNew = !visitor.open.has(instance);
      if (isNew && this.#looked) tell('opened', instance, foundBy);
      else if (isNew && remembered && visitor.lostAt !== null)
        tell('opened', instance, 'reconciliation');
    }
    visitor.open = open;
    visitor.lostAt = open.size > 0 ? null : (visitor.lostAt ?? now);
    return events;
  }

  #retire(target: string, counters: Counters): void {
    const sums = { ...this.retired(target) };
    for (const name of ['readCommands', 'writeCommands', 'readKb', 'writeKb'] as const)
      sums[name] += known(counters[name]) ?? 0;
    this.#retired.set(target, sums);
  }

  #forget(now: EpochMs): void {
    const lost = [...this.#visitors].filter(([, { lostAt }]) => lostAt !== null);
    lost.sort(([, a], [, b]) => (a.lostAt ?? 0) - (b.lostAt ?? 0));
    let surplus = this.#visitors.size - rememberedMax;
    for (const [id, { lostAt }] of lost) {
      if (surplus <= 0 && now - (lostAt ?? now) <= rememberedFor) break;
      this.#visitors.delete(id);
      surplus -= 1;
    }
  }

  /** What is to be kept. */
  toKeep(): readonly unknown[] {
    return [...this.#visitors.values()].map(
      ({ target, initiator, firstSeenAt, lostAt, group, address }): Saved => [
        target,
        initiator,
        firstSeenAt,
        lostAt,
        group,
        address,
      ],
    );
  }
}

const newVisitor = ({ id, driver }: TargetNode, node: SessionNode, now: EpochMs): Visitor => ({
  target: id,
  driver,
  initiator: node.initiator,
  firstSeenAt: now,
  lostAt: null,
  group: node.group,
  address: addressOf(node),
  closes: 0,
  open: noSessions,
});
