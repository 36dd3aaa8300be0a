/**
 * All drives and changers that were ever seen. One that goes away stays in the roster and is
 * missed, over restarts too (as a cursor), until it comes back or is forgotten.
 */
import type { Fact } from '../../domain/reading.ts';
import { days, type EpochMs } from '../../domain/time.ts';
import { ifKnown } from '../attribute.ts';
import type { Still } from './activity.ts';
import type { DeviceType } from './scsi.ts';

export type IdentifiedBy = 'serial' | 'wwid' | 'address';

export interface Remembered {
  readonly type: DeviceType;
  readonly id: string;
  readonly identifiedBy: IdentifiedBy;
  readonly serial: string | null;
  readonly wwid: string | null;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly virtual: boolean;
  readonly address: string;
  readonly node: string | null;
  readonly attachedAt: EpochMs;
  readonly losses: number;
  readonly absentSince: EpochMs | null;
  readonly lastSeenAt: EpochMs | null;
  readonly nodeBefore: string | null;
  readonly renumberedAt: EpochMs | null;
  readonly stall: Still | null;
}

export type Roster = ReadonlyMap<string, Remembered>;

export const rosterKey = ({ type, id }: Pick<Remembered, 'type' | 'id'>): string => `${type} ${id}`;

// A library that was sent to repair is back within weeks; later nobody expects it any more.
export const forgottenAfter = days(30);
/** Long enough for the next backup run of a weekly plan to go wrong and be noticed. */
const renumberedKeptFor = days(7);
// Far above any appliance; what is beyond is not remembered.
const rememberedMax = 2000;

const isWord = (value: unknown): boolean => value === null || typeof value === 'string';
const isNumber = (value: unknown): boolean => value === null || Number.isFinite(value);

function isStill(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value !== 'object') return false;
  const { picture, since } = value as Partial<Still>;
  return typeof picture === 'string' && Number.isFinite(since);
}

function isRemembered(value: unknown): value is Remembered {
  if (typeof value !== 'object' || value === null) return false;
  const one = value as Partial<Remembered>;
  return (
    (one.type === 'drive' || one.type === 'changer') &&
    [one.id, one.address].every((text) => typeof text === 'string' && text !== '') &&
    (one.identifiedBy === 'serial' ||
      one.identifiedBy === 'wwid' ||
      one.identifiedBy === 'address') &&
    [one.serial, one.wwid, one.vendor, one.model, one.node, one.nodeBefore].every(isWord) &&
    typeof one.virtual === 'boolean' &&
    Number.isFinite(one.attachedAt) &&
    Number.isFinite(one.losses) &&
    [one.absentSince, one.lastSeenAt, one.renumberedAt].every(isNumber) &&
    isStill(one.stall)
  );
}

/** Of what was kept; entries that are none are dropped. */
export function readRoster(kept: unknown): Roster {
  const known = (Array.isArray(kept) ? kept : []).filter(isRemembered);
  return new Map(known.slice(0, rememberedMax).map((one) => [rosterKey(one), one]));
}

/** What is kept of it. */
export const keptOf = (roster: Roster): readonly Remembered[] =>
  [...roster.values()].slice(0, rememberedMax);

/** It is not there: since now, or since it was first found so. */
export const missed = (one: Remembered, now: EpochMs, lastSeenAt: EpochMs | null): Remembered =>
  one.absentSince === null
    ? { ...one, absentSince: now, lastSeenAt, losses: one.losses + 1, stall: null }
    : one;

/** Its node after a look: another number is remembered, and forgotten when it is the old again. */
export function renumbered(
  one: Remembered,
  node: string | null,
  now: EpochMs,
): Pick<Remembered, 'node' | 'nodeBefore' | 'renumberedAt'> {
  const { nodeBefore, renumberedAt } = one;
  if (node !== null && one.node !== null && node !== one.node) {
    return node === nodeBefore
      ? { node, nodeBefore: null, renumberedAt: null }
      : { node, nodeBefore: nodeBefore ?? one.node, renumberedAt: now };
  }
  const over = renumberedAt !== null && now - renumberedAt > renumberedKeptFor;
  return {
    node: node ?? one.node,
    nodeBefore: over ? null : nodeBefore,
    renumberedAt: over ? null : renumberedAt,
  };
}

export const isForgotten = (
  one: Remembered,
  now: EpochMs,
  isUnwanted: (serial: string) => boolean,
): boolean =>
  one.absentSince !== null &&
  (now - one.absentSince > forgottenAfter ||
    isUnwanted(one.id) ||
    (one.serial !== null && isUnwanted(one.serial)));

/** The value for the memory: what was refused, or is not there now, keeps what was known. */
export const kept = (value: Fact<string>, before: string | null | undefined): string | null =>
  ifKnown(value) ?? before ?? null;
