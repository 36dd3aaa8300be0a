/** One rule as it is written -> a compiled rule, with every complaint at its place. */
import { alertSources } from '../../domain/alert.ts';
import type { Kind } from '../../domain/kind.ts';
import { didYouMean } from '../../domain/nearest.ts';
import type { RuleSummary } from '../../domain/rule.ts';
import { minutes, seconds } from '../../domain/time.ts';
import { fnv1a64 } from '../../domain/ulid.ts';
import type { CompiledRule } from '../compiled.ts';
import type { Vocabulary } from '../language/vocabulary.ts';
import type { Draft } from './drafts.ts';
import {
  type Fields,
  readDuration,
  readFlag,
  readList,
  readOneOf,
  readText,
  refuseUnknownFields,
} from './fields.ts';
import { compileLevels } from './levels.ts';
import {
  type Compiling,
  compileInhibitor,
  compileText,
  type InhibitorDraft,
  readLabels,
} from './rule-parts.ts';
import { type Complain, plain, type Tree } from './tree.ts';

export const ruleFields = [
  'id',
  'kind',
  'on',
  'when',
  'clear',
  'for',
  'keepFiringFor',
  'severity',
  'levels',
  'latch',
  'source',
  'title',
  'message',
  'advice',
  'labels',
  'inhibitedBy',
  'every',
  'flapping',
  'enabled',
  'tests',
] as const;

/** Finds kinds and what their expressions can name; made once for each kind and event. */
export interface Words {
  readonly kinds: ReadonlyMap<string, Kind>;
  vocabulary(kind: Kind, event?: string): Vocabulary;
}

export interface CompiledDraft {
  readonly rule: CompiledRule;
  readonly inhibitors: readonly InhibitorDraft[];
  readonly tests: readonly Tree[];
}

const everyDefault = minutes(1);
const latches = ['none', 'operator', 'success'] as const;

function findKind(fields: Fields, words: Words): Kind | undefined {
  const given = readText(fields, 'kind', { needed: true });
  if (given === undefined) return undefined;
  const kind = words.kinds.get(given.text);
  if (kind !== undefined) return kind;
  const names = [...words.kinds.keys()];
  const hint = didYouMean(given.text, names) || `; known: ${names.join(', ')}`;
  fields.complain(given.tree, `unknown kind "${given.text}"${hint}`);
  return undefined;
}

/** The event of an event rule; undefined for others and where it is unknown. */
function findEvent(fields: Fields, kind: Kind): string | undefined {
  const given = readText(fields, 'on');
  if (given === undefined) return undefined;
  if (Object.hasOwn(kind.events, given.text)) return given.text;
  const names = Object.keys(kind.events);
  const hint = didYouMean(given.text, names);
  const known = names.length > 0 ? `; known: ${names.join(', ')}` : '; it has none';
  fields.complain(given.tree, `${kind.name} has no event "${given.text}"${hint || known}`);
  return undefined;
}

/** JSON with the names in order, so that the order of fields does not matter. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const fields = entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`);
  return `{${fields.join(',')}}`;
}

/** Fields that say nothing about when the rule fires: a better wording keeps its alerts. */
const wording = ['title', 'message', 'advice', 'tests', 'enabled'];

/** 16 hexadecimal digits over what decides when the rule fires. */
export function digestOf(definition: Readonly<Record<string, unknown>>): string {
  const deciding = Object.entries(definition).filter(([name]) => !wording.includes(name));
  return fnv1a64([canonical(Object.fromEntries(deciding))])
    .toString(16)
    .padStart(16, '0');
}

