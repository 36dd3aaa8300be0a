/**
 * The machine itself: processor, memory, kernel, clock and network, and what the kernel says in its
 * log. Numbers are read every 10 seconds; the log is followed.
 *
 * In the shipped unit PrivateNetwork= hides the interfaces, and /dev/kmsg is closed: then there are
 * no resources of system.interface, and the journal's copy of the kernel log is read.
 */

import { join } from 'node:path/posix';
import { complete, derived, type Event, partial } from '../../domain/reading.ts';
import { type EpochMs, seconds } from '../../domain/time.ts';
import { readWhole, readWord } from '../attribute.ts';
import { defineCollector, type Ports, type Watcher } from '../collector.ts';
import { ClockSync } from './clock-sync.ts';
import { systemFault } from './fault-kind.ts';
import { FaultMemory } from './fault-memory.ts';
import { createHostMemory, hostNameOf, readHost } from './host-reading.ts';
import { type Links, readInterfaces } from './interfaces.ts';
import { KernelEar } from './kernel-ear.ts';
import { KernelWatch } from './kernel-watch.ts';
import { systemHost, systemInterface, systemSensor } from './kinds.ts';
import { parseStat } from './parse.ts';
import { Sensors } from './sensors.ts';
import { Boots, ClockSteps } from './steps.ts';

const linksCursor = 'links';
/** Interfaces that are remembered; a machine has a few. */
const linksMax = 256;
/** btime has whole seconds. Where both agree, the clock's own reckoning is exact. */
const bootSlack = seconds(2);
/** It moves with the wall clock; the lines of a flood need not ask each time. */
const bootAskedEvery = seconds(10);

type HostPorts = Pick<Ports, 'clock' | 'files' | 'command' | 'systemBus' | 'roots' | 'probes'>;

/** When the kernel was started that `roots` shows. */
function bootInstant({ clock, files, roots }: HostPorts): EpochMs {
  const here = clock.now() - clock.monotonic();
  const stat = derived(readWhole(files, join(roots.proc, 'stat')), parseStat);
  const told = derived(stat, ({ bootedAt }) => bootedAt);
  return typeof told !== 'number' || Math.abs(told - here) <= bootSlack ? here : told;
}

const readLinks = (text = ''): Links => new Set(text.split('\n').filter((link) => link !== ''));

function saveLinks(watcher: Watcher, links: Links): void {
  const text = [...links].toSorted().slice(0, linksMax).join('\n');
  if (text !== (watcher.cursor(linksCursor) ?? '')) watcher.saveCursor(linksCursor, text);
}

class Host {
  readonly #ports: HostPorts;
  readonly #memory = createHostMemory();
  readonly #sync: ClockSync;
  readonly #steps: ClockSteps;
  readonly #faults: FaultMemory;
  readonly #sensors: Sensors;
  #links: Links = new Set();
  #watcher: Watcher | undefined;

  constructor(ports: HostPorts) {
    this.#ports = ports;
    this.#sync = new ClockSync(ports);
    this.#steps = new ClockSteps(ports.clock);
    this.#faults = new FaultMemory(() => this.#name());
    this.#sensors = new Sensors({ ...ports, sysfs: ports.roots.sysfs });
  }

  async collect() {
    const clockSynchronized = await this.#sync.look();
    const sensors = await this.#sensors.list();
    const { clock, files, roots } = this.#ports;
    const stepped = this.#steps.look(this.#name());
    const host = readHost(files, roots, this.#memory, {
      clockSynchronized,
      lastOops: this.#faults.last('kernel-oops')?.text ?? null,
      lastOomKilled: this.#faults.last('oom-kill')?.device ?? null,
    });
    const interfaces = readInterfaces(files, roots.sysfs, this.#links);
    if (this.#watcher !== undefined) saveLinks(this.#watcher, this.#links);
    const all = [host, ...interfaces, ...sensors, ...this.#faults.list(clock.now())];
    return complete(all, stepped === undefined ? [] : [stepped]);
  }

  async watch(watcher: Watcher): Promise<void> {
    const { clock, command, files, roots } = this.#ports;
    this.#watcher = watcher;
    this.#links = readLinks(watcher.cursor(linksCursor));
    const known = readWord(files, join(roots.proc, 'sys/kernel/random/boot_id'));
    const bootId = typeof known === 'string' ? known.replaceAll('-', '') : '';
    const boots = new Boots(watcher, bootId);
    this.#tell(boots.begin(this.#name(), bootInstant(this.#ports)));
    let boot = { at: bootInstant(this.#ports), since: clock.monotonic() };
    const bootedAt = (): EpochMs => {
      if (clock.monotonic() - boot.since > bootAskedEvery)
        boot = { at: bootInstant(this.#ports), since: clock.monotonic() };
      return boot.at;
    };
    const ear = new KernelEar({ clock, watcher, memory: this.#faults, bootId, bootedAt });
    await new KernelWatch({ clock, command, roots, watcher, ear, bootId }).run();
    boots.end();
  }

  #name(): string {
    return hostNameOf(this.#ports.files, this.#ports.roots, this.#memory);
  }

  #tell(event: Event | undefined): void {
    if (event !== undefined) this.#watcher?.tell(partial([], { events: [event] }));
  }
}

export const host = defineCollector({
  name: 'host',
  title: 'The machine: processor, memory, kernel, clock, network',
  needs: ['clock', 'files', 'command', 'systemBus', 'roots', 'probes'],
  settings: {},
  kinds: [systemHost, systemInterface, systemSensor, systemFault],
  every: seconds(10),
  timeout: seconds(20),
  start: (ports) => {
    const machine = new Host(ports);
    return {
      collect: () => machine.collect(),
      watch: (watcher) => machine.watch(watcher),
    };
  },
});
