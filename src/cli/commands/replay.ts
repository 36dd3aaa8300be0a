/** `tocsin replay`: plays a recording through the inventory and the engine, without tocsind. */
import { createReadStream } from 'node:fs';
import { kinds } from '../../collectors/registry.ts';
import type { Change } from '../../domain/alert.ts';
import { type Deviation, diffOf, Player, Unplayable } from '../../recording/replay.ts';
import type { Context } from '../command.ts';
import { type ExitName, Stop } from '../exit.ts';
import { renderMoment } from '../output/moments.ts';
import { plainLine } from '../output/text.ts';
import { isSet } from '../values.ts';

/** What stands behind the last line end is a line too: a file that was cut shows it. */
async function* readLines(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = (rest + (chunk as string)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

const lineOf = ({ seq, at, reason, by, alert }: Change): string => {
  const who = by === null ? '' : ` by ${by}`;
  const what = `${alert.severity}  ${alert.rule}  ${alert.resource.id}  ${alert.title}`;
  return plainLine(`${seq}  ${renderMoment(at, true)}  ${reason}${who}  ${what}`);
};

async function play(path: string, take: (changes: readonly Change[]) => Promise<void>) {
  const player = new Player(kinds);
  try {
    for await (const line of readLines(path)) {
      await take(player.take(line));
      if (player.deviation !== undefined) return player;
    }
    player.finish();
    return player;
  } catch (error) {
    if (error instanceof Unplayable) throw new Stop('failed', `${path}: ${error.message}`);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Stop('unknown', `there is no file ${path}`);
    if (code !== undefined) throw new Stop('failed', `${path} cannot be read (${code})`);
    throw error;
  }
}

const describe = (path: string, deviation: Deviation): readonly string[] => [
  `${path}:${deviation.line}: the replay differs`,
  ...diffOf(deviation).map((line) => plainLine(`  ${line}`)),
];

export async function replayRecording(context: Context): Promise<ExitName> {
  const { args, printer, values } = context;
  const [path = ''] = args;
  const isAsserting = isSet(values, 'assert');
  const player = await play(path, async (changes) => {
    if (isAsserting) return;
    for (const change of changes)
      await printer.row(change, String(change.seq), () => lineOf(change));
  });
  for (const note of player.notes) await printer.note(`tocsin: ${note}`);
  if (player.deviation !== undefined) {
    const lines = describe(path, player.deviation);
    if (isAsserting) await printer.lines(lines);
    else for (const line of lines) await printer.note(line);
    return 'problems';
  }
  if (isAsserting)
    await printer.lines([`${path}: ${player.inputs} inputs, ${player.changes} changes, the same`]);
  return 'done';
}
