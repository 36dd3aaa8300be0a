/**
 * ZFS pools. Their state comes from /proc/spl/kstat/zfs/POOL/state, which never waits; zpool and
 * zfs wait for ever on a suspended pool (openzfs issues 1857, 14426, 18151), so these are asked
 * for details only, one pool at a time, in a child with a limit, and never about a suspended one.
 */
import { isUnreadable, type Unreadable, unreadable } from '../../domain/reading.ts';
import { attempt, readWord } from '../attribute.ts';
import type { Look } from '../statfs.ts';
import { type Asking, stdoutOf, whyNot } from './asking.ts';
import type { BlockPorts } from './block-names.ts';
import type { PoolAttributes, PoolSight, PoolsSight } from './pool-sight.ts';
import { parseZpoolStatus, type ZpoolStatus } from './zpool-status.ts';

/** By pool: its state word, or why that cannot be read. */
export type ZfsStates = ReadonlyMap<string, string | Unreadable>;

/** The pools that are imported; undefined when that cannot be told. */
export function readZfsStates({ files, roots }: BlockPorts): ZfsStates | { readonly why: string } {
  const folder = `${roots.proc}/spl/kstat/zfs`;
  const entries = attempt(folder, () => files.list(folder) ?? []);
  if (isUnreadable(entries)) return { why: entries.unreadable };
  const states = new Map<string, string | Unreadable>();
  for (const { name, type } of entries) {
    const state = type === 'directory' ? readWord(files, `${folder}/${name}/state`) : null;
    if (state !== null) states.set(name, state);
  }
  return states;
}

export type ZpoolDetails =
  | {
      readonly type: 'told';
      readonly sizeBytes: number;
      readonly usedBytes: number;
      readonly status: ZpoolStatus;
    }
  | { readonly type: 'untold'; readonly why: string };

export async function askZpool(pool: string, asking: Asking): Promise<ZpoolDetails> {
  const { probes } = asking;
  const object = `pool ${pool}`;
  const list = await probes.run(
    object,
    ['zpool', 'list', '-Hp', '-o', 'size,allocated', '--', pool],
    asking,
  );
  const noList = whyNot(list, asking);
  if (noList !== undefined) return { type: 'untold', why: noList };
  // zpool writes the time of a scrub in the local time of whoever asks.
  const argv = ['env', 'TZ=UTC', 'zpool', 'status', '-pP', '--', pool] as const;
  const told = await probes.run(object, [...argv], asking);
  const why = whyNot(told, asking);
  if (why !== undefined) return { type: 'untold', why };
  const [sizeBytes = NaN, usedBytes = NaN] = stdoutOf(list).trim().split('\t').map(Number);
  const status = parseZpoolStatus(stdoutOf(told));
  if (status === undefined || Number.isNaN(sizeBytes) || Number.isNaN(usedBytes))
    return { type: 'untold', why: 'zpool gave an answer that is not understood' };
  return { type: 'told', sizeBytes, usedBytes, status };
}

/** How full a dataset is that is not mounted here. */
export async function askDataset(dataset: string, asking: Asking): Promise<Look> {
  const outcome = await asking.probes.run(
    `dataset ${dataset}`,
    ['zfs', 'get', '-Hp', '-o', 'value', 'used,available', '--', dataset],
    asking,
  );
  const why = whyNot(outcome, asking);
  if (why === 'dataset does not exist') return { type: 'missing', why };
  if (why !== undefined) return { type: 'unknown', why };
  const [used = NaN, available = NaN] = stdoutOf(outcome).trim().split('\n').map(Number);
  if (Number.isNaN(used) || Number.isNaN(available))
    return { type: 'unknown', why: 'zfs gave an answer that is not understood' };
  return {
    type: 'figures',
    sizeBytes: used + available,
    usedBytes: used,
    availableBytes: available,
    inodesUsedRatio: null,
  };
}

const usableStates = ['ONLINE', 'DEGRADED'];
const unusableStates = ['FAULTED', 'OFFLINE', 'REMOVED', 'UNAVAIL', 'SUSPENDED'];

function detailsOf(details: ZpoolDetails | undefined, isSuspended: boolean): PoolAttributes {
  if (isSuspended || details?.type === 'untold') {
    const why = unreadable(
      details?.type === 'untold' && !isSuspended
        ? details.why
        : 'not asked: zpool would wait for ever on a suspended pool',
    );
    return { sizeBytes: why, usedBytes: why, errors: why, deviceErrors: why, faultyDevices: why };
  }
  if (details === undefined) return {};
  const { status, sizeBytes, usedBytes } = details;
  const names = status.faulty.map(({ name, state }) => `${name} (${state})`);
  return {
    sizeBytes,
    usedBytes,
    errors: status.errors ?? null,
    deviceErrors: status.deviceErrors,
    devices: status.devices.length,
    faultyDevices: status.faulty.length,
    faultyNames: names.join(', ') || null,
    syncAction: status.syncAction,
    ...(status.lastScrubAt === undefined ? {} : { lastScrubAt: status.lastScrubAt }),
    ...(status.scrubErrors === undefined ? {} : { scrubErrors: status.scrubErrors }),
  };
}

export function zfsPools(
  states: ZfsStates | { readonly why: string },
  details: ReadonlyMap<string, ZpoolDetails>,
): PoolsSight {
  if ('why' in states) return { type: 'unreadable', why: states.why };
  const pools = [...states].map(([id, state]): PoolSight => {
    if (typeof state !== 'string')
      return { id, type: 'zfs', attributes: { state, usable: state, degraded: state } };
    const usable = usableStates.includes(state)
      ? true
      : unusableStates.includes(state)
        ? false
        : null;
    const more = detailsOf(details.get(id), state === 'SUSPENDED');
    const degraded = state === 'DEGRADED';
    return { id, type: 'zfs', attributes: { state, usable, degraded, ...more } };
  });
  return { type: 'seen', pools };
}
