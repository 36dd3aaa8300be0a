/**
 * Asks the devices that may be asked, one command at a time for each, and tells what they said.
 * One that hangs keeps its own place and no other.
 */
import { type Event, partial, unreadable } from '../../domain/reading.ts';
import type { Ms } from '../../domain/time.ts';
import type { Ports, Watcher } from '../collector.ts';
import type { News } from '../told.ts';
import { type AlertDesk, createAlertDesk } from './alert-desk.ts';
import type { Devices } from './devices.ts';
import { type Answer, type Asking, askElements, askLogPage, objectOf } from './inquiry.ts';
import {
  type DriveStatus,
  decodeAlertResponse,
  decodeAlerts,
  decodeDriveStatus,
  decodeSupportedPages,
} from './log-pages.ts';
import type { Present } from './presence.ts';
import { answerFacts, changerFacts, cleaningFacts, drivesIn, statusFacts } from './said.ts';
import type { LibraryDrives } from './settings.ts';

export type AskerPorts = Pick<Ports, 'clock' | 'known' | 'probes' | 'roots'>;

export interface AskerSettings {
  readonly commandTimeout: Ms;
  readonly soleReader: boolean;
  readonly libraries: readonly LibraryDrives[];
}

/** Devices that are asked side by side: each waits for its own hardware. */
const sideBySide = 4;
/** The eye whose blind time it is. */
const eye = 'tape commands';
const packages: Readonly<Record<string, string>> = { sg_logs: 'sg3-utils', mtx: 'mtx' };

export class Asker {
  readonly #ports: AskerPorts;
  readonly #settings: AskerSettings;
  readonly #devices: Devices;
  readonly #watcher: Watcher;
  readonly #asking: Asking;
  readonly #desk: AlertDesk;
  /** Supported log pages, for as long as a device is attached: new firmware comes with a reset. */
  readonly #pages = new Map<
    string,
    { readonly attachedAt: number; readonly pages: readonly number[] }
  >();
  readonly #failures = new Map<string, number>();
  readonly #missing = new Set<string>();
  #unasked: string | undefined;
  #blindWhy: string | null | undefined;

  constructor(ports: AskerPorts, settings: AskerSettings, devices: Devices, watcher: Watcher) {
    this.#ports = ports;
    this.#settings = settings;
    this.#devices = devices;
    this.#watcher = watcher;
    this.#desk = createAlertDesk(watcher);
    const { commandTimeout: timeout } = settings;
    this.#asking = { probes: ports.probes, timeout, signal: watcher.signal };
  }

