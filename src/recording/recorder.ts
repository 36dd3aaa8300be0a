/** Makes the lines of a recording from what passes through the pipeline. */
import type { Kind } from '../domain/kind.ts';
import type { ActiveMute } from '../domain/mute.ts';
import type { EpochMs } from '../domain/time.ts';
import type { CompiledRules } from '../rules/compiled.ts';
import { digestOfKinds } from './digest.ts';
import { type FileInput, formatVersion, type Line } from './format.ts';
import type { Input, Judges, Outcome } from './input.ts';

export interface RecorderParts {
  readonly judges: Judges;
  readonly kinds: readonly Kind[];
  readonly version: string;
  readonly watchingSince: EpochMs;
  /** As they are in force. */
  readonly rules: () => CompiledRules;
  readonly mutes: () => readonly ActiveMute[];
}

/** Samples of these alone matter: those at which a rule looks. */
function wishOf({ rules }: CompiledRules): (kind: string, attribute: string) => boolean {
  const ofKind = Map.groupBy(rules, ({ kind }) => kind);
  return (kind, attribute) =>
    ofKind.get(kind)?.some(({ reads }) => reads?.has(attribute) ?? true) ?? false;
}

/**
 * What tocsin knows now. The lines hold what will never change, so they may be rendered later,
 * a few at a time.
 */
export function* beginRecording(parts: RecorderParts, at: EpochMs): Generator<Line> {
  const { judges, version, watchingSince } = parts;
  const rules = parts.rules();
  const { alerts, ...memory } = judges.engine.memory();
  const { resources, samples, eventKeys } = judges.inventory.snapshot(wishOf(rules));
  const kinds = digestOfKinds(parts.kinds);
  const more = { eventKeys, mutes: parts.mutes(), watchingSince };
  yield { name: 'recording', value: { format: formatVersion, version, kinds } };
  for (const value of rules.files ?? []) yield { name: 'file', value };
  for (const value of alerts) yield { name: 'alert', value };
  for (const value of resources) yield { name: 'resource', value };
  for (const value of samples) yield { name: 'samples', value };
  yield { name: 'memory', value: { ...memory, ...more } };
  yield { name: 'begin', value: { at } };
}

const fileInput = (input: Input): FileInput =>
  input.type === 'reload' ? { type: 'reload', rules: input.rules.files ?? [] } : input;

/** An input with what it changed. */
export function* recordInput(input: Input, at: EpochMs, { changes }: Outcome): Generator<Line> {
  yield { name: 'input', value: { at, ...fileInput(input) } };
  for (const value of changes) yield { name: 'change', value };
}
