/** Text from outside: nothing of it may reach the terminal as a command. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemdUnit } from '../collectors/systemd/kinds.ts';
import { reading } from '../domain/reading.ts';
import { fakeStart } from '../operations/fake-alerts.ts';
import { FakeHouse } from '../operations/fake-house.ts';
import { type Box, startBox } from './cli.fixture.ts';
import { cut, plainJson, plainLine, plainLines, widthOf } from './output/text.ts';

/** Clears the screen; the same with the eight-bit CSI; sets the title; turns the text around. */
const evil = 'x\x1b[2J\x9b2J\x1b]0;owned\x07\u202Egnp\u2028y\x7f\b\0';
/** What no line of ours holds. Line breaks are looked at by counting lines. */
const forbidden = /[\p{Cc}\u202E\u2028]/u;

const cases: readonly (readonly [string, string])[] = [
  ['\x1b[31m', '\\x1b[31m'],
  ['\x9b31m', '\\x9b31m'],
  ['a\nb\r\n\tc', 'a b c'],
  ['a\u202Eb', 'a\\u202eb'],
  ['a\u200Bb\u2060c', 'a\\u200bb\\u2060c'],
  ['می\u200cخواهم', 'می\u200cخواهم'],
  ['\uD800', '\\ud800'],
  ['größer 猫 😀', 'größer 猫 😀'],
];
for (const [given, shown] of cases) {
  test(`${JSON.stringify(given)} is shown as ${shown}`, () => {
    assert.equal(plainLine(given), shown);
  });
}

test('JSON is the same value, and harmless', () => {
  assert.deepEqual(JSON.parse(plainJson({ [evil]: [evil] })), { [evil]: [evil] });
  assert.doesNotMatch(plainJson({ [evil]: [evil] }), forbidden);
});

test('lines stay lines', () => {
  assert.deepEqual(plainLines('a\r\n\tb\x1b\n'), ['a', '    b\\x1b', '']);
});

test('width is counted in cells, and a text is cut to it', () => {
  assert.deepEqual([widthOf('abc'), widthOf('猫猫'), widthOf('e\u0301')], [3, 4, 1]);
  assert.deepEqual(
    ['abcdef', '猫猫猫', 'abc'].map((text) => cut(text, 4)),
    ['abc…', '猫…', 'abc'],
  );
});

function fill(box: Box): string {
  const alert = box.house.fire({
    title: evil,
    message: `${evil}\n${evil}`,
    advice: evil,
    rule: evil,
    labels: { unit: evil },
    resource: { kind: 'systemd.unit', id: evil },
    mutedBy: [evil],
    acknowledged: true,
    acknowledgedBy: evil,
    comment: evil,
    value: evil,
    evidence: [{ type: 'journal', title: evil, lines: [evil] }],
  });
  const facts = { description: evil, activeState: evil, watched: true, result: evil };
  const common = {
    collector: 'systemd',
    changedAt: fakeStart,
    readAt: fakeStart,
    staleSince: null,
  };
  box.house.inventory.push({ ...reading(systemdUnit, `${evil}.service`, facts), ...common });
  box.house.stored.push({
    number: 1,
    event: evil,
    kind: 'systemd.unit',
    id: evil,
    at: fakeStart,
    detectedAt: fakeStart,
    foundBy: 'signal',
    key: '1',
    attributes: { [evil]: evil },
  });
  const part = { status: 'degraded', reason: evil, since: fakeStart, blindSince: null } as const;
  box.house.healthAnswer = { status: 'degraded', components: { [evil]: part } };
  box.house.ruleSummaries.push({
    id: 'r',
    kind: evil,
    form: 'condition',
    source: 'system',
    severities: ['info'],
    title: evil,
    enabled: true,
    file: evil,
    line: 1,
    dropIns: [evil],
    digest: '',
    definition: { [evil]: [evil, { a: evil }] },
  });
  return alert.id;
}

test('no command lets a control character through, in any form', async (t) => {
  const box = await startBox(t, new FakeHouse([systemdUnit]));
  const id = fill(box);
  const commands = [
    ['status'],
    ['alert'],
    ['alert', 'show', id],
    ['alert', 'ack', id],
    ['alert', 'unack', id],
    ['alert', 'comment', id, evil.replaceAll(/\p{Cc}/gu, '')],
    ['event'],
    ['unit'],
    ['unit', 'show', `${evil}.service`],
    ['rule'],
    ['rule', 'show', 'r'],
    ['health'],
    ['check'],
  ];
  for (const argv of commands) {
    for (const format of argv[0] === 'check' ? [] : ['table', 'wide', 'json', 'jsonl', 'id']) {
      const { out, err } = await box.run([...argv, '-o', format], { columns: 80 });
      const said = `${out}${err}`;
      assert.ok(
        said.length > 1 || argv.includes('unack'),
        `${argv.join(' ')} -o ${format} is silent`,
      );
      for (const line of said.split('\n')) assert.doesNotMatch(line, forbidden, argv.join(' '));
    }
  }
});

test('an error repeats what was given without its control characters', async (t) => {
  const box = await startBox(t);
  for (const argv of [
    [evil],
    ['alert', 'list', `--${evil}`],
    ['rule', 'show', evil],
    ['unit', 'show', evil],
  ]) {
    const { err, status } = await box.run(argv);
    assert.notEqual(status, 0);
    for (const line of err.split('\n')) assert.doesNotMatch(line, forbidden);
  }
});

test('colours are for terminals only, and never when NO_COLOR is set', async (t) => {
  const box = await startBox(t);
  box.house.fire();
  const coloured = async (isTty: boolean, environment = {}): Promise<boolean> =>
    (await box.run('alert', { isTty, columns: 80, environment })).out.includes(
      '\x1b[1;31mcritical',
    );
  assert.equal(await coloured(true), true);
  assert.equal(await coloured(false), false);
  assert.equal(await coloured(true, { NO_COLOR: '1' }), false);
  assert.equal(await coloured(true, { NO_COLOR: '' }), true);
  assert.equal(await coloured(true, { TERM: 'dumb' }), false);
});

test('a table fits the terminal or COLUMNS, and a pipe gets all of it', async (t) => {
  const box = await startBox(t);
  box.house.fire({ title: 'long '.repeat(50) });
  const widest = async (terminal: object): Promise<number> =>
    Math.max(...(await box.run('alert', terminal)).out.split('\n').map(widthOf));
  assert.ok((await widest({ columns: 90 })) <= 90);
  assert.ok((await widest({ columns: 90, environment: { COLUMNS: '70' } })) <= 70);
  assert.ok((await widest({})) > 200);
});
