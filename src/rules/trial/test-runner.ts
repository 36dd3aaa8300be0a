/** Runs the tests of rules through the real inventory and engine, on a clock of their own. */
import type { Alert } from '../../domain/alert.ts';
import type { Kind } from '../../domain/kind.ts';
import type { Past } from '../../domain/past.ts';
import type { Reading } from '../../domain/reading.ts';
import type { Difference } from '../../domain/resource.ts';
import type { Complaint } from '../../domain/rule.ts';
import { type EpochMs, renderDuration } from '../../domain/time.ts';
import type { CompiledRule, CompiledRules } from '../compiled.ts';
import type { Engine } from '../engine.ts';
import {
  type Expectation,
  type ExpectedAlert,
  type RuleTest,
  readTests,
  type WrittenTests,
} from './test-file.ts';
import type { TestStep } from './test-steps.ts';

/** As much of the inventory as a test needs. */
export interface TestInventory {
  apply(collector: string, reading: Reading, at: EpochMs): readonly Difference[];
  markStale(collector: string, why: string, at: EpochMs): readonly Difference[];
  markFresh(collector: string, at: EpochMs): readonly Difference[];
  readonly past: Past;
}

/** Makes what a test runs through: new for each test. */
export interface TestHouse {
  inventory(): TestInventory;
  engine(rules: CompiledRules, past: Past): Engine;
}

export interface TestFailure {
  /** Line of the expectation. */
  readonly line: number;
  /** On the clock of the test: `31s`. */
  readonly at: string;
  readonly expected: string;
  readonly actual: string;
}

export interface TestResult {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly failures: readonly TestFailure[];
}

export interface TestReport {
  readonly results: readonly TestResult[];
  /** Tests with complaints were not run. */
  readonly complaints: readonly Complaint[];
}

const collector = 'test';
/** A rule whose due times never advance would hang the test. */
const advancesMax = 100_000;

const named = (alert: { readonly rule: string; readonly id: string }): string =>
  `${alert.rule} ${alert.id}`;

const nameOf = ({ rule, resource }: Alert): string => named({ rule, id: resource.id });

const describe = (alert: Alert): string => `${nameOf(alert)} ${alert.phase}, ${alert.severity}`;

const listed = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];

/** Alerts that mute or cause are named by their rule, or by rule and resource. */
function namesMatch(given: unknown, ids: readonly string[], alerts: readonly Alert[]): boolean {
  const wanted = listed(given).map(String);
  const found = ids.map((id) => alerts.find((alert) => alert.id === id));
  return (
    wanted.length === ids.length &&
    wanted.every(
      (want, i) =>
        found.some((alert) => alert && (alert.rule === want || nameOf(alert) === want)) ||
        ids[i] === want,
    )
  );
}

const shownNames = (ids: readonly string[], alerts: readonly Alert[]): string =>
  ids
    .map((id) => alerts.find((alert) => alert.id === id))
    .map((alert, i) => (alert ? nameOf(alert) : ids[i]))
    .join(', ') || 'nothing';

interface Mismatch {
  readonly expected: string;
  readonly actual: string;
}

function compareField(
  name: string,
  given: unknown,
  alert: Alert,
  alerts: readonly Alert[],
): Mismatch | undefined {
  const what = `${nameOf(alert)}: ${name}`;
  if (name === 'mutedBy' || name === 'cause') {
    const ids = name === 'mutedBy' ? alert.mutedBy : alert.cause === null ? [] : [alert.cause];
    if (namesMatch(given, ids, alerts)) return undefined;
    const wanted = listed(given).join(', ') || 'nothing';
    return { expected: `${what} ${wanted}`, actual: shownNames(ids, alerts) };
  }
  const actual: unknown = Reflect.get(alert, name);
  if (actual === given) return undefined;
  return { expected: `${what} ${JSON.stringify(given)}`, actual: JSON.stringify(actual) };
}

