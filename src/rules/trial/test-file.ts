/**
 * Tests of rules as they are written: a script of steps with times, and what is expected when.
 * They stand in rule files (`tests:` of a rule or of the file) or in a file of their own.
 */
import type { Kind } from '../../domain/kind.ts';
import type { Complaint } from '../../domain/rule.ts';
import { type EpochMs, type Ms, parseDuration, rfc3339 } from '../../domain/time.ts';
import { readList, readText, refuseUnknownFields } from '../files/fields.ts';
import {
  type Complain,
  complaintsInto,
  type MapTree,
  parseTree,
  plain,
  type Tree,
} from '../files/tree.ts';
import { readStep, type TestStep } from './test-steps.ts';
import { fieldsOf, type TestReader } from './test-values.ts';

/** Tests as trees, and the rules whose alerts they name exactly; left out: all rules. */
export interface WrittenTests {
  readonly file: string;
  readonly tests: readonly Tree[];
  readonly rules?: readonly string[];
  /** Kind of a resource that names none. */
  readonly kind?: string;
}

/** What must hold at a time. `fields` are those that the test names, as it names them. */
export interface ExpectedAlert {
  readonly rule: string;
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
}
export interface Expectation {
  readonly at: Ms;
  readonly line: number;
  readonly alerts: readonly ExpectedAlert[];
}

export interface RuleTest {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly start: EpochMs;
  readonly steps: readonly TestStep[];
  readonly expectations: readonly Expectation[];
}

const startDefault = Date.parse('2026-01-01T00:00:00Z');

/** What an expected alert can say beside `rule` and `id`. */
export const expectedFields = [
  'phase',
  'severity',
  'title',
  'message',
  'value',
  'stale',
  'mutedBy',
  'cause',
] as const;

const lineOf = (tree: Tree): number => tree.source.lines.linePos(tree.start).line;

/** `at` of a step or an expectation. */
function readAt(r: TestReader, map: MapTree): Ms | undefined {
  const given = readText(fieldsOf(r, map, 'the step'), 'at', { needed: true });
  const at = given && parseDuration(given.text);
  if (given && at === undefined) r.complain(given.tree, '"at" must be a time such as 0s or 5m');
  return at;
}

function readExpectedAlert(r: TestReader, tree: Tree): ExpectedAlert | undefined {
  if (tree.type !== 'map') {
    r.complain(tree, 'an expected alert is written { rule: ID, id: RESOURCE, phase: firing }');
    return undefined;
  }
  const fields = fieldsOf(r, tree, 'the expected alert');
  refuseUnknownFields(fields, ['rule', 'id', ...expectedFields]);
  const rule = readText(fields, 'rule', { needed: true });
  const id = readText(fields, 'id', { needed: true });
  if (rule === undefined || id === undefined) return undefined;
  const { rule: _rule, id: _id, ...named } = plain(tree) as Record<string, unknown>;
  return { rule: rule.text, id: id.text, fields: { phase: 'firing', ...named } };
}

function readExpectation(r: TestReader, map: MapTree, at: Ms): Expectation {
  const fields = fieldsOf(r, map, 'the expectation');
  refuseUnknownFields(fields, ['at', 'alerts']);
  if (!map.fields.has('alerts')) r.complain(map, 'the expectation has no "alerts"');
  const alerts = readList(fields, 'alerts').flatMap((tree) => readExpectedAlert(r, tree) ?? []);
  return { at, line: lineOf(map), alerts };
}

/** The maps of a list with their times, in order of time. */
function timed<T extends { readonly at: Ms }>(
  r: TestReader,
  trees: readonly Tree[],
  read: (map: MapTree, at: Ms) => T | undefined,
): readonly T[] {
  const all = trees.flatMap((tree) => {
    if (tree.type !== 'map') {
      r.complain(tree, 'a map with "at" is expected here');
      return [];
    }
    const at = readAt(r, tree);
    return at === undefined ? [] : (read(tree, at) ?? []);
  });
  return all.sort((a, b) => a.at - b.at);
}

function readTest(
  tree: Tree,
  written: WrittenTests,
  kinds: readonly Kind[],
  complain: Complain,
): RuleTest | undefined {
  if (tree.type !== 'map') {
    complain(tree, 'a test has "name", "events" and "expect"');
    return undefined;
  }
  const fields = fieldsOf({ complain }, tree, 'the test');
  refuseUnknownFields(fields, ['name', 'start', 'events', 'expect']);
  const name = readText(fields, 'name', { needed: true })?.text ?? '';
  const given = readText(fields, 'start');
  const start = given === undefined ? startDefault : Date.parse(given.text);
  if (given && Number.isNaN(start))
    complain(given.tree, `"start" must be an instant such as ${rfc3339(startDefault)}`);
  const r: TestReader = { complain, kinds, kind: written.kind, start };
  const steps = timed(r, readList(fields, 'events'), (map, at) => readStep(r, map, at));
  const expectations = timed(r, readList(fields, 'expect'), (map, at) =>
    readExpectation(r, map, at),
  );
  if (expectations.length === 0) complain(tree, 'the test expects nothing');
  return { name, file: written.file, line: lineOf(tree), start, steps, expectations };
}

/** With a complaint, the tests are not to be run. */
export function readTests(
  written: WrittenTests,
  kinds: readonly Kind[],
): { readonly tests: readonly RuleTest[]; readonly complaints: readonly Complaint[] } {
  const complaints: Complaint[] = [];
  const complain = complaintsInto(complaints);
  const tests = written.tests.flatMap((tree) => readTest(tree, written, kinds, complain) ?? []);
  return { tests, complaints };
}

/** A file of tests alone. `ruleFiles`: patterns of the rule files that it judges; else all. */
export function readTestFile(
  path: string,
  text: string,
): {
  readonly written: WrittenTests;
  readonly ruleFiles: readonly string[];
  readonly complaints: readonly Complaint[];
} {
  const complaints: Complaint[] = [];
  const complain = complaintsInto(complaints);
  const tree = parseTree(path, text, complain);
  if (tree?.type !== 'map') {
    if (tree) complain(tree, 'a test file begins with "tests:"');
    return { written: { file: path, tests: [] }, ruleFiles: [], complaints };
  }
  const fields = fieldsOf({ complain }, tree, 'the file');
  refuseUnknownFields(fields, ['rule_files', 'rules', 'tests']);
  const texts = (name: string): string[] =>
    readList(fields, name).map((item) => String(plain(item)));
  const written = { file: path, tests: readList(fields, 'tests') };
  const rules = texts('rules');
  return {
    written: rules.length > 0 ? { ...written, rules } : written,
    ruleFiles: texts('rule_files'),
    complaints,
  };
}