function refuseEndless(c: Compiling, rule: Pick<CompiledRule, 'keepFiringFor' | 'latch'>): void {
  const { map } = c.fields;
  const levels = map.fields.get('levels')?.value;
  const clears =
    map.fields.has('clear') ||
    (levels?.type === 'map' &&
      [...levels.fields.values()].every(
        ({ value }) => value.type === 'map' && value.fields.has('clear'),
      ));
  if (!c.isEvent || clears || rule.keepFiringFor > 0 || rule.latch === 'operator') return;
  const on = map.fields.get('on')?.value ?? map;
  c.complain(on, 'an event rule needs an end: "keepFiringFor", "clear" or "latch: operator"');
}

function startCompiling(draft: Draft, words: Words, complain: Complain): Compiling | undefined {
  const fields: Fields = { map: draft.map, what: `rule "${draft.id}"`, complain };
  refuseUnknownFields(fields, ruleFields);
  const kind = findKind(fields, words);
  if (kind === undefined) return undefined;
  const event = findEvent(fields, kind);
  const isEvent = draft.map.fields.has('on');
  if (isEvent && event === undefined) return undefined;
  return {
    fields,
    complain,
    every: readDuration(fields, 'every', { least: seconds(1), otherwise: everyDefault }),
    kind,
    event,
    isEvent,
    words: words.vocabulary(kind, event),
    stateWords: words.vocabulary(kind),
    reads: new Set(),
  };
}

function summarize(draft: Draft, c: Compiling, rule: Omit<CompiledRule, 'summary' | 'render'>) {
  const definition = plain(draft.map) as Record<string, unknown>;
  const hasLevels = draft.map.fields.has('levels');
  return {
    id: draft.id,
    kind: c.kind.name,
    form: c.isEvent ? 'event' : hasLevels ? 'levels' : 'condition',
    source: readOneOf(c.fields, 'source', alertSources, { needed: true }) ?? 'system',
    severities: rule.levels.map(({ severity }) => severity),
    title: typeof definition.title === 'string' ? definition.title : '',
    enabled: readFlag(c.fields, 'enabled', true),
    file: draft.file,
    line: draft.line,
    dropIns: draft.dropIns,
    digest: digestOf(definition),
    definition,
  } satisfies RuleSummary;
}

type Texts = Readonly<Record<'title' | 'message' | 'advice', ReturnType<typeof compileText>>>;

/**
 * Apart from compileRule, where it would keep all that a rule is compiled from: the tree of its
 * file took 3 MB with the 144 shipped rules, for as long as the daemon runs.
 */
const renderOf =
  (texts: Texts): CompiledRule['render'] =>
  (text, scope) =>
    texts[text]?.render(scope) ?? '';

/** What can be made of a draft; whether it is good, the complaints say. */
export function compileRule(
  draft: Draft,
  words: Words,
  complain: Complain,
): CompiledDraft | undefined {
  const c = startCompiling(draft, words, complain);
  if (c === undefined) return undefined;
  const { fields } = c;
  const latch = readOneOf(fields, 'latch', latches) ?? 'none';
  const keepFiringFor = readDuration(fields, 'keepFiringFor', { least: 0, otherwise: 0 });
  refuseEndless(c, { latch, keepFiringFor });
  const levels = compileLevels(c, latch);
  const inhibitors = readList(fields, 'inhibitedBy').flatMap((t) => compileInhibitor(c, t) ?? []);
  const texts = {
    title: compileText(c, 'title'),
    message: compileText(c, 'message'),
    advice: compileText(c, 'advice'),
  };
  const rule = {
    id: draft.id,
    kind: c.kind.name,
    ...(c.event === undefined ? {} : { on: c.event }),
    levels,
    keepFiringFor,
    latch,
    inhibitedBy: inhibitors.map(({ inhibitor }) => inhibitor),
    labels: readLabels(c),
    every: c.every,
    ...(readFlag(fields, 'flapping', true) ? {} : { flapping: false as const }),
    reads: c.reads,
  };
  return {
    rule: {
      ...rule,
      summary: summarize(draft, c, rule),
      render: renderOf(texts),
    },
    inhibitors: inhibitors.map((one) => one.draft),
    tests: readList(fields, 'tests'),
  };
}
