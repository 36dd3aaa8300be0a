/** `tocsin doctor`: is this installation as it should be, and what mends it where it is not. */
import { optionTable } from '../../config/options.ts';
import { plural } from '../../domain/plural.ts';
import type { Context } from '../command.ts';
import type { CheckedFinding } from '../doctor/checks.ts';
import type { Verdict } from '../doctor/finding.ts';
import type { Machine } from '../doctor/machine.ts';
import type { Places } from '../doctor/scene.ts';
import type { ExitName } from '../exit.ts';
import { renderField } from '../output/printer.ts';
import type { Tone } from '../output/table.ts';
import { plainLine, wrap } from '../output/text.ts';
import { textOf } from '../values.ts';

/** Where an installation has everything; a checkout says otherwise in its environment. */
function placesOf({ io, values }: Context): Places {
  const { environment } = io;
  const rulesDirs =
    textOf(values, 'rules-dir') ?? environment.TOCSIN_RULES_DIR ?? optionTable['rules-dir'].default;
  return {
    config: environment.TOCSIN_CONFIG || optionTable.config.default,
    rulesDirs: rulesDirs.split(':').filter((folder) => folder !== ''),
    stateDir: environment.TOCSIN_STATE_DIR || optionTable['state-dir'].default,
    runtimeDir: environment.TOCSIN_RUNTIME_DIR || optionTable['runtime-dir'].default,
  };
}

const marks: Readonly<Record<Verdict, readonly [string, Tone]>> = {
  ok: ['ok', 'good'],
  problem: ['PROBLEM', 'bad'],
  unknown: ['unknown', 'warn'],
  'not-applicable': ['-', 'dim'],
};

type Printer = Context['printer'];

/** A line for what is well; for a problem also why it matters and what mends it. */
function renderFinding(finding: CheckedFinding, { paint, columns }: Printer): readonly string[] {
  const { check, verdict, what, why, mend, lines = [] } = finding;
  const [word, tone] = marks[verdict];
  const indent = ' '.repeat(23);
  const room = columns === undefined ? Infinity : Math.max(40, columns - indent.length);
  const [first = '', ...others] = wrap(plainLine(what), room);
  const more = [
    ...renderField('Why', why, columns),
    ...renderField('Do', mend, undefined),
    ...lines.map((line) => `  | ${plainLine(line)}`),
  ];
  return [
    `${paint(tone, word.padEnd(8))} ${check.padEnd(13)} ${first}`,
    ...others.map((line) => `${indent}${line}`),
    ...more.map((line) => `         ${line}`),
  ];
}

function legendOf(found: readonly CheckedFinding[], isRoot: boolean): string {
  const count = (verdict: Verdict): number =>
    found.filter((finding) => finding.verdict === verdict).length;
  const [problems, hidden] = [count('problem'), count('unknown')];
  const unseen =
    hidden === 0 ? '' : `; ${hidden} could not be seen${isRoot ? '' : ', root sees most'}`;
  return `${problems === 0 ? 'no problem' : plural(problems, 'problem')}${unseen}`;
}

/** Rows as JSON has them: all fields, whatever the verdict. */
const rowOf = ({ check, verdict, what, why, mend, lines }: CheckedFinding) => ({
  check,
  verdict,
  what,
  why: why ?? null,
  mend: mend ?? null,
  lines: lines ?? [],
});

/** The machine is handed in, so that a test can plant a sick one. */
export async function examineMachine(context: Context, machine: Machine): Promise<ExitName> {
  const { api, printer } = context;
  // Not at the top: all kinds, rules and channels come with the checks.
  const { runChecks } = await import('../doctor/checks.ts');
  const { createScene, daemonOf } = await import('../doctor/scene.ts');
  const found = await runChecks(createScene(machine, daemonOf(api), placesOf(context)));
  if (printer.format === 'table' || printer.format === 'wide') {
    await printer.lines(found.flatMap((finding) => renderFinding(finding, printer)));
    if (printer.hasLegend) await printer.lines([legendOf(found, machine.uid === 0)]);
  } else {
    const rows = found.map(rowOf);
    await printer.list(rows, { columns: [], id: ({ check }) => check }, '');
  }
  return found.some(({ verdict }) => verdict === 'problem') ? 'problems' : 'done';
}

export async function examine(context: Context): Promise<ExitName> {
  const { systemMachine } = await import('../doctor/machine.ts');
  return examineMachine(context, systemMachine(context.io.clock));
}
