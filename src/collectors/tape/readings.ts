/** From what is known of a drive or changer to its reading. Pure. */
import { type AttributeReading, type ResourceReading, unreadable } from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import { busyOf, isStalled, outstandingOf } from './activity.ts';
import type { Identified } from './identity.ts';
import { tapeChanger, tapeDrive } from './kinds.ts';
import type { Remembered } from './roster.ts';
import type { Pulse } from './scsi.ts';
import type { VtlFacts } from './vtl.ts';

export type Facts = Readonly<Record<string, AttributeReading>>;

/** What is known beside sysfs. */
export interface Beside {
  readonly now: EpochMs;
  readonly vtl: VtlFacts;
  readonly whyNot: string | null;
  /** What its answers to commands said, and what else was found out about it. */
  readonly facts: Facts;
}

const under = (folder: string, name: string | null): string | null =>
  name === null ? null : `${folder}/${name}`;

/** What changes from second to second. */
function pulseFacts(pulse: Pulse, one: Remembered, { now, whyNot }: Beside): Facts {
  const { stall } = one;
  const shared = {
    attachedAt: one.attachedAt,
    losses: one.losses,
    state: pulse.state,
    ioErrors: pulse.ioErrors,
    timeouts: pulse.timeouts,
    outstanding: outstandingOf(pulse),
    busy: busyOf(pulse),
    stalledSince: isStalled(stall, now) ? stall.since : null,
    commandsAllowed: whyNot === null,
    whyNot,
  };
  if (one.type === 'changer') return shared;
  return {
    ...shared,
    inFlight: pulse.inFlight,
    readBytes: pulse.readBytes,
    writeBytes: pulse.writeBytes,
    readCommands: pulse.readCommands,
    writeCommands: pulse.writeCommands,
    otherCommands: pulse.otherCommands,
    residuals: pulse.residuals,
    positionLost: pulse.positionLost,
  };
}

/** Drives have their number remembered and their VTL drive named; changers their library. */
function typeFacts(one: Remembered, vtl: VtlFacts): Facts {
  if (one.type === 'changer') return { vtlLibrary: vtl.id };
  const { nodeBefore, renumberedAt } = one;
  return { vtlDrive: vtl.id, nodeBefore: under('/dev', nodeBefore), renumberedAt };
}

const readingOf = ({ type, id }: Remembered, attributes: Facts): ResourceReading => ({
  kind: (type === 'drive' ? tapeDrive : tapeChanger).name,
  id,
  attributes,
});

export function presentReading(
  { device, otherAddresses }: Identified,
  one: Remembered,
  beside: Beside,
): ResourceReading {
  return readingOf(one, {
    identifiedBy: one.identifiedBy,
    serial: device.serial,
    wwid: device.wwid,
    vendor: device.vendor,
    model: device.model,
    revision: device.revision,
    node: under('/dev', device.node),
    genericNode: under('/dev', device.genericNode),
    scsiAddress: device.address,
    otherAddresses: otherAddresses.length === 0 ? null : otherAddresses.join(' '),
    byIdPath: under('/dev/tape/by-id', device.byIdName),
    virtual: device.virtual,
    exported: device.exported,
    present: true,
    absentSince: null,
    lastSeenAt: null,
    ...pulseFacts(device.pulse, one, beside),
    ...typeFacts(one, beside.vtl),
    ...beside.facts,
  });
}

/** What a glance reads, and what was found out beside it. */
export const pulseReading = (pulse: Pulse, one: Remembered, beside: Beside): ResourceReading =>
  readingOf(one, { ...pulseFacts(pulse, one, beside), ...beside.facts });

/** What it did is over; what was found out about it (flags, slots) stays as it was. */
export function absentReading(one: Remembered, vtl: VtlFacts): ResourceReading {
  const nothing = { state: null, busy: false, outstanding: null, stalledSince: null };
  const idle = one.type === 'drive' ? { inFlight: null, positionLost: null } : {};
  return readingOf(one, {
    identifiedBy: one.identifiedBy,
    serial: one.serial,
    wwid: one.wwid,
    vendor: one.vendor,
    model: one.model,
    node: null,
    genericNode: null,
    scsiAddress: one.address,
    otherAddresses: null,
    byIdPath: null,
    virtual: one.virtual,
    exported: false,
    present: false,
    absentSince: one.absentSince,
    lastSeenAt: one.lastSeenAt,
    attachedAt: null,
    losses: one.losses,
    ...nothing,
    ...idle,
    commandsAllowed: false,
    whyNot: 'it is not there',
    ...typeFacts(one, vtl),
  });
}

/** Its file `type` refuses: something is there, and nobody can say whether it is still this. */
export const doubtfulReading = (one: Remembered, why: string): ResourceReading =>
  readingOf(one, {
    state: unreadable(why),
    commandsAllowed: false,
    whyNot: 'its state cannot be read',
  });
