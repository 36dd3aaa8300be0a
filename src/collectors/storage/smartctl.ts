/**
 * What disks say of themselves, from `smartctl --json -n standby -H -A`: only when the settings
 * allow it, and never so that a disk wakes. smartmontools 7.3 and 7.4, of Debian 12 and 13.
 */
import type { EpochMs } from '../../domain/time.ts';
import { isRow, parseJson, type Row } from '../json.ts';
import type { Asking } from './asking.ts';
import type { Disk } from './disks.ts';
import type { Smart } from './smart.ts';

const rowOf = (value: unknown): Row => (isRow(value) ? value : {});
const numberIn = (row: Row, name: string): number | null =>
  typeof row[name] === 'number' ? row[name] : null;

/** Reallocated, pending, uncorrectable. smartctl(8), ATA attributes. */
const badSectorIds: readonly unknown[] = [5, 197, 198];

function badSectors(report: Row): number | null {
  const { table } = rowOf(report.ata_smart_attributes);
  if (!Array.isArray(table)) {
    return numberIn(rowOf(report.nvme_smart_health_information_log), 'media_errors');
  }
  const rows = table.map(rowOf).filter(({ id }) => badSectorIds.includes(id));
  return rows.reduce((sum, row) => sum + (numberIn(rowOf(row.raw), 'value') ?? 0), 0);
}

/** smartctl(8): bit 3 of the exit status says DISK FAILING. */
const failingBit = 8;

/** The answer of `smartctl --json -H -A`; undefined when it says nothing (asleep, refused). */
export function parseSmartctl(text: string, now: EpochMs): Smart | undefined {
  const report = rowOf(parseJson(text));
  const { passed } = rowOf(report.smart_status);
  if (typeof passed !== 'boolean') return undefined;
  const exitStatus = numberIn(rowOf(report.smartctl), 'exit_status') ?? 0;
  const log = rowOf(report.nvme_smart_health_information_log);
  const warning = numberIn(log, 'critical_warning') ?? 0;
  const isFailing = !passed || (exitStatus & failingBit) !== 0 || warning !== 0;
  const used = numberIn(log, 'percentage_used');
  return {
    smartFailing: isFailing,
    smartReason: isFailing
      ? warning === 0
        ? 'its own test'
        : `critical warning ${warning}`
      : null,
    temperatureCelsius: numberIn(rowOf(report.temperature), 'current'),
    reallocatedSectors: badSectors(report),
    wearRatio: used === null ? null : used / 100,
    smartUpdatedAt: now,
  };
}

/** Bits 0 and 1 mean that it could not ask, or that the disk sleeps: smartctl(8). */
const couldNotAskBits = 3;

export async function askSmartctl(
  disk: Disk,
  device: string,
  asking: Asking,
  now: EpochMs,
): Promise<Smart | undefined> {
  const argv = ['smartctl', '--json', '-n', 'standby', '-H', '-A', device] as const;
  const outcome = await asking.probes.run(`disk ${disk.id}`, [...argv], asking);
  const isAnswer =
    outcome.type === 'ended' && ((outcome.exitStatus ?? couldNotAskBits) & couldNotAskBits) === 0;
  return isAnswer ? parseSmartctl(outcome.stdout, now) : undefined;
}
