/**
 * The hub: follows the feed once for all clients, renders each change once, and gives it out in
 * slices, so that many clients do not hold the event loop.
 */

import type { Ms } from '../../domain/time.ts';
import type { Caller, House, Notice } from '../../operations/house.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import { Follower, type Line } from './follower.ts';
import {
  changeMessage,
  helloMessage,
  type Message,
  noticeMessage,
  resyncMessage,
} from './message.ts';
import { createTail, type Tail } from './tail.ts';

export interface StreamLimits {
  /** More are refused with 503. */
  readonly clientsMax: number;
  /** What one client may lack before it gets a resync; also what the shared tail may hold. */
  readonly clientBufferBytesMax: number;
}

/** What a client asked for, and where its reading begins. */
export interface Wanted {
  readonly from: number;
  readonly resync: boolean;
  readonly wants: (message: Message) => boolean;
  /** Who follows: asked again and again whether it still may. */
  readonly caller: Caller;
}

/** Messages given out before the event loop may do something else: 2 ms at 4 us each. */
const sliceMessages = 500;
const changesAtOnce = 500;
/** Notices that wait to be given out; beyond, everybody gets a resync. */
const noticesMax = 1000;
/** Also how soon a stream ends whose token is revoked. */
const beatEvery: Ms = 5000;
/** Who was told that the stream is over, and keeps the connection, is cut then. */
const expelledWithin: Ms = 2000;

export class Hub {
  readonly #house: House;
  readonly #clock: Clock;
  readonly #limits: StreamLimits;
  readonly #tail: Tail;
  readonly #clients = new Map<Follower, { readonly line: Line; readonly caller: Caller }>();
  readonly #stopListening: readonly (() => void)[];
  #notices: Notice[] = [];
  #isPumping = false;
  #isRung = false;
  #isClosed = false;
  #beating: Timer | undefined;

  constructor(house: House, clock: Clock, limits: StreamLimits) {
    this.#house = house;
    this.#clock = clock;
    this.#limits = limits;
    this.#tail = createTail(limits.clientBufferBytesMax);
    const { feed } = house;
    this.#stopListening = [
      feed.onRing(() => this.#ring()),
      feed.onNotice((notice) => this.#note(notice)),
    ];
  }

  get count(): number {
    return this.#clients.size;
  }

  get isFull(): boolean {
    return this.#isClosed || this.#clients.size >= this.#limits.clientsMax;
  }

  /** Undefined when there are too many clients already. */
  join(line: Line, { from, resync, wants, caller }: Wanted): Follower | undefined {
    if (this.isFull) return undefined;
    const { feed, version } = this.#house;
    const now = (): number => this.#house.now();
    if (this.#clients.size === 0 && !this.#isPumping) this.#tail.restart(feed.lastSeq());
    const parts = {
      line,
      feed,
      tail: this.#tail,
      wants,
      monotonic: () => this.#clock.monotonic(),
      resyncAt: (seq: number) => resyncMessage(seq, now()),
      bufferBytesMax: this.#limits.clientBufferBytesMax,
    };
    const follower = new Follower(parts, from);
    line.send(helloMessage(from, feed.lastSeq(), version, now()));
    if (resync) line.send(resyncMessage(from, now()));
    this.#clients.set(follower, { line, caller });
    this.#beating ??= this.#clock.after(beatEvery, () => this.#beat());
    follower.advance();
    return follower;
  }

  leave(follower: Follower): void {
    follower.left();
    this.#clients.delete(follower);
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of this.#stopListening) stop();
    this.#beating?.cancel();
    for (const { line } of this.#clients.values()) line.close('stopping');
  }

  /** Ends at once those who did not go when the hub closed. */
  terminate(): void {
    for (const { line } of this.#clients.values()) line.terminate();
  }

  #ring(): void {
    if (this.#clients.size > 0) void this.#pump();
  }

  #note(notice: Notice): void {
    if (this.#clients.size === 0) return;
    this.#notices.push(notice);
    if (this.#notices.length > noticesMax) {
      this.#notices = [];
      void this.#resyncAll();
    }
    this.#ring();
  }

  #beat(): void {
    const again = this.#clients.size > 0;
    this.#beating = again ? this.#clock.after(beatEvery, () => this.#beat()) : undefined;
    for (const [follower, { line, caller }] of this.#clients)
      if (this.#house.access.isStillValid(caller)) follower.beat();
      else this.#expel(follower, line);
    // A ring may be lost; the feed is not.
    if (this.#house.feed.lastSeq() > this.#tail.seq) this.#ring();
  }

  /** What the client has shown at the door counts no more: it hears nothing from now on. */
  #expel(follower: Follower, line: Line): void {
    this.leave(follower);
    line.close('unauthorized');
    this.#clock.after(expelledWithin, () => line.terminate());
  }

  async #pump(): Promise<void> {
    this.#isRung = true;
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#isRung) {
        this.#isRung = false;
        await this.#pumpChanges();
        await this.#pumpNotices();
      }
    } catch {
      // The feed could not be read, trying again at the next ring or beat.
    } finally {
      this.#isPumping = false;
    }
  }

  async #pumpChanges(): Promise<void> {
    const { feed } = this.#house;
    const tail = this.#tail;
    while (tail.seq < feed.lastSeq()) {
      const changes = await feed.after(tail.seq, changesAtOnce);
      if (changes.length === 0 || this.#clients.size === 0) return;
      // A gap (forgotten while nobody looked) is found by each client when it reads on.
      for (const change of changes) tail.push(changeMessage(change));
      await this.#eachInSlices((follower) => follower.advance());
      // What everybody has is forgotten; whoever is far back reads the feed.
      tail.forget(Math.min(...[...this.#clients.keys()].map(({ cursor }) => cursor)));
    }
  }

  /** After the changes, so that a notice never overtakes one that was there before it. */
  async #pumpNotices(): Promise<void> {
    const notices = this.#notices;
    this.#notices = [];
    for (const notice of notices) {
      const shared = noticeMessage(notice, this.#tail.seq);
      const render = (seq: number): Message =>
        seq === shared.seq ? shared : noticeMessage(notice, seq);
      await this.#eachInSlices((follower) => {
        follower.tell(render);
        return 1;
      });
    }
  }

  #resyncAll(): Promise<void> {
    return this.#eachInSlices((follower) => {
      follower.resync();
      return 1;
    });
  }

  /** `serve` says how many messages it gave; others get their turn in between. */
  async #eachInSlices(serve: (follower: Follower) => number): Promise<void> {
    let given = 0;
    for (const follower of this.#clients.keys()) {
      given += serve(follower);
      if (given < sliceMessages) continue;
      given = 0;
      await new Promise<void>((resolve) => this.#clock.soon(resolve));
    }
  }
}
