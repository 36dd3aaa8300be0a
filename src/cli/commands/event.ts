/** `tocsin event`: what happened, oldest first as in a journal, and on with -f. */

import type { Context } from '../command.ts';
import { type ExitName, Stop } from '../exit.ts';
import { renderMoment } from '../output/moments.ts';
import type { View } from '../output/printer.ts';
import type { Column } from '../output/table.ts';
import { plainLine } from '../output/text.ts';
import { countOf, isSet, textOf, textsOf } from '../values.ts';
import type { EventView } from '../views.ts';
import { instantOf } from './alert.ts';
import { unitName } from './unit-name.ts';

const rowsDefault = 100;
/** With -f, where nothing is said: as many as `journalctl -f` and `tail -f`. */
const followRowsDefault = 10;
/** Rows that are looked through for those after a number; tocsind may hold far more. */
const scannedRowsMax = 100_000;

/** `exit-code, status 1`: what an event says, without what is empty. */
function factsOf({ attributes }: EventView): string {
  return Object.entries(attributes)
    .filter(([name, value]) => value !== null && value !== '' && name !== 'invocationId')
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

function columnsOf({ printer }: Context): readonly Column<EventView>[] {
  return [
    { header: 'NUMBER', wide: true, align: 'right', of: ({ number }) => String(number) },
    { header: 'TIME', of: ({ time }) => renderMoment(Date.parse(time), printer.isUtc) },
    {
      header: 'EVENT',
      of: ({ event }) => event,
      tone: ({ event }) => (event === 'run-failed' ? 'warn' : undefined),
    },
    { header: 'RESOURCE', of: ({ resource }) => resource.id },
    { header: 'KIND', wide: true, of: ({ resource }) => resource.kind },
    { header: 'FOUND BY', wide: true, of: ({ foundBy }) => foundBy },
    { header: 'FACTS', of: factsOf },
  ];
}

/** Does the work once for all rings that come while it is done. */
function createDesk(work: () => Promise<void>) {
  let isRung = false;
  let isBusy = false;
  let failure: unknown;
  async function run(): Promise<void> {
    isBusy = true;
    while (isRung) {
      isRung = false;
      await work();
    }
  }
  return {
    ring(): void {
      if (failure !== undefined) throw failure;
      isRung = true;
      if (isBusy) return;
      run()
        .catch((error: unknown) => {
          // While tocsind is away there is nothing to read; it rings when it is back.
          const isAway = error instanceof Stop && ['unreachable', 'timeout'].includes(error.exit);
          if (!isAway) failure = error;
        })
        .finally(() => {
          isBusy = false;
        });
    },
  };
}

/** Reads events that were asked for, oldest first. */
function createReader(context: Context) {
  const { values, api } = context;
  const units = textsOf(values, 'unit').map(unitName);
  const query = {
    kind: units.length > 0 ? 'systemd.unit' : textOf(values, 'kind'),
    // The API takes one id; several units are picked out here.
    id: units.length === 1 ? units[0] : textOf(values, 'id'),
    event: textOf(values, 'event'),
    since: instantOf(context, 'since'),
    until: instantOf(context, 'until'),
  };
  const isWanted = ({ resource }: EventView): boolean =>
    units.length < 2 || units.includes(resource.id);
  return {
    async latest(limit: number): Promise<readonly EventView[]> {
      const asked = units.length < 2 ? limit : scannedRowsMax;
      const { rows } = await api.list('event.list', query, asked);
      return rows.filter(isWanted).slice(0, limit).reverse();
    },
    /** All that have a higher number. */
    async after(number: number): Promise<readonly EventView[]> {
      let found: readonly EventView[] = [];
      for (let limit = 100; limit <= scannedRowsMax; limit *= 10) {
        const { rows, more } = await api.list('event.list', query, limit);
        found = rows.filter((row) => row.number > number);
        if (found.length < rows.length || !more) break;
      }
      return found.filter(isWanted).reverse();
    },
  };
}

const viewOf = (context: Context): View<EventView> => ({
  columns: columnsOf(context),
  id: ({ number }) => String(number),
});

function lineOf(event: EventView, { printer }: Context): string {
  const time = renderMoment(Date.parse(event.time), printer.isUtc);
  const name = printer.paint(
    event.event === 'run-failed' ? 'warn' : undefined,
    plainLine(event.event),
  );
  return `${time}  ${name}  ${plainLine(`${event.resource.id}  ${factsOf(event)}`)}`.trimEnd();
}

/**
 * The stream only says that there is something new; what it is comes from the list, by number. So
 * nothing is lost with a connection, and nothing is shown twice.
 */
async function followEvents(context: Context): Promise<ExitName> {
  const { values, api, io, printer } = context;
  const reader = createReader(context);
  let number = countOf(values, 'after');
  const limit = countOf(values, 'limit') ?? followRowsDefault;
  const show = async (): Promise<void> => {
    const rows = number === undefined ? await reader.latest(limit) : await reader.after(number);
    number ??= 0;
    for (const row of rows) {
      await printer.row(row, String(row.number), () => lineOf(row, context));
      number = Math.max(number, row.number);
    }
  };
  const desk = createDesk(show);
  const query = { types: 'system,task,storage,scst,tape,vtl' };
  const following = { query, clock: io.clock, tell: printer.note };
  // The first message comes at once, so that what happens from here on rings.
  for await (const _ of api.follow(following)) {
    if (number === undefined) await show();
    else desk.ring();
  }
  return 'done';
}

export async function listEvents(context: Context): Promise<ExitName> {
  const { values, printer } = context;
  if (isSet(values, 'follow')) {
    if (isSet(values, 'until')) throw new Stop('usage', '--until and --follow exclude each other');
    return followEvents(context);
  }
  const reader = createReader(context);
  const after = countOf(values, 'after');
  const limit = countOf(values, 'limit') ?? rowsDefault;
  const rows =
    after === undefined ? await reader.latest(limit) : (await reader.after(after)).slice(0, limit);
  await printer.list(rows, viewOf(context), `${rows.length} event${rows.length === 1 ? '' : 's'}`);
  return 'done';
}
