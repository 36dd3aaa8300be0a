/** `tocsin scst`: which initiators lose what, if this device dies. */

import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import type { View } from '../output/printer.ts';
import { factOf, sayFact } from '../output/resource-view.ts';
import type { Tone } from '../output/table.ts';
import { scstScreens } from '../screens.ts';
import type { ResourceView, TopologyView } from '../views.ts';
import { listThings } from './things.ts';

/** One LUN: what it gives, through which target, and to whom. */
interface Export {
  readonly device: string;
  readonly handler: string;
  readonly sizeBytes: number | null;
  /** `ok`, or what is wrong with the device or the LUN. */
  readonly state: string;
  readonly readOnly: boolean;
  readonly target: string;
  readonly group: string;
  readonly lun: string;
  readonly id: string;
  /** Names of the initiators that are logged in and see this LUN. */
  readonly initiators: readonly string[];
}

const wrongs: readonly (readonly [attribute: string, value: boolean, word: string])[] = [
  ['present', false, 'missing'],
  ['backingPresent', false, 'backing gone'],
  ['active', false, 'inactive'],
];

const wrongOf = ({ attributes }: ResourceView): readonly string[] =>
  wrongs.flatMap(([name, value, word]) => (attributes[name] === value ? [word] : []));

function stateOf(lun: ResourceView, device: ResourceView | undefined): string {
  const found = [...wrongOf(lun), ...(device === undefined ? [] : wrongOf(device))];
  if (lun.staleSince !== null) found.push('stale');
  return found.length === 0 ? 'ok' : [...new Set(found)].join(', ');
}

/** DRIVER/TARGET/LUN or DRIVER/TARGET/GROUP/LUN; no part holds a slash. */
function placeOf(id: string): Pick<Export, 'target' | 'group' | 'lun'> {
  const [driver = '', target = '', ...rest] = id.split('/');
  const lun = rest.at(-1) ?? '';
  return { target: `${driver}/${target}`, group: rest.length > 1 ? (rest[0] ?? '') : '-', lun };
}

function exportsOf(
  luns: readonly ResourceView[],
  devices: readonly ResourceView[],
  sessions: readonly ResourceView[],
  { edges }: TopologyView,
): readonly Export[] {
  const byName = new Map(devices.map((device) => [device.id, device]));
  const named = new Map(sessions.map((session) => [session.id, session]));
  const users = Map.groupBy(
    edges.filter(({ from, to }) => from.kind === 'scst.lun' && to.kind === 'scst.session'),
    ({ from }) => from.id,
  );
  const isLoggedIn = (id: string): boolean => named.get(id)?.attributes.present !== false;
  return luns
    .map((lun) => {
      const name = factOf(lun, 'device');
      const device = byName.get(name);
      const size = device?.attributes.sizeBytes;
      return {
        device: name,
        handler: device === undefined ? '-' : factOf(device, 'handler'),
        sizeBytes: typeof size === 'number' ? size : null,
        state: stateOf(lun, device),
        readOnly: [lun, device].some((one) => one?.attributes.readOnly === true),
        ...placeOf(lun.id),
        id: lun.id,
        initiators: (users.get(lun.id) ?? [])
          .filter(({ to }) => isLoggedIn(to.id))
          .map(({ to }) => {
            const session = named.get(to.id);
            return session === undefined ? to.id : factOf(session, 'initiator');
          }),
      };
    })
    .sort((a, b) => (a.device === b.device ? 0 : a.device < b.device ? -1 : 1));
}

const toneOf = ({ state }: Export): Tone | undefined =>
  state === 'ok' ? undefined : state === 'stale' ? 'dim' : 'bad';

const viewOf = (devices: readonly ResourceView[]): View<Export> => {
  const byName = new Map(devices.map((device) => [device.id, device]));
  const sizeOf = ({ device }: Export): string => {
    const found = byName.get(device);
    return found === undefined ? '-' : sayFact(found, 'sizeBytes');
  };
  return {
    id: ({ id }) => id,
    columns: [
      { header: 'DEVICE', of: ({ device }) => device, tone: toneOf },
      { header: 'HANDLER', of: ({ handler }) => handler },
      { header: 'SIZE', of: sizeOf, align: 'right' },
      {
        header: 'STATE',
        of: ({ state, readOnly }) => (readOnly ? `${state} (read-only)` : state),
        tone: toneOf,
      },
      { header: 'TARGET', of: ({ target }) => target },
      { header: 'GROUP', of: ({ group }) => group },
      { header: 'LUN', of: ({ lun }) => lun, align: 'right' },
      { header: 'INITIATORS', of: ({ initiators }) => initiators.join(' ') || 'none' },
    ],
  };
};

export async function listScst(context: Context): Promise<ExitName> {
  const { args, api, printer } = context;
  const [word = 'exports'] = args;
  if (word !== 'exports') {
    return await listThings(scstScreens)(context);
  }
  const of = async (kind: string): Promise<readonly ResourceView[]> =>
    (await api.list('resource.list', { kind })).rows;
  const [luns, devices, sessions, topology] = await Promise.all([
    of('scst.lun'),
    of('scst.device'),
    of('scst.session'),
    api.topology(),
  ]);
  const rows = exportsOf(luns, devices, sessions, topology);
  const bad = rows.filter(({ state }) => state !== 'ok').length;
  const unused = devices.filter((device) => !rows.some(({ device: name }) => name === device.id));
  const legend = [
    `${rows.length} exports`,
    ...(bad > 0 ? [`${bad} not well`] : []),
    ...(unused.length > 0 ? [`${unused.length} without a LUN`] : []),
  ].join(', ');
  const also = Object.keys(scstScreens).join(', ');
  await printer.list(rows, viewOf(devices), `${legend}; also: ${also}`);
  return 'done';
}
