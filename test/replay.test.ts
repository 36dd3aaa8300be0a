/** A recording of the shipped rules in a burst, replayed by the program elsewhere. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Said, tocsin } from '../src/cli/cli.fixture.ts';
import { kinds } from '../src/collectors/registry.ts';
import { complete, partial } from '../src/domain/reading.ts';
import { minutes, seconds } from '../src/domain/time.ts';
import { createInventory } from '../src/inventory/create.ts';
import { renderLine } from '../src/recording/format.ts';
import { applyInput, type Input } from '../src/recording/input.ts';
import { beginRecording, recordInput } from '../src/recording/recorder.ts';
import { createEngine, emptyMemory } from '../src/rules/engine/create.ts';
import { loadShipped } from './support/shipped-rules.ts';

const top = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'tocsin-replay-'));
after(() => rmSync(folder, { recursive: true }));

const good = {
  type: 'service',
  description: 'One of many',
  watched: true,
  wanted: true,
  present: true,
  loadState: 'loaded',
  activeState: 'active',
  subState: 'running',
  result: 'success',
  nRestarts: 0,
  restarting: false,
  gaveUp: false,
  jobResult: null,
  needDaemonReload: false,
};
const failed = { activeState: 'failed', subState: 'failed', result: 'exit-code' };

/** 150 units that need each other in chains fail within a second, and half of them recover. */
function recordBurst(): string {
  const { rules } = loadShipped().loaded;
  if (rules === undefined) throw new Error('the shipped rules do not load');
  const inventory = createInventory();
  const variables = new Map(kinds.map(({ name, variable }) => [name, variable]));
  const variableOf = (kind: string): string => variables.get(kind) ?? 'resource';
  const engine = createEngine(rules, emptyMemory, inventory.past, variableOf, { kinds });
  const judges = { inventory, engine };
  const lines: string[] = [];
  let now = 1_800_000_000_000;
  const idOf = (i: number): string => `ünit-${i}.service`;
  const units = Array.from({ length: 150 }, (_, i) => ({
    kind: 'systemd.unit',
    id: idOf(i),
    attributes: { ...good, needs: i % 10 === 0 ? '' : idOf(i - 1) },
  }));
  const take = (input: Input): void => {
    const outcome = applyInput(judges, input, now);
    for (const line of recordInput(input, now, outcome)) lines.push(renderLine(line));
  };
  const told = (some: readonly number[], attributes: typeof failed): Input => ({
    type: 'reading',
    collector: 'systemd',
    reading: partial(some.map((i) => ({ kind: 'systemd.unit', id: idOf(i), attributes, at: now }))),
  });
  applyInput(judges, { type: 'reading', collector: 'systemd', reading: complete(units) }, now);
  const recorder = {
    judges,
    kinds,
    version: '0',
    watchingSince: 0,
    rules: () => rules,
    mutes: () => [],
  };
  now += minutes(1);
  for (const line of beginRecording(recorder, now)) lines.push(renderLine(line));
  take({ type: 'stock', settled: ['systemd.unit'] });
  for (let i = 0; i < 150; i += 5) {
    now += 33;
    take(told([i, i + 1, i + 2, i + 3, i + 4], failed));
    take({ type: 'advance' });
  }
  now += seconds(90);
  take({ type: 'advance' });
  const well = { activeState: 'active', subState: 'running', result: 'success' };
  take(
    told(
      Array.from({ length: 75 }, (_, i) => i * 2),
      well,
    ),
  );
  take({ type: 'advance' });
  const inputs = lines.filter((line) => line.startsWith('{"input"')).length;
  const changes = lines.filter((line) => line.startsWith('{"change"')).length;
  lines.push(renderLine({ name: 'end', value: { inputs, changes, why: '' } }));
  return `${lines.join('\n')}\n`;
}

const path = join(folder, 'burst.rec');
const text = recordBurst();
writeFileSync(path, text);

/** In a process of its own, which takes half a second to start; the rest runs in this one. */
function replayElsewhere(file: string, ...more: readonly string[]) {
  const main = join(top, 'src/cli/main.ts');
  const env = { ...process.env, TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' };
  const ended = spawnSync(process.execPath, [main, 'replay', file, ...more], {
    env,
    encoding: 'utf8',
  });
  return { status: ended.status, out: ended.stdout, err: ended.stderr };
}

const replay = (file: string, ...more: readonly string[]): Promise<Said> =>
  tocsin(['replay', file, ...more]);

test('a burst replays to the same bytes in another process, time zone and locale', () => {
  const { status, out, err } = replayElsewhere(path, '--assert');
  assert.equal(status, 0, out + err);
  assert.match(out, /\d+ inputs, \d{3,} changes, the same/);
});

test('without --assert the changes are shown as they came', async () => {
  const { status, out } = await replay(path, '-o', 'jsonl');
  assert.equal(status, 0);
  const recorded = text.split('\n').filter((line) => line.startsWith('{"change"'));
  const shown = out.trimEnd().split('\n');
  assert.deepEqual(
    shown.map((line) => JSON.parse(line) as unknown),
    recorded.map((line) => (JSON.parse(line) as { readonly change: unknown }).change),
  );
});

test('a change that was recorded otherwise ends with 3 and the difference', async () => {
  const bent = join(folder, 'bent.rec');
  writeFileSync(bent, readFileSync(path, 'utf8').replace('"reason":"raised"', '"reason":"stale"'));
  const { status, out } = await replay(bent, '--assert');
  assert.equal(status, 3);
  assert.match(
    out,
    /bent\.rec:\d+: the replay differs\n {2}reason: recorded "stale", replayed "raised"/,
  );
});

test('a file that was cut says after which line, and one that is not there says so', async () => {
  const cut = join(folder, 'cut.rec');
  writeFileSync(cut, text.slice(0, text.length / 2));
  const torn = await replay(cut, '--assert');
  assert.equal(torn.status, 1);
  assert.match(torn.err, /cut\.rec: line \d+: is no JSON/);
  assert.equal((await replay(join(folder, 'none.rec'))).status, 4);
});
