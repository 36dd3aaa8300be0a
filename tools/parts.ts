/** Parts of a check: commands that run side by side, with their time, their output and a verdict. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';

export const top = resolve(import.meta.dirname, '..');

export interface Part {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  /** Its last lines are the summary of node:test, and each of its tests counts. */
  readonly tests?: boolean;
  /** Show the output as it comes: for parts that take minutes. */
  readonly live?: boolean;
  /** Then it is killed and has failed; a test that leaves something open never ends by itself. */
  readonly limitMs?: number;
}

/** node:test on files, no test longer than its limit, with the summary that judgeTests reads. */
export const nodeTest = (testMsMax: number, more: readonly string[]): Part['argv'] => [
  'node',
  '--test',
  '--test-reporter=spec',
  `--test-timeout=${testMsMax}`,
  ...more,
];

export interface PartResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly output: string;
  /** Why it failed, beyond what its output says. */
  readonly why: string;
}

const limitMsDefault = 4 * 60_000;

/** The last number that node:test's spec reporter gives for a word: `ℹ skipped 0`. */
function countOf(output: string, word: string): number | undefined {
  const found = [...output.matchAll(new RegExp(`^ℹ ${word} (\\d+)$`, 'gm'))].at(-1)?.[1];
  return found === undefined ? undefined : Number(found);
}

/**
 * What the summary of node:test and its exit status mean. Under CI=true a test that did not run
 * is a failure: what nobody looked at is not sound.
 */
export function judgeTests(
  output: string,
  exitStatus: number | null,
  underCi = process.env.CI === 'true',
): Pick<PartResult, 'passed' | 'failed' | 'why'> {
  const count = (word: string): number => countOf(output, word) ?? 0;
  const passed = count('pass');
  const broken = count('fail') + count('cancelled');
  const left = count('skipped') + count('todo');
  const failed = broken + (underCi ? left : 0);
  const told = failed === 0 && (exitStatus !== 0 || passed === 0);
  const why = [
    left > 0 ? `${left} tests did not run` : '',
    told && passed === 0 ? 'no test ran' : '',
    told && exitStatus !== 0 ? `exit status ${exitStatus}` : '',
  ];
  return { passed, failed: failed + Number(told), why: why.filter(Boolean).join(', ') };
}

/** The last argument of each child of a process: the test files that node:test waits for. */
function waitedFor(pid: number): readonly string[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return children.map(
      (child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0').at(-2) ?? child,
    );
  } catch {
    return [];
  }
}

/** Ends the part with all it started; says what it was still at. */
function killPart(pid: number, limitMs: number): string {
  const at = waitedFor(pid);
  process.kill(-pid, 'SIGKILL');
  return [`killed after ${limitMs / 1000} s`, ...at].join(', still at ');
}

export async function runPart(part: Part): Promise<PartResult> {
  const began = performance.now();
  const [file, ...rest] = part.argv;
  const limitMs = part.limitMs ?? limitMsDefault;
  // Each test file is a process of its own: what one has compiled the next ones need not.
  const compiled = resolve(top, '.cache/compiled');
  const env = {
    ...process.env,
    FORCE_COLOR: undefined,
    NO_COLOR: '1',
    NODE_COMPILE_CACHE: compiled,
  };
  // In a process group of its own, so that all it started can be ended with it.
  const child = spawn(file, rest, {
    cwd: top,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running.add(child);
  let output = '';
  let killed = '';
  const timer = setTimeout(() => {
    if (child.pid !== undefined) killed = killPart(child.pid, limitMs);
  }, limitMs);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (part.live === true) process.stdout.write(text);
    });
  }
  const exitStatus = await new Promise<number | null>((done) => {
    child.once('error', (error) => {
      output += `${error.message}\n`;
      done(127);
    });
    child.once('close', done);
  });
  clearTimeout(timer);
  running.delete(child);
  const seconds = (performance.now() - began) / 1000;
  const verdict =
    part.tests === true
      ? judgeTests(output, exitStatus)
      : { passed: Number(exitStatus === 0), failed: Number(exitStatus !== 0), why: '' };
  const why = [verdict.why, killed].filter(Boolean).join(', ');
  return { name: part.name, seconds, output, ...verdict, why };
}

const running = new Set<ChildProcess>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const { pid } of running) if (pid !== undefined) process.kill(-pid, signal);
    process.kill(process.pid, signal);
  });
}

/** One line for a sound part; for another one all that it said. */
export function report(result: PartResult, part: Part): void {
  const mark = result.failed > 0 ? 'FAILED' : 'ok';
  const counts = part.tests === true ? `${result.passed} passed, ${result.failed} failed` : '';
  if (result.failed > 0 && part.live !== true) console.log(result.output.trimEnd());
  const time = `${result.seconds.toFixed(1)} s`.padStart(8);
  console.log(
    `${mark.padEnd(6)} ${part.name.padEnd(14)} ${time}  ${counts} ${result.why}`.trimEnd(),
  );
}

/** Runs the parts in their order, as many side by side as there are processors. */
export async function runParts(
  parts: readonly Part[],
  width = availableParallelism(),
): Promise<readonly PartResult[]> {
  const results: PartResult[] = [];
  const waiting = [...parts];
  const worker = async (): Promise<void> => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const result = await runPart(part);
      report(result, part);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

/** `N passed, N failed` as the last line, and the exit status that goes with it. */
export function conclude(results: readonly PartResult[]): void {
  const sum = (of: (result: PartResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const failed = sum((result) => result.failed);
  for (const { name, why } of results.filter((result) => result.failed > 0)) {
    console.log(`failed: ${name} ${why}`.trimEnd());
  }
  console.log(`${sum((result) => result.passed)} passed, ${failed} failed`);
  process.exitCode = failed > 0 || results.length === 0 ? 1 : 0;
}
