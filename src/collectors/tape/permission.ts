/**
 * May a command be sent to this device now? A command to a device that hangs, that is in use or
 * that SCST exports does harm: it waits in the kernel, cannot be killed, or takes a unit attention
 * that was meant for somebody else (kernel-facts.md section 4, domain.md T2 to T8).
 */
import { isKnown, isUnreadable } from '../../domain/reading.ts';
import { type Ms, seconds } from '../../domain/time.ts';
import { busyOf } from './activity.ts';
import type { ScsiDevice } from './scsi.ts';
import type { VtlFacts } from './vtl.ts';

// A job that waits for its next block pauses for seconds; between two jobs there are minutes.
export const quietBefore: Ms = seconds(30);

export interface Circumstances {
  readonly commandsOn: boolean;
  readonly device: ScsiDevice;
  readonly vtl: VtlFacts;
  readonly stalled: boolean;
  /** A command of ours hangs in the kernel. */
  readonly stuck: boolean;
  /** Since its counters last moved by somebody else. */
  readonly quietFor: Ms;
  /** We are asking it just now, and looked at its use before we began. */
  readonly asking: boolean;
}

/** Why not, in words that stay the same while the reason does; null: it may. */
export function whyNotAsk(circumstances: Circumstances): string | null {
  const { commandsOn, device, vtl, stalled, stuck, quietFor, asking } = circumstances;
  const { state } = device.pulse;
  const virtual = device.virtual !== false;
  const busy = busyOf(device.pulse);
  const reasons: readonly (readonly [boolean, string])[] = [
    [!commandsOn, 'tape.commands is off in the settings'],
    [stuck, 'an earlier command hangs in the kernel'],
    [!isKnown(state), 'its state cannot be read'],
    [state !== 'running', `its state is ${isKnown(state) ? state : 'unknown'}`],
    [isUnreadable(device.exported), 'it cannot be told whether SCST exports it'],
    [device.exported !== false, 'SCST exports it: its initiators use it'],
    [isUnreadable(device.virtual), 'it cannot be told whether it is virtual'],
    [virtual && vtl.id === null, 'it is virtual, and the VTL does not name it'],
    [virtual && !vtl.daemonActive, 'its VTL daemon is not known to run'],
    [device.genericNode === null, 'it has no generic SCSI node'],
    [stalled, 'it hangs: a command is in flight and nothing ends'],
    [isUnreadable(busy), 'it cannot be told whether it is in use'],
    [!asking && (busy !== false || quietFor < quietBefore), 'it is in use'],
  ];
  return reasons.find(([applies]) => applies)?.[1] ?? null;
}