  /** Each device that may be asked, once. Changers first: they know what is in the drives. */
  async round(): Promise<void> {
    this.#missing.clear();
    this.#unasked = undefined;
    const all = this.#devices.list();
    for (const type of ['changer', 'drive'] as const) {
      const waiting = all.filter(({ remembered }) => remembered.type === type);
      const work = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          if (!this.#watcher.signal.aborted) await this.#ask(next);
        }
      };
      await Promise.all(Array.from({ length: sideBySide }, work));
    }
    this.tellBlind();
  }

  /** What cannot be seen for want of a program or a process, or because a command hangs. */
  tellBlind(): void {
    const absent = [...this.#missing].map((name) => `${name} (package ${packages[name]})`);
    const stuck = this.#ports.probes
      .stuck()
      .map(({ object }) => object)
      .filter((object) => object.startsWith(objectOf('')));
    const hang = `${stuck.length} hang in the kernel and cannot be ended: ${stuck.join(', ')}`;
    const reasons = [
      ...(absent.length > 0 ? [`not installed: ${absent.join(', ')}`] : []),
      ...(this.#unasked === undefined ? [] : [this.#unasked]),
      ...(stuck.length > 0 ? [hang] : []),
    ];
    const why = reasons.length === 0 ? null : reasons.join('; ');
    if (why !== this.#blindWhy) this.#watcher.blindPart(eye, why);
    this.#blindWhy = why;
  }

  async #ask(one: Present): Promise<void> {
    if (this.#nodeOf(one) === undefined) return;
    this.#devices.beginAsking(one.key);
    try {
      if (one.remembered.type === 'changer') await this.#askChanger(one);
      await this.#askPages(one);
    } finally {
      this.#devices.endAsking(one.key, one.identified.device);
    }
    this.#tell();
  }

  /** Its generic node, when it may be asked: looked at anew before each command. */
  #nodeOf({ key }: Present): string | undefined {
    const examined = this.#devices.examine(key);
    if (examined === undefined || examined.whyNot !== null) return undefined;
    const { genericNode } = examined.device;
    return genericNode === null ? undefined : `${this.#ports.roots.dev}/${genericNode}`;
  }

  #tell(events: readonly Event[] = []): void {
    const { resources, gone } = this.#news();
    if (resources.length + gone.length + events.length > 0)
      this.#watcher.tell(partial(resources, { gone, events }));
  }

  /** A list of devices that cannot be read just now is the next look's complaint. */
  #news(): News {
    try {
      return this.#devices.glance();
    } catch {
      return { resources: [], gone: [] };
    }
  }

  /** Keeps what an answer says about asking; its value, if it has one. */
  #take<T>({ identified, remembered }: Present, answer: Answer<T>): T | undefined {
    if (answer.type === 'missing') this.#missing.add(answer.program);
    if (answer.type === 'unasked') this.#unasked = answer.why;
    const facts = answerFacts(answer, this.#ports.clock.now());
    this.#devices.learn(remembered.type, identified.id, facts);
    return answer.type === 'answered' ? answer.value : undefined;
  }

  async #askChanger(one: Present): Promise<void> {
    const node = this.#nodeOf(one);
    if (node === undefined) return;
    const { id } = one.identified;
    const answer = await askElements(this.#asking, id, node);
    const status = this.#take(one, answer);
    const failed = answer.type === 'failed' || answer.type === 'hung';
    // What was not asked has neither failed once more nor answered.
    const before = this.#failures.get(one.key) ?? 0;
    const unasked = answer.type === 'unasked' ? before : 0;
    const failures = failed ? before + 1 : unasked;
    this.#failures.set(one.key, failures);
    const asked = answer.type === 'missing' ? null : !failed;
    const reachable = answer.type === 'unasked' ? unreadable(answer.why) : asked;
    this.#devices.learn('changer', id, { reachable, failures });
    if (status === undefined) return;
    this.#devices.learn('changer', id, changerFacts(status));
    const { libraries } = this.#settings;
    const serials = drivesIn(one, status, this.#devices.list(), libraries, this.#ports.known);
    for (const [i, { full, barcode }] of status.drives.entries()) {
      const serial = serials[i] ?? '';
      if (serial === '') continue;
      this.#devices.learn('drive', serial, { changer: id, tapeLoaded: full, barcode });
    }
  }

  async #page<T>(
    one: Present,
    page: number,
    decode: (bytes: Uint8Array) => T | undefined,
  ): Promise<T | undefined> {
    const node = this.#nodeOf(one);
    if (node === undefined) return undefined;
    return this.#take(one, await askLogPage(this.#asking, one.identified.id, node, page, decode));
  }

  async #supportedPages(one: Present): Promise<readonly number[]> {
    const { attachedAt } = one.remembered;
    const before = this.#pages.get(one.key);
    if (before?.attachedAt === attachedAt) return before.pages;
    const pages = await this.#page(one, 0x00, decodeSupportedPages);
    if (pages !== undefined) this.#pages.set(one.key, { attachedAt, pages });
    return pages ?? [];
  }

  async #askPages(one: Present): Promise<void> {
    const pages = await this.#supportedPages(one);
    const { type } = one.remembered;
    const hasStatus = type === 'drive' && pages.includes(0x11);
    const status = hasStatus ? await this.#page(one, 0x11, decodeDriveStatus) : undefined;
    if (status !== undefined) this.#devices.learn(type, one.identified.id, statusFacts(status));
    const cleared = !pages.includes(0x12);
    if (cleared && !(pages.includes(0x2e) && this.#settings.soleReader)) return;
    const flags = cleared
      ? await this.#page(one, 0x2e, decodeAlerts)
      : await this.#page(one, 0x12, decodeAlertResponse);
    if (flags !== undefined) this.#takeFlags(one, flags, cleared, status);
  }

  #takeFlags(
    { identified: { id }, remembered: { type } }: Present,
    read: readonly number[],
    cleared: boolean,
    status: DriveStatus | undefined,
  ): void {
    const barcode = this.#devices.barcodeOf(type, id);
    const at = this.#ports.clock.now();
    const { facts, flags, events } = this.#desk.take({
      type,
      id,
      flags: read,
      cleared,
      barcode,
      at,
    });
    const cleaning = type === 'drive' ? cleaningFacts(flags, status, cleared) : {};
    this.#devices.learn(type, id, { ...facts, ...cleaning });
    this.#tell(events);
  }
}
