/**
 * The kernel log, from /dev/kmsg; where that is closed to us (the unit runs without CAP_SYSLOG and
 * without devices), from the journal, which has a copy of it.
 *
 * What was dealt with is remembered over restarts: of /dev/kmsg the sequence number and its boot,
 * of the journal its cursor. /dev/kmsg begins with all that the kernel still has, so that what
 * happened while nobody listened is found late, and what was told before is only counted again.
 */
import { join } from 'node:path/posix';
import { type Ms, seconds } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Command, FollowedCommand } from '../../platform/command.ts';
import type { Roots, Watcher } from '../collector.ts';
import type { KernelEar } from './kernel-ear.ts';
import { type KernelLine, parseJournalLine, parseKmsg } from './kernel-line.ts';

const eye = 'kernel log';
const kmsgCursor = 'kmsg';
const journalCursor = 'kernel-journal';
/** A source that ended (a plain file of a captured tree) is opened again. */
const againAfter: Ms = seconds(60);
/** Sooner after EPIPE: lines were overwritten while they were read, and more come. */
const overrunAgainAfter: Ms = seconds(1);
/** Quiet lines move the position at most this often; a fault moves it with its own commit. */
const saveEvery: Ms = seconds(30);
const probeTimeout: Ms = seconds(10);
/** journalctl says these, ends with 0, and shows nothing of the system (shared/journal-util.c). */
const journalBlind =
  /No journal files were|insufficient permissions|not seeing messages from other users/;

export interface KernelWatchParts {
  readonly clock: Clock;
  readonly command: Command;
  readonly roots: Pick<Roots, 'dev'>;
  readonly watcher: Watcher;
  readonly ear: KernelEar;
  readonly bootId: string;
}

interface Kmsg {
  readonly bootId: string;
  readonly seq: number;
}

/** The stored position; undefined when there is none, or one of another boot. */
export function readKmsgCursor(text: string | undefined, bootId: string): number | undefined {
  const match = /^([0-9a-f-]{0,64}) (\d{1,20})$/.exec(text ?? '');
  return match !== null && match[1] === bootId ? Number(match[2]) : undefined;
}

const renderKmsgCursor = ({ bootId, seq }: Kmsg): string => `${bootId} ${seq}`;

/** Stores a position, now or some time later, and only when it has moved. */
class Position {
  readonly #parts: KernelWatchParts;
  readonly #name: string;
  #value: string | undefined;
  #saved: string | undefined;
  #planned = false;

  constructor(parts: KernelWatchParts, name: string) {
    this.#parts = parts;
    this.#name = name;
    this.#saved = parts.watcher.cursor(name);
    this.#value = this.#saved;
  }

  get value(): string | undefined {
    return this.#value;
  }

  move(value: string, urgent: boolean): void {
    this.#value = value;
    if (urgent) this.save();
    else if (!this.#planned) {
      this.#planned = true;
      this.#parts.clock.after(saveEvery, () => {
        this.#planned = false;
        this.save();
      });
    }
  }

  save(): void {
    if (this.#value === undefined || this.#value === this.#saved) return;
    this.#saved = this.#value;
    this.#parts.watcher.saveCursor(this.#name, this.#value);
  }
}

export class KernelWatch {
  readonly #parts: KernelWatchParts;
  readonly #kmsg: Position;
  readonly #journal: Position;
  /** Dealt with before this start. */
  readonly #knownSeq: number;
  /** The last line that this start has seen. */
  #lastSeq: number;
  #isOverrun = false;

  constructor(parts: KernelWatchParts) {
    this.#parts = parts;
    this.#kmsg = new Position(parts, kmsgCursor);
    this.#journal = new Position(parts, journalCursor);
    this.#knownSeq = readKmsgCursor(this.#kmsg.value, parts.bootId) ?? -1;
    this.#lastSeq = -1;
  }

