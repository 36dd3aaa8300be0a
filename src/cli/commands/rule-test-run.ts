/** `tocsin rule test`: runs the tests of rules through the real inventory and engine. */
import { dirname, isAbsolute, join, matchesGlob, resolve } from 'node:path';
import type { Complaint } from '../../domain/rule.ts';
import { renderComplaint } from '../../domain/rule.ts';
import { createInventory } from '../../inventory/create.ts';
import type { Files } from '../../platform/files.ts';
import { createEngine, emptyMemory } from '../../rules/engine/create.ts';
import { parseTree } from '../../rules/files/tree.ts';
import { readTestFile, type WrittenTests } from '../../rules/trial/test-file.ts';
import { runRuleTests, type TestHouse, type TestResult } from '../../rules/trial/test-runner.ts';
import type { Context } from '../command.ts';
import { type ExitName, Stop } from '../exit.ts';
import type { Printer } from '../output/printer.ts';
import { plainLine } from '../output/text.ts';
import { textOf } from '../values.ts';
import { foldersOf, type GivenFile, kinds, loadWith, readGiven } from './rule-files.ts';

const variables = new Map(kinds.map(({ name, variable }) => [name, variable]));
const house: TestHouse = {
  inventory: () => createInventory(),
  engine: (rules, past) =>
    createEngine(rules, emptyMemory, past, (kind) => variables.get(kind) ?? 'resource'),
};

/** A rule file has rules that are maps; a test file at most names some. */
function isRuleFile({ path, text }: GivenFile): boolean {
  const tree = parseTree(path, text, () => {});
  const rules = tree?.type === 'map' ? tree.fields.get('rules')?.value : undefined;
  return rules?.type === 'list' && rules.items.some(({ type }) => type === 'map');
}

/** Rule files that the patterns of a test file name; relative ones from where it is. */
function ruleFilesOf(files: Files, from: string, patterns: readonly string[]): readonly string[] {
  return patterns.flatMap((pattern) => {
    const path = isAbsolute(pattern) ? pattern : join(dirname(resolve(from)), pattern);
    if (!/[*?[]/.test(path)) return [path];
    const entries = files.list(dirname(path)) ?? [];
    return entries
      .map(({ name }) => `${dirname(path)}/${name}`)
      .filter((one) => matchesGlob(one, path));
  });
}

interface FileReport {
  readonly file: string;
  readonly results: readonly TestResult[];
  readonly complaints: readonly Complaint[];
}

interface Part {
  readonly context: Context;
  readonly wants: (result: TestResult) => boolean;
}

type Loaded = ReturnType<typeof loadWith>;

function runTests(
  { wants }: Part,
  file: string,
  { loaded }: Loaded,
  written: readonly WrittenTests[],
  complaints: readonly Complaint[],
): FileReport {
  const errors = complaints.filter(({ level }) => level === 'error');
  if (errors.length > 0) return { file, results: [], complaints: errors };
  const report = runRuleTests(written, loaded.compiled, kinds, house);
  return { file, results: report.results.filter(wants), complaints: report.complaints };
}

/** A file of tests alone: with the rules that it names, else those in force. */
function testFile(part: Part, given: GivenFile): FileReport {
  const { files } = part.context.io;
  const { written, ruleFiles, complaints } = readTestFile(given.path, given.text);
  const rules = readGiven(files, ruleFilesOf(files, given.path, ruleFiles));
  const folders = ruleFiles.length > 0 ? [] : foldersOf(part.context);
  const loaded = loadWith(files, folders, rules);
  return runTests(part, given.path, loaded, [written], [...complaints, ...loaded.complaints]);
}

function testRuleFiles(part: Part, given: readonly GivenFile[]): readonly FileReport[] {
  const loaded = loadWith(part.context.io.files, foldersOf(part.context), given);
  const paths = given.length > 0 ? given.map(({ path }) => path) : loaded.paths;
  const isHere = ({ file }: Complaint): boolean => paths.includes(file);
  const elsewhere = loaded.complaints.filter((complaint) => !isHere(complaint));
  return paths.map((file, i) => {
    const own = loaded.complaints.filter((complaint) => complaint.file === file);
    const written = loaded.loaded.tests.filter((one) => one.file === file);
    return runTests(part, file, loaded, written, i === 0 ? [...own, ...elsewhere] : own);
  });
}

function renderReport(
  { file, results, complaints }: FileReport,
  printer: Printer,
): readonly string[] {
  const failed = results.filter(({ failures }) => failures.length > 0);
  const isGood = failed.length === 0 && complaints.length === 0;
  const word = isGood ? printer.paint('good', 'SUCCESS') : printer.paint('bad', 'FAILED');
  const count =
    complaints.length > 0 ? '' : ` (${results.length - failed.length} of ${results.length} tests)`;
  return [
    `Testing '${plainLine(file)}'  ${word}${count}`,
    ...complaints.map((complaint) => `  ${plainLine(renderComplaint(complaint))}`),
    ...failed.flatMap(({ name, failures }) =>
      failures.flatMap(({ line, at, expected, actual }) => [
        plainLine(`  ${file}:${line}: ${name}, at ${at}`),
        plainLine(`    expected: ${expected}`),
        plainLine(`    actual:   ${actual}`),
      ]),
    ),
  ];
}

function wantsOf(text: string | undefined): Part['wants'] {
  if (text === undefined) return () => true;
  try {
    const pattern = new RegExp(text, 'u');
    return ({ name }) => pattern.test(name);
  } catch (error) {
    throw new Stop('usage', `--run ${text}: ${(error as Error).message}`);
  }
}

export async function runRuleTestFiles(context: Context): Promise<ExitName> {
  const { args, io, values, printer } = context;
  const part = { context, wants: wantsOf(textOf(values, 'run')) };
  const given = readGiven(io.files, args);
  const ruleFiles = given.filter(isRuleFile);
  const testFiles = given.filter((file) => !isRuleFile(file));
  const reports = [
    ...(given.length === 0 || ruleFiles.length > 0 ? testRuleFiles(part, ruleFiles) : []),
    ...testFiles.map((file) => testFile(part, file)),
  ];
  // A file without tests is not worth a line when nobody asked for it by name.
  const shown = reports.filter(
    ({ results, complaints }) => given.length > 0 || results.length + complaints.length > 0,
  );
  const results = shown.flatMap((report) => report.results);
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  const refused = shown.flatMap(({ complaints }) => complaints).length;
  if (printer.format === 'table' || printer.format === 'wide') {
    for (const report of shown) await printer.lines(renderReport(report, printer));
    const broken = refused > 0 ? `, ${refused} problems in the files` : '';
    if (printer.hasLegend)
      await printer.lines([
        `${results.length} test${results.length === 1 ? '' : 's'}, ${failed} failed${broken}`,
      ]);
  } else await printer.list(shown, { columns: [], id: ({ file }) => file }, '');
  return failed + refused > 0 ? 'problems' : 'done';
}
