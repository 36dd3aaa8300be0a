/**
 * `tocsin silence export` and `import`: silences as JSON, in the form of `amtool silence query
 * -o json`, so that each reads what the other wrote.
 */

import type { Context } from '../command.ts';
import { type ExitName, Stop, worstOf } from '../exit.ts';
import { plainJson, plainLine } from '../output/text.ts';
import type { SilenceView } from '../views.ts';

/** `-` is standard input. */
const standardInput = '/dev/stdin';

export async function exportSilences({ api, printer }: Context): Promise<ExitName> {
  const { rows } = await api.list('silence.list', { state: ['active', 'pending'] });
  const told = rows.map(
    ({ id, matchers, startsAt, endsAt, updatedAt, createdBy, comment, state }) => ({
      id,
      status: { state },
      updatedAt,
      comment,
      createdBy,
      startsAt,
      endsAt,
      matchers,
    }),
  );
  await printer.lines([plainJson(told, 2)]);
  return 'done';
}

type Row = Readonly<Record<string, unknown>>;

function readRows(text: string, from: string): readonly Row[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Stop('usage', `${from} is not JSON: ${(error as Error).message}`);
  }
  const rows = Array.isArray(value) ? value : [value];
  if (rows.every((row) => typeof row === 'object' && row !== null)) return rows as Row[];
  throw new Stop('usage', `${from} must hold a list of silences`);
}

/** Sets it under its id where there is such a silence, else anew. */
async function save({ api }: Context, row: Row): Promise<SilenceView> {
  const { id, matchers, startsAt, endsAt, comment, createdBy } = row;
  const draft = { matchers, startsAt, endsAt, comment, createdBy };
  if (typeof id !== 'string') return api.act('silence.save', draft);
  try {
    return await api.act('silence.save', { ...draft, id });
  } catch (error) {
    if (!(error instanceof Stop) || error.exit !== 'unknown') throw error;
    return api.act('silence.save', draft);
  }
}

export async function importSilences(context: Context): Promise<ExitName> {
  const { args, io, printer } = context;
  const [path = '-'] = args;
  const text = io.files.readText(path === '-' ? standardInput : path);
  if (text === undefined) throw new Stop('unknown', `there is no file ${path}`);
  const exits: ExitName[] = [];
  const saved: SilenceView[] = [];
  for (const row of readRows(text, path === '-' ? 'standard input' : path)) {
    const isOver = typeof row.endsAt === 'string' && Date.parse(row.endsAt) <= printer.now;
    try {
      if (isOver) await printer.note(`tocsin: ${String(row.id)} is over, ignoring`);
      else saved.push(await save(context, row));
    } catch (error) {
      if (!(error instanceof Stop) || error.exit !== 'usage') throw error;
      exits.push('failed');
      await printer.note(`tocsin: ${String(row.id ?? row.comment)}: ${error.message}`);
    }
  }
  const isTable = printer.format === 'table' || printer.format === 'wide';
  if (isTable)
    await printer.lines(saved.map(({ id, filter }) => plainLine(`${id} silences ${filter}`)));
  else await printer.list(saved, { columns: [], id: ({ id }) => id }, '');
  return worstOf(exits);
}
