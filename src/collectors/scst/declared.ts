/**
 * What /etc/scst.conf declares: targets, LUNs, devices, groups, by the ids of our resources. The
 * words are those of scstadmin(5); attributes that we do not compare are not looked at. Pure.
 */
import { nearest } from '../../domain/nearest.ts';
import { type Flaw, parseConf, type Statement } from './conf.ts';
import { ignoredDriver } from './names.ts';

export interface DeclaredDriver {
  /** undefined: the configuration does not say, so it stays off. */
  readonly enabled: boolean | undefined;
  targets: number;
}

export interface DeclaredTarget {
  readonly driver: string;
  readonly enabled: boolean | undefined;
  luns: number;
}

export interface DeclaredLun {
  readonly target: string;
  readonly driver: string;
  readonly group: string | null;
  readonly number: number;
  readonly device: string;
}

export interface DeclaredDevice {
  readonly handler: string;
  readonly readOnly: boolean;
}

export interface Declared {
  readonly drivers: Map<string, DeclaredDriver>;
  readonly targets: Map<string, DeclaredTarget>;
  readonly luns: Map<string, DeclaredLun>;
  readonly devices: Map<string, DeclaredDevice>;
  /** By DEVICE_GROUP/TARGET_GROUP: the state, where it is given. */
  readonly groups: Map<string, { readonly state: string | null }>;
}

export type DeclaredConf = { readonly declared: Declared } | { readonly flaw: Flaw };

/** Which words may stand in which block, and which they need behind them. */
const structure: Readonly<Record<string, readonly string[]>> = {
  '': ['HANDLER', 'TARGET_DRIVER', 'DEVICE_GROUP'],
  HANDLER: ['DEVICE'],
  DEVICE: [],
  TARGET_DRIVER: ['TARGET'],
  TARGET: ['LUN', 'GROUP'],
  GROUP: ['LUN', 'INITIATOR'],
  LUN: [],
  INITIATOR: [],
  DEVICE_GROUP: ['DEVICE', 'TARGET_GROUP'],
  TARGET_GROUP: ['TARGET'],
};
const structural = /^[A-Z][A-Z_]+$/;
const lunNumber = /^\d{1,9}$/;

class Refused extends Error {
  readonly line: number;
  constructor(line: number, why: string) {
    super(why);
    this.line = line;
  }
}

/** The statements in a block whose keyword is `keyword`; the block itself was checked. */
const named = (within: readonly Statement[], keyword: string): readonly Statement[] =>
  within.filter((one) => one.keyword === keyword);

function nameOf({ keyword, words, line }: Statement): string {
  const [name] = words;
  if (name === undefined || name === '') throw new Refused(line, `${keyword} without a name`);
  return name;
}

/** A flag of a block: undefined where it is not given; without a value it is set. */
function flagOf({ children }: Statement, attribute: string): boolean | undefined {
  const last = named(children, attribute).at(-1);
  if (last === undefined) return undefined;
  const [value = '1'] = last.words;
  if (value !== '0' && value !== '1')
    throw new Refused(last.line, `${attribute} must be 0 or 1, not "${value}"`);
  return value === '1';
}

/** Each word stands where scstadmin looks for it; else it would refuse, or overlook, the block. */
function checkPlaces(within: readonly Statement[], parent: string): void {
  const allowed = structure[parent] ?? [];
  for (const { keyword, line, children, block } of within) {
    if (keyword.startsWith('['))
      throw new Refused(line, 'sections in [ ] are of scstadmin before version 2');
    if (allowed.includes(keyword)) {
      checkPlaces(children, parent === 'TARGET_GROUP' ? 'INITIATOR' : keyword);
    } else if (structural.test(keyword)) {
      const known = keyword in structure;
      const meant = known ? undefined : nearest(keyword, Object.keys(structure));
      const why = known ? `does not belong ${place(parent)}` : 'is not a word of scst.conf';
      throw new Refused(line, `${keyword} ${why}${meant ? ` (did you mean ${meant}?)` : ''}`);
    } else if (block) throw new Refused(line, `the attribute ${keyword} cannot have a { block`);
  }
}

const place = (parent: string): string => (parent === '' ? 'at the top' : `in ${parent}`);

function addLuns(
  into: Declared,
  set: Statement,
  of: { readonly driver: string; readonly target: string; readonly group: string | null },
): number {
  const luns = named(set.children, 'LUN');
  for (const lun of luns) {
    const number = nameOf(lun);
    const device = lun.words[1];
    if (!lunNumber.test(number)) throw new Refused(lun.line, `LUN "${number}" is not a number`);
    if (device === undefined) throw new Refused(lun.line, `LUN ${number} without a device`);
    const place = of.group === null ? of.target : `${of.target}/${of.group}`;
    into.luns.set(`${place}/${Number(number)}`, { ...of, number: Number(number), device });
  }
  return luns.length;
}

function addDriver(into: Declared, block: Statement): void {
  const driver = nameOf(block);
  if (ignoredDriver(driver)) return;
  const targets = named(block.children, 'TARGET');
  into.drivers.set(driver, { enabled: flagOf(block, 'enabled'), targets: targets.length });
  for (const one of targets) {
    const target = `${driver}/${nameOf(one)}`;
    let luns = addLuns(into, one, { driver, target, group: null });
    for (const group of named(one.children, 'GROUP'))
      luns += addLuns(into, group, { driver, target, group: nameOf(group) });
    into.targets.set(target, { driver, enabled: flagOf(one, 'enabled'), luns });
  }
}

function collect(statements: readonly Statement[]): Declared {
  const into: Declared = {
    drivers: new Map(),
    targets: new Map(),
    luns: new Map(),
    devices: new Map(),
    groups: new Map(),
  };
  for (const handler of named(statements, 'HANDLER')) {
    for (const device of named(handler.children, 'DEVICE')) {
      const readOnly = flagOf(device, 'read_only') ?? false;
      into.devices.set(nameOf(device), { handler: nameOf(handler), readOnly });
    }
  }
  for (const driver of named(statements, 'TARGET_DRIVER')) addDriver(into, driver);
  for (const devices of named(statements, 'DEVICE_GROUP')) {
    for (const group of named(devices.children, 'TARGET_GROUP')) {
      const state = named(group.children, 'state').at(-1)?.words[0] ?? null;
      into.groups.set(`${nameOf(devices)}/${nameOf(group)}`, { state });
    }
  }
  return into;
}

/** Everything that the text declares, or the first thing that is wrong with it. Never throws. */
export function readDeclared(text: string): DeclaredConf {
  const parsed = parseConf(text);
  if ('flaw' in parsed) return parsed;
  try {
    checkPlaces(parsed.statements, '');
    return { declared: collect(parsed.statements) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { flaw: { line: error.line, why: error.message } };
  }
}
