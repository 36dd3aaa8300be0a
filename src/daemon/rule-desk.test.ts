/** Changing rules: what is written where, what is refused, and what the site has changed. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { defineKind, gauge } from '../domain/kind.ts';
import type { RuleChangeAnswer, RuleDesk } from '../operations/house-rules.ts';
import { systemFiles } from '../platform/files.ts';
import { replaceFile } from '../platform/replace-file.ts';
import type { CompiledRules } from '../rules/compiled.ts';
import { createRuleDesk } from './rule-desk.ts';

const tank = defineKind('lab.tank', {
  title: 'Tank',
  identity: 'name',
  attributes: { level: gauge({ unit: 'litres', help: 'What is in it.', source: 'test' }) },
});
const shippedText = `rules:
  - id: tank-low
    kind: lab.tank
    when: tank.level < 10
    severity: warning
    source: system
    title: "{{ tank.id }} is low"
    message: It runs dry.
    advice: Fill it.
  - id: tank-full
    kind: lab.tank
    when: tank.level > 90
    severity: info
    source: system
    title: "{{ tank.id }} is full"
    advice: Stop filling.
`;
const rule = {
  id: 'tank-empty',
  kind: 'lab.tank',
  when: 'tank.level == 0',
  severity: 'critical',
  source: 'system',
  title: '{{ tank.id }} is empty',
  advice: 'Fill it at once.',
};

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

interface Place {
  readonly desk: RuleDesk;
  readonly site: string;
  readonly log: string[];
  /** Rule sets put in force, in order. */
  readonly applied: CompiledRules[];
}

function open({ broken = false } = {}): Place {
  const root = mkdtempSync(join(tmpdir(), 'tocsin-rules-'));
  folders.push(root);
  const shipped = join(root, 'shipped');
  const site = join(root, 'site');
  mkdirSync(shipped);
  writeFileSync(join(shipped, 'tank.yaml'), shippedText);
  const log: string[] = [];
  const applied: CompiledRules[] = [];
  const say = (text: string): void => void log.push(text);
  const desk = createRuleDesk({
    folders: [shipped, site],
    kinds: [tank],
    files: systemFiles,
    replaceFile: broken
      ? () => {
          throw Object.assign(new Error('no'), { code: 'EROFS' });
        }
      : replaceFile,
    apply: async (rules) => void applied.push(rules),
    log: { error: say, warning: say, notice: say, info: say },
  });
  return { desk, site, log, applied };
}

const isDone = (answer: RuleChangeAnswer): void => assert.equal(answer.type, 'done');
const whenOf = (applied: readonly CompiledRules[], id: string): unknown =>
  applied.at(-1)?.summaries.find((one) => one.id === id)?.definition.when;

test('a new rule stands in 90-api.yaml, is in force, and is told in the log', async () => {
  const { desk, site, log, applied } = open();
  isDone(await desk.add(rule, 'uid:0'));
  assert.match(readFileSync(join(site, '90-api.yaml'), 'utf8'), /id: tank-empty/);
  assert.equal(whenOf(applied, 'tank-empty'), 'tank.level == 0');
  assert.deepEqual(log, [`rule tank-empty added by uid:0 in ${site}/90-api.yaml`]);
});

test('two rules that are added at once both stand', async () => {
  const { desk, applied } = open();
  await Promise.all([desk.add(rule, 'a'), desk.add({ ...rule, id: 'tank-gone' }, 'b')]);
  assert.deepEqual(
    applied.at(-1)?.summaries.map(({ id }) => id),
    ['tank-empty', 'tank-gone', 'tank-low', 'tank-full'],
  );
});

test('a rule that does not compile is refused with its place, and nothing is written', async () => {
  const { desk, site, applied } = open();
  const answer = await desk.add({ ...rule, when: 'tank.leve == 0' }, 'uid:0');
  assert.equal(answer.type, 'wrong');
  const [first] = answer.type === 'wrong' ? answer.complaints : [];
  assert.match(`${first?.file}:${first?.line} ${first?.message}`, /90-api.yaml:\d+ .*level/);
  assert.equal(systemFiles.readText(join(site, '90-api.yaml')), undefined);
  assert.deepEqual(applied, []);
});

