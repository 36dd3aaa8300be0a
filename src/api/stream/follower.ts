/**
 * A follower: one client of the stream with its own cursor in the feed. It is given as much as its
 * connection takes; while that is full, nothing is kept for it but its cursor.
 */
import type { Change } from '../../domain/alert.ts';
import type { Ms } from '../../domain/time.ts';
import type { Feed } from '../../operations/house.ts';
import { changeMessage, type Message } from './message.ts';
import type { Tail } from './tail.ts';

/** Why a stream is ended; after `unauthorized` it is of no use to come again as one came. */
export type Ending = 'stopping' | 'unreadable' | 'unauthorized';

/** An open connection, WebSocket or SSE. */
export interface Line {
  send(message: Message): void;
  /** What is sent meanwhile goes to the kernel at once, not message by message. */
  together(send: () => void): void;
  /** Asks for a sign of life, which the line reports with `heard`. */
  ping(): void;
  /** The kernel takes no more for now; `drained` is called when it does again. */
  isFull(): boolean;
  /** Bytes that wait in this process. */
  bytesWaiting(): number;
  /** Ends it in good order: the client may come again and resume. */
  close(why: Ending): void;
  /** Ends it at once. */
  terminate(): void;
}

export interface FollowerParts {
  readonly line: Line;
  readonly feed: Feed;
  readonly tail: Tail;
  /** Whether this client asked for such messages. */
  readonly wants: (message: Message) => boolean;
  readonly monotonic: () => Ms;
  readonly resyncAt: (seq: number) => Message;
  /** Further behind than this and full for longer than a moment: it gets a resync instead. */
  readonly bufferBytesMax: number;
}

/** Changes read from the feed at once for a client that is far behind. */
const catchUpRows = 200;
/** A connection that is full for a shorter time is only busy: a burst fills every buffer. */
const busyFor: Ms = 2000;
const pingEvery: Ms = 30_000;
const silenceMax: Ms = 60_000;

export class Follower {
  readonly #parts: FollowerParts;
  #cursor: number;
  /** `tail.bytesPushed` when it last was at the tail's end. */
  #bytesSeen: number;
  #fullSince: Ms | undefined;
  #isCatchingUp = false;
  #hasLeft = false;
  /** A notice was dropped while the connection was full. */
  #hasLost = false;
  #heardAt: Ms;
  #pingedAt: Ms;
  /** Goes on with catching up. */
  #wake: (() => void) | undefined;

  constructor(parts: FollowerParts, from: number) {
    this.#parts = parts;
    this.#cursor = from;
    this.#bytesSeen = parts.tail.bytesPushed;
    this.#heardAt = parts.monotonic();
    this.#pingedAt = this.#heardAt;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** Gives it what it lacks, up to the tail's end or until its connection is full: how many. */
  advance(): number {
    let given = 0;
    this.#parts.line.together(() => {
      given = this.#giveTail();
    });
    return given;
  }

  #giveTail(): number {
    const { tail, wants } = this.#parts;
    let given = 0;
    while (this.#isIdle() && this.#cursor < tail.seq) {
      const message = tail.find(this.#cursor + 1);
      if (message === undefined) this.#startCatchUp();
      else {
        if (wants(message)) this.#give(message);
        this.#cursor = message.seq;
        given += 1;
      }
    }
    if (this.#cursor >= tail.seq) this.#bytesSeen = tail.bytesPushed;
    return given;
  }

  /** A message without a number of its own, made for the cursor of this client. */
  tell(render: (seq: number) => Message): void {
    const { line, wants, bufferBytesMax } = this.#parts;
    const message = render(this.#cursor);
    if (this.#hasLeft || !wants(message)) return;
    if (line.bytesWaiting() < bufferBytesMax) this.#give(message);
    else this.#hasLost = true;
  }

  /** It has lost something: it goes on from the tail's end, and is told so. */
  resync(): void {
    const { tail, resyncAt } = this.#parts;
    this.#hasLost = false;
    this.#cursor = tail.seq;
    this.#bytesSeen = tail.bytesPushed;
    this.#give(resyncAt(tail.seq));
  }

  /** The connection takes data again. */
  drained(): void {
    const { tail, monotonic, bufferBytesMax } = this.#parts;
    const fullFor = this.#fullSince === undefined ? 0 : monotonic() - this.#fullSince;
    this.#fullSince = undefined;
    const isSlow = fullFor > busyFor && tail.bytesPushed - this.#bytesSeen > bufferBytesMax;
    if (this.#hasLost || (isSlow && !this.#isCatchingUp)) this.resync();
    this.#wake?.();
    this.advance();
  }

  /** The client gave a sign of life. */
  heard(): void {
    this.#heardAt = this.#parts.monotonic();
  }

  left(): void {
    this.#hasLeft = true;
    this.#wake?.();
  }

  /** Every few seconds: pings, and ends a client that has been silent for too long. */
  beat(): void {
    const { line, monotonic } = this.#parts;
    const now = monotonic();
    if (now - this.#heardAt >= silenceMax) line.terminate();
    else if (now - this.#pingedAt >= pingEvery && this.#fullSince === undefined) {
      this.#pingedAt = now;
      line.ping();
    }
  }

  #isIdle(): boolean {
    return !this.#isCatchingUp && !this.#hasLeft && this.#fullSince === undefined;
  }

  #give(message: Message): void {
    const { line, monotonic, bufferBytesMax } = this.#parts;
    line.send(message);
    if (line.isFull()) this.#fullSince ??= monotonic();
    // One huge message may pass; a second one that nobody reads may not.
    if (line.bytesWaiting() > bufferBytesMax * 2) line.terminate();
  }

  #startCatchUp(): void {
    this.#isCatchingUp = true;
    this.#catchUp()
      .then(() => {
        this.#isCatchingUp = false;
        this.#bytesSeen = this.#parts.tail.bytesPushed;
        this.advance();
      })
      // The store could not be read. The client comes again and resumes where it was.
      .catch(() => this.#parts.line.close('unreadable'));
  }

  /** Reads what the tail no longer has from the feed, as fast as the connection takes it. */
  async #catchUp(): Promise<void> {
    const { feed, tail } = this.#parts;
    while (!this.#hasLeft && this.#cursor < tail.seq && !tail.find(this.#cursor + 1)) {
      const asked = this.#cursor;
      const changes = await feed.after(asked, catchUpRows);
      // Unless a resync came in between: then what was read is no longer wanted.
      if (this.#hasLeft || this.#cursor !== asked) continue;
      // Numbers have no gaps: what does not go on from the cursor has been forgotten.
      if (changes[0]?.seq !== asked + 1) this.resync();
      else await this.#giveAll(changes);
    }
  }

  /** Ends early when a resync takes the cursor elsewhere. */
  async #giveAll(changes: readonly Change[]): Promise<void> {
    for (const change of changes) {
      while (this.#fullSince !== undefined && !this.#hasLeft) await this.#untilDrained();
      if (this.#hasLeft || change.seq !== this.#cursor + 1) return;
      const message = changeMessage(change);
      if (this.#parts.wants(message)) this.#give(message);
      this.#cursor = change.seq;
    }
  }

  #untilDrained(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
