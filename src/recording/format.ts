/**
 * The text of a recording: JSON lines. The first says what it is, those up to `begin` what tocsin
 * knew at the start, then come the inputs, each with the changes that it made, and last an end.
 * It holds what rules see: names, states and texts of this machine as they are, and no settings.
 */
import type { Alert, Change } from '../domain/alert.ts';
import type { ActiveMute } from '../domain/mute.ts';
import type { EpochMs } from '../domain/time.ts';
import type { InventorySnapshot, SamplesSnapshot } from '../inventory/inventory.ts';
import type { EngineMemory } from '../rules/engine.ts';
import type { RuleFile } from '../rules/files/files.ts';
import type { Input } from './input.ts';

/** Raised when an older reader could not read it any more. */
export const formatVersion = 1;

export type FileInput = Input<readonly RuleFile[]>;

interface Lines {
  readonly recording: {
    readonly format: number;
    /** Of tocsin. */
    readonly version: string;
    /** Digest of the kinds that its rules and readings speak of. */
    readonly kinds: string;
  };
  /** A rule file in force at the start. */
  readonly file: RuleFile;
  readonly alert: Alert;
  readonly resource: InventorySnapshot['resources'][number];
  readonly samples: SamplesSnapshot;
  readonly memory: Omit<EngineMemory, 'alerts'> & {
    readonly eventKeys: readonly string[];
    readonly mutes: readonly ActiveMute[];
    /** Since when the daemon has been watching: what began before is found late. */
    readonly watchingSince: EpochMs;
  };
  readonly begin: { readonly at: EpochMs };
  readonly input: { readonly at: EpochMs } & FileInput;
  readonly change: Change;
  readonly end: { readonly inputs: number; readonly changes: number; readonly why: string };
}

type LineName = keyof Lines;
/** One line: its name, and what stands behind it. */
export type Line = { [N in LineName]: { readonly name: N; readonly value: Lines[N] } }[LineName];

const names: Readonly<Record<LineName, true>> = {
  recording: true,
  file: true,
  alert: true,
  resource: true,
  samples: true,
  memory: true,
  begin: true,
  input: true,
  change: true,
  end: true,
};
const isName = (name: string | undefined): name is LineName =>
  name !== undefined && Object.hasOwn(names, name);

/** JSON has no word for these numbers, and a reading may hold them. */
const oddNumber = '$number';
const isOdd = (value: number): boolean => !Number.isFinite(value) || Object.is(value, -0);

const markOdd = (_: string, value: unknown): unknown =>
  typeof value === 'number' && isOdd(value)
    ? { [oddNumber]: Object.is(value, -0) ? '-0' : String(value) }
    : value;

function reviveOdd(_: string, value: unknown): unknown {
  const isMarked = typeof value === 'object' && value !== null && oddNumber in value;
  return isMarked ? Number(value[oddNumber]) : value;
}

function holdsOdd(value: unknown): boolean {
  if (typeof value === 'number') return isOdd(value);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsOdd);
  for (const name in value)
    if (holdsOdd((value as Readonly<Record<string, unknown>>)[name])) return true;
  return false;
}

/** JSON in which every number comes back as it was. Looking first costs a tenth of marking. */
export const renderExactly = (value: unknown): string =>
  holdsOdd(value) ? JSON.stringify(value, markOdd) : JSON.stringify(value);
/** Throws a SyntaxError. */
export const parseExactly = (text: string): unknown =>
  text.includes(oddNumber) ? JSON.parse(text, reviveOdd) : JSON.parse(text);

/** Without the line end. */
export const renderLine = ({ name, value }: Line): string => renderExactly({ [name]: value });

/** The line, or what is wrong with it. */
export function parseLine(text: string): Line | string {
  let parsed: unknown;
  try {
    parsed = parseExactly(text);
  } catch (error) {
    return `is no JSON: ${(error as Error).message}`;
  }
  if (typeof parsed !== 'object' || parsed === null) return 'is no object';
  const [entry, more] = Object.entries(parsed);
  const [name, value] = entry ?? [];
  if (more !== undefined || !isName(name)) return 'is of no sort that a recording has';
  if (typeof value !== 'object' || value === null) return `has nothing in "${name}"`;
  // What is in it shows when it is played: only tocsin writes such files.
  const line: { readonly name: string; readonly value: unknown } = { name, value };
  return line as Line;
}
