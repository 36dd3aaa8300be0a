/** The door for D-Bus clients, on the bus of the settings; it opens when it can. */
import { BusDoor } from '../dbus/door.ts';
import type { House } from '../operations/house.ts';
import { groupId } from '../platform/accounts.ts';
import { serviceBus } from '../platform/bus/service.ts';
import type { Clock } from '../platform/clock.ts';
import type { Files } from '../platform/files.ts';
import type { Log } from '../platform/log.ts';
import type { SystemBus } from '../platform/system-bus.ts';
import type { HealthBoard } from './health.ts';

interface BusDoorNeeds {
  readonly options: { readonly systemBus: string };
  readonly ports: {
    readonly clock: Clock;
    readonly files: Files;
    readonly systemBus: SystemBus;
    readonly roots: { readonly etc: string };
  };
  readonly health: HealthBoard;
  readonly log: Log;
}

/** 32 hexadecimal digits: machine-id(5). */
function readMachineId(files: Files, etc: string): string | undefined {
  try {
    const text = files.readText(`${etc}/machine-id`)?.trim() ?? '';
    return /^[0-9a-f]{32}$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

export function createBusDoor({ options, ports, health, log }: BusDoorNeeds, house: House) {
  return new BusDoor({
    house,
    bus: serviceBus(options.systemBus),
    polkitBus: ports.systemBus,
    clock: ports.clock,
    log,
    tell: (trouble) =>
      health.set('bus', 'door', {
        status: trouble === null ? 'healthy' : 'degraded',
        reason: trouble,
      }),
    adminGroup: () => groupId('tocsin-admin'),
    ownUid: process.getuid?.() ?? -1,
    machineId: () => readMachineId(ports.files, ports.roots.etc),
  });
}
