/**
 * The courier carries messages from an outbox to channels: one message of a channel at a time,
 * each channel by itself, so that one that hangs holds up no other. It runs in tocsind for the
 * channels of the core, and in tocsin-relay for those that need a network.
 */
import type { Attempt, Message, Outcome } from '../domain/message.ts';
import { type Ms, minutes, seconds } from '../domain/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { within } from '../platform/within.ts';
import type { Sender } from './channel.ts';
import type { Outbox } from './outbox.ts';

/** How long one question for the next message may wait. */
export const patience: Ms = seconds(25);
/** A channel that has not answered by then is told to give up: its own limits are shorter. */
const sendWithin: Ms = minutes(2);
/** From then on nobody waits for it any more. */
const giveUpWithin: Ms = seconds(1);
/** An outbox that has nothing, and says so at once, is not asked again at once. */
const emptyPause: Ms = seconds(1);
/** Between two tries to reach the outbox: from, to. */
const pauseMin: Ms = 100;
const pauseMax: Ms = seconds(5);
/** At the end a message that is on its way gets this long to arrive; then its channel is cut. */
const finishWithin: Ms = 500;
const closeWithin: Ms = 300;
const lastReportWithin: Ms = 150;

export interface CourierParts {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 to below 1. */
  readonly random: () => number;
}

export interface Courier {
  /** On the monotonic clock: when it last did something. Longer ago than `stepMax`: it is stuck. */
  lastStepAt(): Ms;
  /** Ends within a second; a message that is on its way may finish. */
  stop(): Promise<void>;
}

/** The longest that one step of a courier can take. */
export const stepMax: Ms = sendWithin + giveUpWithin + patience + minutes(1);

interface Run {
  readonly channel: string;
  readonly sender: Sender;
  readonly parts: CourierParts;
  /** Aborts when nothing new is to be begun. */
  readonly stopping: AbortSignal;
  /** Aborts when what has been begun must end. */
  readonly cutting: AbortSignal;
  step(): void;
}

/** Full jitter, so that a relay and its channels do not come back all at once. */
const pauseAfter = (failures: number, random: () => number): Ms =>
  pauseMin + random() * Math.min(pauseMax, pauseMin * 2 ** Math.min(failures, 10));

async function sendOnce(run: Run, message: Message): Promise<Outcome> {
  const { sender, cutting } = run;
  const { clock } = run.parts;
  const limit = new AbortController();
  const { promise: cut, resolve } = Promise.withResolvers<void>();
  const abort = (): void => {
    limit.abort();
    resolve();
  };
  const timer = clock.after(sendWithin, abort);
  cutting.addEventListener('abort', abort, { once: true });
  if (cutting.aborted) abort();
  const silent: Outcome = { type: 'retry', why: 'it did not answer in time', maybe: true };
  try {
    const sent = sender.send(message, limit.signal);
    const abandoned = cut
      .then(() => clock.sleep(cutting.aborted ? closeWithin : giveUpWithin))
      .then(() => silent);
    return await Promise.race([sent, abandoned]);
  } catch (error) {
    // A bug of the channel: the wall of a delivery (GUIDE, "Errors").
    run.parts.log.error(`channel ${run.channel} met a bug: ${(error as Error).stack}`);
    return { type: 'retry', why: `a bug: ${(error as Error).message}`, maybe: true };
  } finally {
    timer.cancel();
    cutting.removeEventListener('abort', abort);
  }
}

/** Again and again until it is durable; when the courier is to end, once more. */
async function report(run: Run, attempt: Attempt): Promise<void> {
  const { clock, outbox, random } = run.parts;
  for (let failures = 0; ; failures += 1) {
    const last = run.stopping.aborted;
    try {
      const told = outbox.report(attempt);
      await (last ? within(clock, lastReportWithin, told, undefined) : told);
      return;
    } catch {
      if (last) return;
      run.step();
      await clock.sleep(pauseAfter(failures, random), run.stopping);
    }
  }
}

/** Says it when trouble begins and when it ends, and not with each attempt. */
function createTrouble(channel: string, log: Log): (outcome: Outcome) => void {
  let failing = false;
  return (outcome) => {
    if (outcome.type === 'delivered') {
      if (failing) log.notice(`channel ${channel}: delivers again`);
      failing = false;
    } else if (outcome.type === 'refused') {
      log.warning(`channel ${channel}: a message was refused: ${outcome.why}, ignoring`);
    } else {
      if (!failing) log.warning(`channel ${channel}: ${outcome.why}, trying again`);
      failing = true;
    }
  };
}

/** Undefined: there is none now. */
async function nextMessage(run: Run, failures: number): Promise<Message | 'none' | 'unreachable'> {
  const { clock, outbox, random } = run.parts;
  const askedAt = clock.monotonic();
  try {
    const messages = await outbox.next([run.channel], patience, run.stopping);
    const found = messages.find(({ channel }) => channel === run.channel);
    if (found !== undefined) return found;
    const tooSoon = clock.monotonic() - askedAt < patience / 2;
    if (tooSoon) await clock.sleep(emptyPause, run.stopping);
    return 'none';
  } catch {
    await clock.sleep(pauseAfter(failures, random), run.stopping);
    return 'unreachable';
  }
}

async function carry(run: Run): Promise<void> {
  const { clock, log } = run.parts;
  const tellTrouble = createTrouble(run.channel, log);
  let failures = 0;
  while (!run.stopping.aborted) {
    run.step();
    const message = await nextMessage(run, failures);
    failures = message === 'unreachable' ? failures + 1 : 0;
    if (typeof message === 'string' || run.stopping.aborted) continue;
    const began = clock.monotonic();
    const at = clock.now();
    const outcome = await sendOnce(run, message);
    run.step();
    const took = clock.monotonic() - began;
    tellTrouble(outcome);
    await report(run, { key: message.key, channel: run.channel, at, took, outcome });
  }
}

/** Carries the messages of one channel until it is stopped; then closes the sender. */
export function startCourier(channel: string, sender: Sender, parts: CourierParts): Courier {
  const { clock } = parts;
  const stopping = new AbortController();
  const cutting = new AbortController();
  let lastStepAt = clock.monotonic();
  const ended = carry({
    channel,
    sender,
    parts,
    stopping: stopping.signal,
    cutting: cutting.signal,
    step() {
      lastStepAt = clock.monotonic();
    },
  });
  return {
    lastStepAt: () => lastStepAt,
    async stop() {
      stopping.abort();
      const timer = clock.after(finishWithin, () => cutting.abort());
      await ended;
      timer.cancel();
      await within(clock, closeWithin, sender.close(), undefined).catch(() => undefined);
    },
  };
}