function compareAlerts(
  expected: readonly ExpectedAlert[],
  alerts: readonly Alert[],
  judged: (alert: Alert) => boolean,
): readonly Mismatch[] {
  const differences: Mismatch[] = [];
  const wanted = new Set(expected.map(named));
  for (const alert of alerts)
    if (judged(alert) && !wanted.has(nameOf(alert)))
      differences.push({ expected: 'no such alert', actual: describe(alert) });
  for (const want of expected) {
    const alert = alerts.find((one) => nameOf(one) === named(want));
    if (alert === undefined) {
      const expectedText = `${named(want)} ${String(want.fields.phase)}`;
      differences.push({ expected: expectedText, actual: 'no such alert' });
      continue;
    }
    for (const [name, given] of Object.entries(want.fields)) {
      const difference = compareField(name, given, alert, alerts);
      if (difference) differences.push(difference);
    }
  }
  return differences;
}

function applyStep(inventory: TestInventory, step: TestStep, now: EpochMs): readonly Difference[] {
  if (step.type === 'stale') return inventory.markStale(collector, step.why, now);
  if (step.type === 'fresh') return inventory.markFresh(collector, now);
  return inventory.apply(collector, step.reading, now);
}

/** Does what falls due up to `until`, each at its own time. */
function advance(engine: Engine, until: EpochMs): void {
  for (let i = 0; i < advancesMax; i++) {
    const due = engine.nextDue();
    if (due === undefined || due > until) return;
    engine.advance(due);
  }
  throw new Error(`more than ${advancesMax} things fall due in this test`);
}

function runTest(
  test: RuleTest,
  rules: CompiledRules,
  house: TestHouse,
  judged: (alert: Alert) => boolean,
): TestResult {
  const inventory = house.inventory();
  const engine = house.engine(rules, inventory.past);
  const failures: TestFailure[] = [];
  const moments: readonly (TestStep | (Expectation & { readonly type: 'expect' }))[] = [
    ...test.steps,
    ...test.expectations.map((one) => ({ ...one, type: 'expect' as const })),
    // What happens at the same time as an expectation comes first: the sort is stable.
  ].sort((a, b) => a.at - b.at);
  for (const moment of moments) {
    const now = test.start + moment.at;
    advance(engine, now);
    if (moment.type !== 'expect') {
      engine.apply(applyStep(inventory, moment, now), now);
      continue;
    }
    const at = renderDuration(moment.at);
    for (const difference of compareAlerts(moment.alerts, engine.active(), judged))
      failures.push({ line: moment.line, at, ...difference });
  }
  const { name, file, line } = test;
  return { name, file, line, failures };
}

/** The enabled rules, and those that are tested although they are disabled. */
function rulesFor(
  all: readonly CompiledRule[],
  tested: readonly string[] | undefined,
): CompiledRules {
  const rules = all.filter(({ id, summary }) => summary.enabled || tested?.includes(id) === true);
  return { rules, summaries: all.map(({ summary }) => summary) };
}

/** `all`: every compiled rule, disabled ones too. */
export function runRuleTests(
  written: readonly WrittenTests[],
  all: readonly CompiledRule[],
  kinds: readonly Kind[],
  house: TestHouse,
): TestReport {
  const results: TestResult[] = [];
  const complaints: Complaint[] = [];
  for (const group of written) {
    const read = readTests(group, kinds);
    complaints.push(...read.complaints);
    if (read.complaints.length > 0) continue;
    const rules = rulesFor(all, group.rules);
    const judged = ({ rule }: Alert): boolean => group.rules?.includes(rule) ?? true;
    for (const test of read.tests) results.push(runTest(test, rules, house, judged));
  }
  return { results, complaints };
}

/** `31s: expected no such alert; there is unit-failed a.service firing, critical`. */
export const renderFailure = ({ at, expected, actual }: TestFailure): string =>
  `${at}: expected ${expected}; there is ${actual}`;
