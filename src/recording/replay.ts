/**
 * Plays a recording into an inventory and an engine of its own. The changes that come out are the
 * recorded ones, byte for byte, on any machine; what differs is told at its first line.
 */
import type { Alert, Change } from '../domain/alert.ts';
import type { Kind } from '../domain/kind.ts';
import type { EpochMs } from '../domain/time.ts';
import { createInventory } from '../inventory/create.ts';
import type { InventorySnapshot, SamplesSnapshot } from '../inventory/inventory.ts';
import type { CompiledRules } from '../rules/compiled.ts';
import { createEngine } from '../rules/engine/create.ts';
import type { RuleFile } from '../rules/files/files.ts';
import { loadRules } from '../rules/files/load.ts';
import { digestOfKinds } from './digest.ts';
import { type FileInput, formatVersion, type Line, parseLine, renderExactly } from './format.ts';
import { applyInput, type Input, type Judges } from './input.ts';

/** It cannot be played: the file is torn, or of another sort. */
export class Unplayable extends Error {
  override readonly name = 'Unplayable';
}

/** The first change that is not as recorded. */
export interface Deviation {
  /** Of the file, from 1. */
  readonly line: number;
  /** null: the replay made none, or none was recorded. */
  readonly recorded: Change | null;
  readonly replayed: Change | null;
}

type Memory = Extract<Line, { name: 'memory' }>['value'];

/** What stands before `begin`. */
interface Beginning {
  readonly files: RuleFile[];
  readonly alerts: Alert[];
  readonly resources: InventorySnapshot['resources'][number][];
  readonly samples: SamplesSnapshot[];
  memory: Memory | undefined;
}

