/**
 * Temperatures and fans of the machine, as its own chips report them (hwmon). A read can take long
 * (a chip on a slow bus, a controller that asks the firmware), so all values of one look come from
 * one child process. Disks are left out: to ask one wakes it (drivetemp), and storage knows them.
 * Source: Documentation/hwmon/sysfs-interface.rst.
 */

import { basename, join } from 'node:path/posix';
import {
  type Fact,
  isKnown,
  isUnreadable,
  type ResourceReading,
  reading,
  type Unreadable,
  unreadable,
} from '../../domain/reading.ts';
import { type Ms, seconds } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Files } from '../../platform/files.ts';
import type { ProbeOutcome, Probes } from '../../platform/probes.ts';
import { attempt, readWord } from '../attribute.ts';
import { systemSensor } from './kinds.ts';
import { numberOf } from './parse.ts';

const everyLook: Ms = seconds(60);
const timeout: Ms = seconds(10);
const ofDisks = ['drivetemp', 'nvme'];
/** A server has some dozens; each has up to seven files, which must fit into one command line. */
const sensorsMax = 200;
/** What is read of each; other limits are often left at senseless values by the firmware. */
const partsOf = {
  temp: ['input', 'crit', 'crit_alarm', 'emergency_alarm', 'fault'],
  fan: ['input', 'alarm', 'fault'],
} as const;

interface Sensor {
  readonly id: string;
  readonly type: keyof typeof partsOf;
  readonly chip: string;
  readonly label: string;
  /** Path of its files up to the part: `…/hwmon0/temp1_`. */
  readonly stem: string;
  /** The parts that it has. */
  readonly parts: readonly string[];
}

export interface SensorParts {
  readonly clock: Clock;
  readonly files: Files;
  readonly probes: Probes;
  readonly sysfs: string;
}

const ofKind = /^(temp|fan)(\d+)_(\w+)$/;

/** Sensors of one chip. Its files are only listed: names and labels are memory of the driver. */
function listSensors(files: Files, folder: string): readonly Sensor[] | Unreadable {
  const chip = readWord(files, join(folder, 'name'));
  if (isUnreadable(chip)) return chip;
  if (typeof chip !== 'string' || ofDisks.includes(chip)) return [];
  const device = files.readLink(join(folder, 'device'));
  const owner = device === undefined ? chip : `${chip}@${basename(device)}`;
  const found = new Map<string, { type: keyof typeof partsOf; parts: string[] }>();
  for (const { name } of files.list(folder) ?? []) {
    const [, type, number, part = ''] = ofKind.exec(name) ?? [];
    if (type !== 'temp' && type !== 'fan') continue;
    if (!(partsOf[type] as readonly string[]).includes(part)) continue;
    const sensor = found.get(`${type}${number}`) ?? { type, parts: [] };
    sensor.parts.push(part);
    found.set(`${type}${number}`, sensor);
  }
  return [...found].map(([name, { type, parts }]) => {
    const label = readWord(files, join(folder, `${name}_label`));
    const stem = `${join(folder, name)}_`;
    return {
      id: `${owner}/${name}`,
      type,
      chip,
      label: typeof label === 'string' ? label : name,
      stem,
      parts,
    };
  });
}

/** `PATH:VALUE` lines of grep; a file that could not be read has none. */
function parseValues(text: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const colon = line.lastIndexOf(':');
    const value = numberOf(line.slice(colon + 1).trim());
    if (colon > 0 && value !== undefined) values.set(line.slice(0, colon), value);
  }
  return values;
}

const whyNot = (outcome: ProbeOutcome): string =>
  outcome.type === 'missing' ? outcome.why : `no answer within ${timeout / 1000} seconds`;

function readSensor(sensor: Sensor, outcome: ProbeOutcome, values: ReadonlyMap<string, number>) {
  const { id, type, chip, label, stem, parts } = sensor;
  const of = (part: string): Fact<number> => {
    if (!parts.includes(part)) return null;
    if (outcome.type !== 'ended') return unreadable(whyNot(outcome));
    return values.get(`${stem}${part}`) ?? unreadable(`${stem}${part} cannot be read`);
  };
  const scaled = (fact: Fact<number>, by: number): Fact<number> =>
    typeof fact === 'number' ? fact / by : fact;
  const alarms = [of('alarm'), of('crit_alarm'), of('emergency_alarm')].filter(
    (fact) => fact !== null,
  );
  const raised = alarms.some((fact) => typeof fact === 'number' && fact !== 0);
  const doubt = alarms.find((fact) => !isKnown(fact));
  const fault = of('fault');
  const isTemperature = type === 'temp';
  return reading(systemSensor, id, {
    type: isTemperature ? 'temperature' : 'fan',
    chip,
    label,
    // Millidegrees, see above.
    temperatureCelsius: isTemperature ? scaled(of('input'), 1000) : null,
    criticalCelsius: scaled(of('crit'), 1000),
    speedRpm: isTemperature ? null : of('input'),
    alarm: raised ? true : typeof doubt === 'object' ? doubt : alarms.length > 0 ? false : null,
    fault: typeof fault === 'number' ? fault !== 0 : fault,
  });
}

export class Sensors {
  readonly #parts: SensorParts;
  #known: readonly ResourceReading[] = [];
  #chips: ReadonlyMap<string, readonly Sensor[]> = new Map();
  #lookedAt: Ms | undefined;

  constructor(parts: SensorParts) {
    this.#parts = parts;
  }

  /**
   * What the last look found; begins the next one when it is time. Only the first is waited for:
   * alerts from before a restart must not end because nobody has looked yet.
   */
  async list(): Promise<readonly ResourceReading[]> {
    const now = this.#parts.clock.monotonic();
    const isFirst = this.#lookedAt === undefined;
    if (this.#lookedAt === undefined || now - this.#lookedAt >= everyLook) {
      this.#lookedAt = now;
      const looked = this.#look();
      if (isFirst) await looked;
    }
    return this.#known;
  }

  /** A chip that cannot be listed has the sensors that it had. */
  #list(): readonly Sensor[] {
    const { files, sysfs } = this.#parts;
    const folder = join(sysfs, 'class/hwmon');
    const names = attempt(folder, () => (files.list(folder) ?? []).map(({ name }) => name));
    const before = this.#chips;
    this.#chips = new Map(
      (isUnreadable(names) ? [...before.keys()] : names).map((name) => {
        const found = attempt(name, () => listSensors(files, join(folder, name)));
        return [name, isUnreadable(found) ? (before.get(name) ?? []) : found];
      }),
    );
    return [...this.#chips.values()].flat().slice(0, sensorsMax);
  }

  async #look(): Promise<void> {
    const { probes } = this.#parts;
    const sensors = this.#list();
    if (sensors.length === 0) {
      this.#known = [];
      return;
    }
    const paths = sensors.flatMap(({ stem, parts }) => parts.map((part) => `${stem}${part}`));
    const outcome = await probes.run('sensors', ['grep', '-sH', '', ...paths], { timeout });
    const values = parseValues(outcome.type === 'ended' ? outcome.stdout : '');
    this.#known = sensors.map((sensor) => readSensor(sensor, outcome, values));
  }
}
