/**
 * What is known of SCST, with what follows from it: the facts that resources are rendered from,
 * and who came and went.
 */
import type { Event, FoundBy } from '../../domain/reading.ts';
import { type Ms, seconds } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Watcher } from '../collector.ts';
import { Kept } from '../kept.ts';
import { type Fact, known, refused } from './attribute.ts';
import type { Facts } from './facts.ts';
import { isUnused } from './render-targets.ts';
import { VisitorBook } from './sessions.ts';
import { type Tree, targetsOf } from './tree.ts';

/** After a longer pause, what a look finds was found late. */
const lateAfter: Ms = seconds(3);
const visitorsCursor = 'initiators';
/** What a read of last_sysfs_mgmt_res says while work is queued: -EAGAIN. */
const eagain = -11;

export class Knowledge {
  readonly #clock: Clock;
  readonly #book = new VisitorBook();
  readonly #wereOpen = new Set<string>();
  #facts: Facts;
  #kept: Kept | undefined;
  #lookedAt: Ms | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#facts = {
      now: clock.now(),
      tree: undefined,
      configuration: { type: 'none' },
      book: this.#book,
      backing: new Map(),
      portal: null,
      threads: undefined,
      unsaved: [],
      queueSilentSince: null,
      managementBusySince: null,
      serviceEnabled: false,
      wereOpen: this.#wereOpen,
    };
  }

  get facts(): Facts {
    return this.#facts;
  }

  attach(watcher: Watcher): void {
    this.#kept = new Kept(watcher, visitorsCursor);
    this.#book.load(this.#kept.read());
  }

  /** Takes over what was learned, and what follows from it. */
  know(more: Partial<Facts>): void {
    const now = this.#clock.now();
    const facts = { ...this.#facts, ...more, now };
    for (const { name, openState } of facts.tree?.drivers.values() ?? []) {
      if (known(openState) === 'open') this.#wereOpen.add(name);
    }
    const { managementBusySince: since } = this.#facts;
    const managementBusySince = isBusy(facts.tree) ? (since ?? now) : null;
    this.#facts = { ...facts, managementBusySince };
  }

  /** What this look finds: at once, or late because there was a pause. */
  foundBy(): FoundBy {
    const monotonic = this.#clock.monotonic();
    const since = this.#lookedAt === undefined ? Infinity : monotonic - this.#lookedAt;
    this.#lookedAt = monotonic;
    return since <= lateAfter ? 'signal' : 'reconciliation';
  }

  /** Compares the sessions with those before. */
  compareSessions(): readonly Event[] {
    const { tree, now } = this.#facts;
    const there = new Map([...targetsOf(tree)].map((node) => [node.id, node]));
    const unwanted = (target: string): boolean => {
      const node = there.get(target);
      if (isUnused(this.#facts, target, node)) return true;
      return tree !== undefined && node === undefined && isUndeclared(this.#facts, tree, target);
    };
    const events = this.#book.look(tree, { now, foundBy: this.foundBy(), unwanted });
    this.#kept?.write(this.#book.toKeep());
    return events;
  }
}

/** A good configuration has not got it, and the folder of its driver could be listed. */
function isUndeclared({ configuration }: Facts, tree: Tree, target: string): boolean {
  const driver = tree.drivers.get(target.slice(0, target.indexOf('/')));
  return (
    configuration.type === 'good' &&
    (driver === undefined || driver.refusal === null) &&
    !configuration.declared.targets.has(target)
  );
}

const isBusy = (tree: Tree | undefined): boolean => {
  const result = tree?.managementResult ?? null;
  return refused(result) ? result.unreadable.startsWith('EAGAIN') : result === eagain;
};

/** The answers of the queued reads, by the path of the session. */
export function takeQueued(
  tree: Tree | undefined,
  values: ReadonlyMap<string, Fact<number>>,
): void {
  for (const { sessions } of targetsOf(tree)) {
    for (const session of sessions) {
      const value = values.get(session.path);
      // One that came meanwhile was not asked. null, "not there", is an answer.
      if (value !== undefined) session.activeCommands = value;
    }
  }
}