export class Player {
  readonly #kinds: readonly Kind[];
  readonly #beginning: Beginning = {
    files: [],
    alerts: [],
    resources: [],
    samples: [],
    memory: undefined,
  };
  #number = 0;
  #judges: Judges | undefined;
  #hasEnded = false;
  /** Changes that came out and have not been compared yet. */
  #made: Change[] = [];
  #inputs = 0;
  #changes = 0;
  /** What a reader should know although it can be played. */
  readonly notes: string[] = [];
  deviation: Deviation | undefined;

  constructor(kinds: readonly Kind[]) {
    this.#kinds = kinds;
  }

  get inputs(): number {
    return this.#inputs;
  }

  get changes(): number {
    return this.#changes;
  }

  /** Takes the next line; the changes that it makes. Throws Unplayable. */
  take(text: string): readonly Change[] {
    this.#number++;
    if (this.#hasEnded) throw this.#wrong('stands behind the end');
    const line = parseLine(text);
    if (typeof line === 'string') throw this.#wrong(line);
    if ((this.#number === 1) !== (line.name === 'recording'))
      throw this.#wrong('the first line of a recording, and no other, says that it is one');
    try {
      return this.#play(line);
    } catch (error) {
      if (error instanceof Unplayable) throw error;
      throw this.#wrong(`cannot be played: ${(error as Error).message}`);
    }
  }

  /** After the last line. Throws Unplayable when the end is missing. */
  finish(): void {
    if (this.#number === 0) throw new Unplayable('the file is empty');
    if (!this.#hasEnded)
      throw new Unplayable(`the recording is cut: it stops after line ${this.#number}, no end`);
  }

  #play(line: Line): readonly Change[] {
    if (line.name !== 'change') this.#compareRest();
    switch (line.name) {
      case 'recording':
        this.#greet(line.value);
        return [];
      case 'begin':
        this.#judges = this.#begin(line.value.at);
        return [];
      case 'input':
        return this.#input(line.value);
      case 'change':
        this.#compare(line.value);
        return [];
      case 'end':
        this.#end(line.value);
        return [];
      default:
        this.#gather(line);
        return [];
    }
  }

  #greet({ format, version, kinds }: Extract<Line, { name: 'recording' }>['value']): void {
    if (format !== formatVersion)
      throw this.#wrong(`is of format ${format}; this tocsin reads ${formatVersion}`);
    if (kinds !== digestOfKinds(this.#kinds))
      this.notes.push(`recorded by tocsin ${version}, whose kinds of resources differ`);
  }

  #gather(line: Extract<Line, { name: 'file' | 'alert' | 'resource' | 'samples' | 'memory' }>) {
    if (this.#judges !== undefined) throw this.#wrong(`"${line.name}" comes after the begin`);
    const { files, alerts, resources, samples } = this.#beginning;
    if (line.name === 'file') files.push(line.value);
    else if (line.name === 'alert') alerts.push(line.value);
    else if (line.name === 'resource') resources.push(line.value);
    else if (line.name === 'samples') samples.push(line.value);
    else this.#beginning.memory = line.value;
  }

  #begin(at: EpochMs): Judges {
    const { files, alerts, resources, samples, memory } = this.#beginning;
    if (memory === undefined) throw this.#wrong('begins without a memory');
    const { eventKeys, mutes, watchingSince, ...rest } = memory;
    const inventory = createInventory({}, { resources, samples, eventKeys });
    const variables = new Map(this.#kinds.map(({ name, variable }) => [name, variable]));
    const engine = createEngine(
      this.#compile(files),
      { ...rest, alerts },
      inventory.past,
      (kind) => variables.get(kind) ?? 'resource',
      { watchingSince, kinds: this.#kinds },
    );
    const judges = { inventory, engine };
    // What they mute is known to the alerts already, so nothing comes of it.
    if (mutes.length > 0) applyInput(judges, { type: 'mutes', mutes }, at);
    return judges;
  }

  #compile(files: readonly RuleFile[]): CompiledRules {
    const { rules, complaints } = loadRules(files, this.#kinds);
    const [first] = complaints.filter(({ level }) => level === 'error');
    if (rules === undefined)
      throw this.#wrong(`its rules do not load here: ${first?.file}: ${first?.message}`);
    return rules;
  }

  #input({ at, ...input }: { readonly at: number } & FileInput): readonly Change[] {
    if (this.#judges === undefined) throw this.#wrong('an input before the begin');
    this.#inputs++;
    const whole: Input =
      input.type === 'reload' ? { type: 'reload', rules: this.#compile(input.rules) } : input;
    const { changes } = applyInput(this.#judges, whole, at);
    this.#made.push(...changes);
    this.#changes += changes.length;
    return changes;
  }

  #compare(recorded: Change): void {
    const replayed = this.#made.shift() ?? null;
    if (renderExactly(recorded) !== renderExactly(replayed)) this.#deviate(recorded, replayed);
  }

  #compareRest(): void {
    const [replayed] = this.#made;
    if (replayed !== undefined) this.#deviate(null, replayed);
    this.#made = [];
  }

  #deviate(recorded: Change | null, replayed: Change | null): void {
    this.deviation ??= { line: this.#number, recorded, replayed };
  }

  #end({ inputs, why }: Extract<Line, { name: 'end' }>['value']): void {
    if (inputs !== this.#inputs)
      throw this.#wrong(`says that there were ${inputs} inputs; ${this.#inputs} are here`);
    this.#hasEnded = true;
    if (why !== '') this.notes.push(`the recording ended because ${why}`);
  }

  #wrong(why: string): Unplayable {
    return new Unplayable(`line ${this.#number}: ${why}`);
  }
}

/** Paths of what differs between two changes, each with both values: `alert.title`. */
export function diffOf({ recorded, replayed }: Deviation): readonly string[] {
  const walk = (a: unknown, b: unknown, path: string): string[] => {
    if (renderExactly(a ?? null) === renderExactly(b ?? null)) return [];
    const isBoth = [a, b].every((one) => typeof one === 'object' && one !== null);
    if (!isBoth || Array.isArray(a) || Array.isArray(b))
      return [
        `${path}: recorded ${renderExactly(a ?? null)}, replayed ${renderExactly(b ?? null)}`,
      ];
    const [left, right] = [a, b] as Readonly<Record<string, unknown>>[];
    const all = new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})]);
    return [...all].flatMap((name) =>
      walk(left?.[name], right?.[name], path === '' ? name : `${path}.${name}`),
    );
  };
  if (recorded === null) return [`no change was recorded here; the replay made ${name(replayed)}`];
  if (replayed === null) return [`the replay did not make ${name(recorded)}`];
  return walk(recorded, replayed, '');
}

const name = (change: Change | null): string =>
  change === null ? 'none' : `${change.seq} ${change.reason} ${change.alert.title}`;
