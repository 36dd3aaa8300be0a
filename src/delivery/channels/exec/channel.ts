/**
 * Runs a program of the site for each message: an argument list, never a shell. The message is
 * JSON on standard input; the environment holds PATH, the language and a fixed list of TOCSIN_
 * variables, and nothing of tocsind's own.
 *
 * Exit status 0: delivered. 65 (EX_DATAERR of sysexits.h): this message will never be taken. All
 * else, 75 (EX_TEMPFAIL) among it, is tried again: a script that fails for a reason that it does
 * not know must not lose an alert.
 */
import { duration, required, type Setting, type ValuesOf } from '../../../config/readers.ts';
import type { Message, Outcome } from '../../../domain/message.ts';
import { seconds } from '../../../domain/time.ts';
import type { CommandOutcome } from '../../../platform/command.ts';
import { defineChannel } from '../../channel.ts';

const argumentsMax = 64;
const argumentCharsMax = 4096;
/** Of what it prints: a line of it is kept with the attempt. */
const outputBytesMax = 4096;
const detailCharsMax = 200;
/** sysexits.h: the data is not what it should be. */
const exitRefused = 65;

type Argv = readonly [string, ...string[]];

const isArgument = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= argumentCharsMax && !value.includes('\0');

const argv: Setting<Argv> = {
  default: ['/bin/false'],
  help:
    'Program with its arguments, run once for each message as the user tocsin, with the message as JSON on ' +
    'standard input and TOCSIN_TYPE, TOCSIN_SEVERITY, TOCSIN_TITLE, TOCSIN_COUNT, TOCSIN_KEY, TOCSIN_SEQUENCE, ' +
    'TOCSIN_CHANNEL, TOCSIN_HOST, TOCSIN_DRILL in its environment. No shell takes part. Exit status 0: delivered; ' +
    '65: never to be tried again; all others, such as 75: to be tried again. It runs inside tocsin.service, ' +
    'which has no network, no devices but tapes, no capabilities, and nothing that it could write to but the ' +
    'state and the rules of tocsin: for mail or HTTP use a channel of that type.',
  expects: 'a list: the absolute path of a program, then its arguments',
  spelled: '[]',
  read: (given) => {
    if (!Array.isArray(given) || given.length > argumentsMax) return undefined;
    const [program, ...rest] = given as readonly unknown[];
    return isArgument(program) && program.startsWith('/') && rest.every(isArgument)
      ? { value: [program, ...rest] }
      : undefined;
  },
};

/** Whoever carries messages waits for two minutes at most. */
const timeoutMax = seconds(100);
const runTime = duration(
  seconds(30),
  'How long the program may run; then it is ended and tried again.',
);

const settings = {
  command: required(argv),
  timeout: {
    ...runTime,
    expects: 'a duration such as 30s, at most 100s',
    read: (given: unknown) => {
      const read = runTime.read(given);
      return read === undefined || read.value > timeoutMax ? undefined : read;
    },
  },
};

const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();

/** What is needed to decide without reading JSON. */
export function environmentOf(message: Message): Readonly<Record<string, string>> {
  const [worst] = message.items;
  return {
    TOCSIN_TYPE: message.type,
    TOCSIN_SEVERITY: worst?.alert.severity ?? 'info',
    TOCSIN_TITLE: plain(worst?.alert.title ?? message.title).slice(0, argumentCharsMax),
    TOCSIN_COUNT: String(message.items.length + message.omitted),
    TOCSIN_KEY: message.key,
    TOCSIN_SEQUENCE: String(message.sequence),
    TOCSIN_CHANNEL: message.channel,
    TOCSIN_HOST: message.host,
    TOCSIN_DRILL: message.drill ? '1' : '0',
  };
}

function outcomeOf(program: string, ended: CommandOutcome, timeout: number): Outcome {
  if (ended.type === 'missing')
    return { type: 'retry', why: `${program} cannot be run: ${plain(ended.why)}`, maybe: false };
  if (ended.type === 'timeout') {
    const why = `${program} did not end within ${timeout / 1000} s`;
    return { type: 'retry', why, maybe: true };
  }
  const said = plain(ended.stderr || ended.stdout).slice(0, detailCharsMax);
  if (ended.exitStatus === 0) return { type: 'delivered', detail: said };
  const why = `${program} ended with ${ended.exitStatus ?? ended.signal}${said && `: ${said}`}`;
  if (ended.exitStatus === exitRefused) return { type: 'refused', why };
  // Ended by a signal: nobody knows how far it came.
  return { type: 'retry', why, maybe: ended.exitStatus === null };
}

export const execChannel = defineChannel({
  type: 'exec',
  title: 'a program of your own',
  place: 'core',
  settings,
  open: (_name, { command: program, timeout }: ValuesOf<typeof settings>, { command }) => ({
    async send(message, signal) {
      const ended = await command.run(program, {
        timeout,
        outputBytesMax,
        signal,
        input: `${JSON.stringify(message)}\n`,
        environment: environmentOf(message),
      });
      return outcomeOf(program[0], ended, timeout);
    },
    close: async () => {},
  }),
});