test('an id that is taken, and a rule of another file, are conflicts that say where', async () => {
  const { desk } = open();
  const taken = await desk.add({ ...rule, id: 'tank-low' }, 'uid:0');
  assert.ok(taken.type === 'conflict' && taken.why.includes('tank.yaml'));
  const foreign = await desk.replace('tank-low', rule, 'uid:0');
  assert.ok(foreign.type === 'conflict' && foreign.why.includes('PATCH'));
  assert.equal((await desk.remove('tank-low', 'uid:0')).type, 'conflict');
});

test('a shipped rule is changed by a drop-in, and set back by removing it', async () => {
  const { desk, site, applied } = open();
  isDone(await desk.change('tank-low', { when: 'tank.level < 5', message: null }, 'uid:0'));
  assert.equal(whenOf(applied, 'tank-low'), 'tank.level < 5');
  const dropIn = join(site, 'tank.yaml.d/90-api.yaml');
  assert.match(readFileSync(dropIn, 'utf8'), /message: null/);
  isDone(await desk.change('tank-low', { enabled: false }, 'uid:0'));
  assert.equal(whenOf(applied, 'tank-low'), 'tank.level < 5');
  const [delta] = desk.delta();
  assert.deepEqual(delta?.fields.map(({ field }) => field).sort(), ['enabled', 'message', 'when']);
  isDone(await desk.remove('tank-low', 'uid:0'));
  assert.equal(whenOf(applied, 'tank-low'), 'tank.level < 10');
  assert.deepEqual(desk.delta(), []);
});

test('what somebody wrote into 90-api.yaml by hand stays', async () => {
  const { desk, site } = open();
  mkdirSync(site);
  const byHand =
    '# ours\nrules:\n  # keep me\n  - id: mine\n    kind: lab.tank\n    when: tank.level < 1\n    severity: info\n    source: system\n    title: low\n';
  writeFileSync(join(site, '90-api.yaml'), byHand);
  isDone(await desk.add(rule, 'uid:0'));
  isDone(await desk.remove('tank-empty', 'uid:0'));
  assert.equal(readFileSync(join(site, '90-api.yaml'), 'utf8'), byHand);
});

test('the delta tells added, disabled, changed and removed rules apart', async () => {
  const { desk, site } = open();
  isDone(await desk.add(rule, 'uid:0'));
  isDone(await desk.change('tank-full', { enabled: false }, 'uid:0'));
  assert.deepEqual(
    desk.delta().map(({ id, state }) => [id, state]),
    [
      ['tank-empty', 'added'],
      ['tank-full', 'disabled'],
    ],
  );
  rmSync(join(site, 'tank.yaml.d'), { recursive: true });
  writeFileSync(join(site, 'tank.yaml'), 'rules: []\n');
  assert.deepEqual(
    desk.delta().map(({ id, state }) => [id, state]),
    [
      ['tank-empty', 'added'],
      ['tank-full', 'removed'],
      ['tank-low', 'removed'],
    ],
  );
});

test('a folder that cannot be written is said, and the set in force stays', async () => {
  const { desk, applied } = open({ broken: true });
  const answer = await desk.add(rule, 'uid:0');
  assert.ok(answer.type === 'unstored' && answer.why.includes('EROFS'));
  assert.deepEqual(applied, []);
});

for (const text of ['rules: [\n', '- a list\n', 'just words\n']) {
  test(`a file that reads ${JSON.stringify(text)} is not written to, and that is said`, async () => {
    const { desk, site } = open();
    mkdirSync(site);
    const path = join(site, '90-api.yaml');
    writeFileSync(path, text);
    const answer = await desk.add(rule, 'uid:0');
    assert.ok(
      answer.type === 'unstored' && /mend it first/.test(answer.why),
      JSON.stringify(answer),
    );
    assert.equal(readFileSync(path, 'utf8'), text);
  });
}

test('what the site changed by hand meanwhile is in the next answer', async () => {
  const { desk, site } = open();
  assert.deepEqual(desk.delta(), []);
  mkdirSync(site);
  writeFileSync(join(site, 'mine.yaml'), `rules:\n  - ${JSON.stringify(rule)}\n`);
  assert.deepEqual(
    desk.delta().map(({ id, state }) => [id, state]),
    [['tank-empty', 'added']],
  );
  assert.equal((await desk.add(rule, 'uid:0')).type, 'conflict');
});
