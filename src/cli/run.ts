/** Runs one command line. The program is this function: main.ts gives it the world. */
import { createTransport, type Target } from '../../client/transport.ts';
import { seconds } from '../domain/time.ts';
import { version } from '../platform/version.ts';
import { createApi } from './api.ts';
import type { Command, Context } from './command.ts';
import { commands } from './commands.ts';
import { exitStatuses, Stop } from './exit.ts';
import type { Io } from './io.ts';
import { createPrinter, type Format, formats } from './output/printer.ts';
import { plainLine, plainLines } from './output/text.ts';
import { nounIn, type Parsed, parseCommandLine } from './parse.ts';
import { durationOf, isSet, textOf, type Values, wordOf } from './values.ts';

const timeoutDefault = seconds(30);
/** Of a Nagios plugin: the state could not be found out. */
const exitUnknown = 3;

function targetOf(values: Values, environment: Io['environment']): Target {
  const socket = textOf(values, 'socket');
  const address =
    textOf(values, 'url') ?? (socket === undefined ? environment.TOCSIN_URL : undefined);
  if (address) {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
      throw new Stop('usage', `--url ${address}: must be http://HOST:PORT or https://HOST`);
    }
    return { type: 'url', url, token: textOf(values, 'token') ?? environment.TOCSIN_TOKEN };
  }
  const folder = environment.TOCSIN_RUNTIME_DIR || '/run/tocsin';
  const path = socket || environment.TOCSIN_SOCKET || `${folder}/local.sock`;
  return { type: 'socket', path };
}

const otherNames: Readonly<Record<string, Format>> = { simple: 'table', extended: 'wide' };

function formatOf(values: Values): Format {
  const word = wordOf(values, 'output') ?? 'table';
  return otherNames[word] ?? formats.find((format): format is Format => format === word) ?? 'table';
}

function contextOf(io: Io, { values, args, command }: Parsed): Context {
  const target = targetOf(values, io.environment);
  const transport = createTransport(target, {
    timeout: durationOf(values, 'timeout') ?? command?.patience ?? timeoutDefault,
    timing: io.clock,
  });
  const printer = createPrinter(io, {
    format: formatOf(values),
    hasLegend: !isSet(values, 'no-legend'),
    isUtc: isSet(values, 'utc'),
  });
  return { io, values, args, printer, api: createApi(transport), commands };
}

async function run(argv: readonly string[], io: Io): Promise<number> {
  const parsed = parseCommandLine(commands, argv);
  if (isSet(parsed.values, 'version')) {
    await io.stdout.write(`tocsin ${version} (Node ${process.versions.node})\n`);
    return exitStatuses.done.code;
  }
  const fallback = commands.find(({ name }) => name === 'help') as Command;
  const command = parsed.command ?? fallback;
  const ended = await command.run(contextOf(io, parsed));
  return typeof ended === 'number' ? ended : exitStatuses[ended].code;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : '';

/** Of a file, say, that cannot be read: no fault of tocsin. */
function stopOf(error: unknown): Stop | undefined {
  if (error instanceof Stop) return error;
  const code = codeOf(error);
  if (code === '') return undefined;
  const isForbidden = code === 'EACCES' || code === 'EPERM';
  return new Stop(isForbidden ? 'not-permitted' : 'failed', (error as Error).message);
}

/** Tells what went wrong. A Nagios plugin does so on its one line of standard output. */
async function fail(argv: readonly string[], io: Io, error: unknown): Promise<number> {
  const stop = stopOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (nounIn(argv) === 'check') {
    await io.stdout.write(`TOCSIN UNKNOWN - ${plainLine(message).replaceAll('|', '/')}\n`);
    return exitUnknown;
  }
  const text = stop ? message : `a fault in tocsin itself: ${(error as Error).stack ?? message}`;
  await io.stderr.write(`tocsin: ${plainLines(text).join('\n')}\n`);
  return exitStatuses[stop?.exit ?? 'failed'].code;
}

/** Resolves with the exit status. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await run(argv, io);
  } catch (error) {
    return fail(argv, io, error);
  }
}