  /** Until the watcher's signal aborts. */
  async run(): Promise<void> {
    const { clock, watcher, roots } = this.#parts;
    while (!watcher.signal.aborted) {
      const refused = await this.#followKmsg();
      // A captured machine has no journal here: ours would tell of another one.
      if (refused !== undefined && roots.dev === '/dev') await this.#followJournal(refused);
      else if (refused !== undefined) watcher.blindPart(eye, refused);
      await clock.sleep(this.#isOverrun ? overrunAgainAfter : againAfter, watcher.signal);
    }
    this.#kmsg.save();
    this.#journal.save();
  }

  /** Undefined when it could be read until it ended, else why not. */
  async #followKmsg(): Promise<string | undefined> {
    const path = join(this.#parts.roots.dev, 'kmsg');
    let isRead = false;
    const { exitStatus, stderr } = await this.#follow(['cat', path], (text) => {
      const line = parseKmsg(text);
      if (line === undefined) return;
      if (!isRead) this.#parts.watcher.blindPart(eye, null);
      isRead = true;
      this.#hearKmsg(line);
    });
    this.#isOverrun = isRead && exitStatus === 1;
    if (isRead || exitStatus === 0 || this.#parts.watcher.signal.aborted) return undefined;
    return stderr.trim() || `${path} cannot be read`;
  }

  #hearKmsg(line: KernelLine): void {
    const { ear, bootId } = this.#parts;
    const seq = Number(line.position);
    if (seq <= this.#lastSeq) return;
    this.#tellGap(seq);
    this.#lastSeq = seq;
    const known = seq <= this.#knownSeq;
    const urgent = ear.hear(line, known);
    if (!known) this.#kmsg.move(renderKmsgCursor({ bootId, seq }), urgent);
  }

  /** The kernel overwrote lines before they were read. */
  #tellGap(seq: number): void {
    const { watcher } = this.#parts;
    const before = this.#lastSeq >= 0 ? this.#lastSeq : this.#knownSeq;
    const lost = before < 0 ? 0 : seq - before - 1;
    if (lost <= 0) return;
    watcher.blindPart(eye, `the kernel overwrote ${lost} lines before they could be read`);
    watcher.blindPart(eye, null);
  }

  async #followJournal(refused: string): Promise<void> {
    const { command, watcher } = this.#parts;
    const probe = [
      'journalctl',
      '--no-pager',
      '--quiet',
      '--lines=1',
      '_TRANSPORT=kernel',
    ] as const;
    const answer = await command.run(probe, { timeout: probeTimeout, signal: watcher.signal });
    const blind =
      answer.type !== 'ended'
        ? answer.type === 'missing'
          ? answer.why
          : 'no answer'
        : answer.exitStatus !== 0 || journalBlind.test(answer.stderr)
          ? answer.stderr.trim() || 'journalctl failed'
          : undefined;
    if (watcher.signal.aborted) return;
    if (blind !== undefined) {
      watcher.blindPart(eye, `${refused}; journal: ${blind}`);
      return;
    }
    watcher.blindPart(eye, null);
    const { stderr } = await this.#follow(journalArgv(this.#journal.value), (text) => {
      const line = parseJournalLine(text);
      if (line === undefined) return;
      this.#journal.move(line.position, this.#parts.ear.hear(line, false));
    });
    if (!watcher.signal.aborted)
      watcher.blindPart(eye, `the journal ended: ${stderr.trim() || 'no reason given'}`);
  }

  async #follow(
    argv: readonly [string, ...string[]],
    hear: (line: string) => void,
  ): Promise<Awaited<FollowedCommand['ended']>> {
    const { command, watcher } = this.#parts;
    if (watcher.signal.aborted) return { exitStatus: null, stderr: '' };
    const follower = command.follow(argv);
    const stop = (): void => follower.stop();
    watcher.signal.addEventListener('abort', stop, { once: true });
    for await (const line of follower.lines) hear(line);
    watcher.signal.removeEventListener('abort', stop);
    return follower.ended;
  }
}

/** Without a cursor (first start) the last hour; `--no-tail` because --follow shows ten lines. */
const journalArgv = (cursor: string | undefined): readonly [string, ...string[]] => [
  'journalctl',
  '--follow',
  '--no-tail',
  '--no-pager',
  '--output=json',
  '--output-fields=MESSAGE,_TRANSPORT,SYSLOG_FACILITY,_SOURCE_MONOTONIC_TIMESTAMP,_BOOT_ID',
  cursor === undefined ? '--since=-1h' : `--after-cursor=${cursor}`,
  '_TRANSPORT=kernel',
];
