/** The outbox of tocsind as tocsin-relay sees it, over relay.sock. */
import type { Attempt, Message } from '../../domain/message.ts';
import { type Ms, seconds } from '../../domain/time.ts';
import type { Log } from '../../platform/log.ts';
import type { UnixHttp, UnixOutcome } from '../../platform/unix-http.ts';
import type { Outbox } from '../outbox.ts';
import { type Alive, type Messages, messagesBytesMax } from './protocol.ts';

const answerWithin: Ms = seconds(10);
const smallBytesMax = 64 * 1024;

export interface RelayClient extends Outbox {
  /** Undefined: nobody answers, or it is not tocsind. */
  alive(signal?: AbortSignal): Promise<Alive | undefined>;
  /** What is in the way at present; null: nothing. */
  trouble(): string | null;
}

/** Undefined: it is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const whyOf = (outcome: UnixOutcome): string =>
  outcome.type === 'unreachable'
    ? outcome.why
    : `answered ${outcome.status}: ${outcome.text.slice(0, 200)}`;

export function createRelayClient(http: UnixHttp, log: Log): RelayClient {
  let trouble: string | null = null;

  /** Said once when it begins, and once when it is over. */
  function judge(why: string | null): void {
    if (why !== null && trouble === null)
      log.warning(`tocsind cannot be asked: ${why}, trying again`);
    if (why === null && trouble !== null) log.notice('tocsind answers again');
    trouble = why;
  }

  return {
    async next(channels, patience, signal) {
      const query = new URLSearchParams(channels.map((name) => ['channel', name]));
      query.set('patience', String(patience));
      const outcome = await http.ask({
        method: 'GET',
        path: `/messages?${query.toString()}`,
        timeout: patience + answerWithin,
        answerBytesMax: messagesBytesMax,
        signal,
      });
      if (signal.aborted) return [];
      const answer =
        outcome.type === 'answer' && outcome.status === 200
          ? (parse(outcome.text) as Messages | undefined)
          : undefined;
      judge(answer === undefined ? whyOf(outcome) : null);
      if (answer === undefined) throw new Error(whyOf(outcome));
      return answer.messages satisfies readonly Message[];
    },
    async report(attempt: Attempt) {
      const outcome = await http.ask({
        method: 'POST',
        path: '/attempts',
        body: attempt,
        timeout: answerWithin,
        answerBytesMax: smallBytesMax,
      });
      const refused = outcome.type === 'answer' && outcome.status >= 400 && outcome.status < 500;
      // It knows no such message any more, or no such channel: saying it again would not help.
      if (refused) log.warning(`report of ${attempt.key}: ${whyOf(outcome)}, ignoring`);
      else if (outcome.type !== 'answer' || outcome.status !== 204) throw new Error(whyOf(outcome));
    },
    async alive(signal) {
      const outcome = await http.ask({
        method: 'GET',
        path: '/alive',
        timeout: answerWithin,
        answerBytesMax: smallBytesMax,
        ...(signal === undefined ? {} : { signal }),
      });
      return outcome.type === 'answer' && outcome.status === 200
        ? (parse(outcome.text) as Alive | undefined)
        : undefined;
    },
    trouble: () => trouble,
  };
}
