/**
 * What vgs(8) and lvs(8) report with `--reportformat json --units b --nosuffix`: LVM 2.03 of
 * Debian 12 and 13. Numbers are texts there, empty where they do not apply.
 */

import { isRow, parseJson, type Row } from '../json.ts';

export interface VolumeGroup {
  readonly name: string;
  readonly sizeBytes: number;
  readonly freeBytes: number;
  readonly volumes: number;
  readonly missingVolumes: number;
}

export interface LogicalVolume {
  readonly group: string;
  readonly name: string;
  /** First letter of lv_attr: `t` a thin pool, `V` a thin volume. lvs(8). */
  readonly type: string;
  readonly active: boolean;
  readonly sizeBytes: number;
  readonly dataRatio: number | null;
  readonly metadataRatio: number | null;
  /** lv_health_status: empty when it is well. */
  readonly health: string;
}

export const groupFields = 'vg_name,vg_size,vg_free,pv_count,vg_missing_pv_count';
export const volumeFields =
  'vg_name,lv_name,lv_attr,lv_size,data_percent,metadata_percent,lv_health_status';

/** Rows of `report[].NAME[]`; undefined when the text is no report. */
function rowsOf(text: string, name: 'vg' | 'lv'): readonly Row[] | undefined {
  const parsed = parseJson(text);
  const reports = isRow(parsed) ? parsed.report : undefined;
  if (!Array.isArray(reports)) return undefined;
  return reports.flatMap((report: unknown) => {
    const rows = isRow(report) ? report[name] : undefined;
    return Array.isArray(rows) ? rows.filter(isRow) : [];
  });
}

const word = (row: Row, name: string): string =>
  typeof row[name] === 'string' ? row[name].trim() : '';

function number(row: Row, name: string): number | undefined {
  const text = word(row, name);
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function ratio(row: Row, name: string): number | null {
  const percent = number(row, name);
  return percent === undefined ? null : percent / 100;
}

export function parseVolumeGroups(text: string): readonly VolumeGroup[] | undefined {
  return rowsOf(text, 'vg')?.flatMap((row) => {
    const sizeBytes = number(row, 'vg_size');
    const freeBytes = number(row, 'vg_free');
    const name = word(row, 'vg_name');
    if (sizeBytes === undefined || freeBytes === undefined || name === '') return [];
    const volumes = number(row, 'pv_count') ?? 0;
    const missingVolumes = number(row, 'vg_missing_pv_count') ?? 0;
    return [{ name, sizeBytes, freeBytes, volumes, missingVolumes }];
  });
}

export function parseLogicalVolumes(text: string): readonly LogicalVolume[] | undefined {
  return rowsOf(text, 'lv')?.flatMap((row) => {
    const sizeBytes = number(row, 'lv_size');
    const group = word(row, 'vg_name');
    // Parts of other volumes, shown by lvs -a only, stand in brackets.
    const name = word(row, 'lv_name').replace(/^\[(.*)\]$/, '$1');
    const attributes = word(row, 'lv_attr');
    if (sizeBytes === undefined || group === '' || name === '') return [];
    return [
      {
        group,
        name,
        type: attributes.charAt(0),
        active: attributes.charAt(4) === 'a',
        sizeBytes,
        dataRatio: ratio(row, 'data_percent'),
        metadataRatio: ratio(row, 'metadata_percent'),
        health: word(row, 'lv_health_status'),
      },
    ];
  });
}

/** As the kernel names it below /dev/mapper: hyphens of the names are doubled. dmsetup(8). */
export const mapperName = (group: string, volume: string): string =>
  `${group.replaceAll('-', '--')}-${volume.replaceAll('-', '--')}`;

/** The group of a `/dev/mapper` name that LVM made; undefined for another kind of name. */
export function groupOfMapper(name: string): string | undefined {
  const match = /^((?:[^-]|--)+)-(?!-)/.exec(name);
  return match?.[1]?.replaceAll('--', '-');
}
