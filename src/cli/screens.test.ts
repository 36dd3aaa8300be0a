/** What status, health, check, events, units and rules look like. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemdUnit } from '../collectors/systemd/kinds.ts';
import { reading } from '../domain/reading.ts';
import type { RuleSummary } from '../domain/rule.ts';
import { fakeStart } from '../operations/fake-alerts.ts';
import { FakeHouse } from '../operations/fake-house.ts';
import type { StoredEvent } from '../store/store.ts';
import { type Box, startBox } from './cli.fixture.ts';

const lines = (text: string): string[] => text.trimEnd().split('\n');
const since = fakeStart;
const well = { status: 'healthy', reason: null, since, blindSince: null } as const;
const blind = { status: 'unknown', reason: 'bus lost', since, blindSince: since } as const;

function makeIll(box: Box): void {
  box.house.healthAnswer = {
    status: 'degraded',
    components: { database: well, systemd: blind, configuration: well },
  };
}

test('status shows state, components, counts, the worst alerts and blind time', async (t) => {
  const box = await startBox(t);
  makeIll(box);
  const warning = box.house.fire({ severity: 'warning' });
  const acked = box.house.fire({ acknowledged: true });
  const worst = box.house.fire();
  box.house.fire({ phase: 'pending' });
  const { out } = await box.run('status');
  const row = (id: string, rest: string): string => `${id.slice(-6)}  ${rest}`;
  assert.deepEqual(lines(out), [
    'tocsin 0.0.0-test is degraded, running for 100s',
    'Components  systemd unknown for 100s: bus lost (blind for 100s)',
    '            2 healthy: database, configuration',
    'Alerts      2 critical, 1 warning, 0 info; 1 acknowledged, 0 muted, 1 pending',
    '',
    'ID      SEVERITY  STATE         AGE  RULE         TITLE',
    row(worst.id, 'critical  firing        97s  unit-failed  unit-3.service failed (exit-code)'),
    row(acked.id, 'critical  firing,acked  98s  unit-failed  unit-2.service failed (exit-code)'),
    row(warning.id, 'warning   firing        99s  unit-failed  unit-1.service failed (exit-code)'),
    '',
    'Blind (24h) systemd 8s: bus lost',
  ]);
});

test('status is one screen, whatever is wrong', async (t) => {
  const box = await startBox(t);
  const names = Array.from({ length: 40 }, (_, i) => [`part-${i}`, i < 20 ? blind : well] as const);
  box.house.healthAnswer = { status: 'unhealthy', components: Object.fromEntries(names) };
  for (let i = 0; i < 300; i += 1) box.house.fire({ title: 'x'.repeat(500) });
  const { out } = await box.run('status', {
    columns: 80,
    isTty: true,
    environment: { NO_COLOR: '1' },
  });
  assert.ok(lines(out).length <= 24, out);
  assert.ok(
    lines(out).every((line) => line.length <= 80),
    out,
  );
  assert.match(out, /and 292 more: tocsin alert list/);
});

test('status as JSON has the health of the API, the counts and the worst alerts', async (t) => {
  const box = await startBox(t);
  box.house.fire();
  const status = JSON.parse((await box.run('status -o json')).out) as Record<string, unknown>;
  const { text } = await box.ask('/api/v1/health');
  const { counts, worst, ...health } = status;
  assert.deepEqual(health, JSON.parse(text));
  const none = { warning: 0, info: 0, acknowledged: 0, muted: 0, pending: 0 };
  assert.deepEqual(counts, { critical: 1, ...none });
  assert.equal((worst as unknown[]).length, 1);
});

test('health lists the parts and when they were blind, and ends with 3 when unhealthy', async (t) => {
  const box = await startBox(t);
  makeIll(box);
  const { out, status } = await box.run('health --utc');
  assert.equal(status, 0);
  assert.deepEqual(lines(out), [
    'COMPONENT      STATUS   SINCE                 REASON',
    'database       healthy  2026-11-22 06:14:00Z  -',
    'systemd        unknown  2026-11-22 06:14:00Z  bus lost (blind for 100s)',
    'configuration  healthy  2026-11-22 06:14:00Z  -',
    'tocsin is degraded',
    '',
    'Could not see:',
    '  systemd: 2026-11-22 06:13:51Z (109s ago), for 8s: bus lost',
  ]);
  box.house.healthAnswer = { status: 'unhealthy', components: {} };
  assert.equal((await box.run('health')).status, 3);
});

test('check is one line and a status as Nagios wants them', async (t) => {
  const box = await startBox(t);
  const check = async (line = ''): Promise<[number, string]> => {
    const { status, out } = await box.run(`check ${line}`.trim());
    return [status, out];
  };
  const none = 'TOCSIN OK - 0 critical, 0 warning | critical=0;0;0 warning=0\n';
  assert.deepEqual(await check(), [0, none]);
  box.house.fire({ severity: 'warning' });
  const one = 'TOCSIN WARNING - 0 critical, 1 warning | critical=0;0;0 warning=1\n';
  assert.deepEqual(await check(), [1, one]);
  box.house.fire();
  box.house.fire();
  const bad = 'TOCSIN CRITICAL - 2 critical, 1 warning | critical=2;0;0 warning=1\n';
  assert.deepEqual(await check(), [2, bad]);
  const lenient = 'TOCSIN OK - 2 critical, 1 warning | critical=2;2;2 warning=1;1\n';
  assert.deepEqual(await check('--critical 2 --warning 1'), [0, lenient]);
});

test('check does not call well what tocsin cannot see', async (t) => {
  const box = await startBox(t);
  makeIll(box);
  const { status, out } = await box.run('check');
  assert.deepEqual(
    [status, out],
    [
      1,
      'TOCSIN WARNING - 0 critical, 0 warning, tocsin is degraded: systemd (bus lost) | critical=0;0;0 warning=0\n',
    ],
  );
});

test('check is UNKNOWN when there is no answer and when it is called wrongly', async (t) => {
  const box = await startBox(t);
  const gone = await box.run('check --socket /no/such.sock');
  assert.equal(gone.status, 3);
  assert.match(gone.out, /^TOCSIN UNKNOWN - tocsind cannot be reached at \/no\/such\.sock.*\n$/);
  const wrong = await box.run('--socket /x check --warnung 3');
  assert.equal(wrong.status, 3);
  assert.match(wrong.out, /^TOCSIN UNKNOWN - unknown option --warnung/);
});

const storedEvent = (number: number, more: Partial<StoredEvent> = {}): StoredEvent => ({
  number,
  event: 'run-failed',
  kind: 'systemd.unit',
  id: `u${number}.service`,
  at: fakeStart + number * 1000,
  detectedAt: fakeStart + number * 1000,
  foundBy: 'signal',
  key: String(number),
  attributes: { result: 'exit-code', execMainStatus: 1, invocationId: 'abc', willRestart: null },
  ...more,
});

test('events stand in order of time, and can be chosen', async (t) => {
  const box = await startBox(t);
  box.house.stored.push(storedEvent(1), storedEvent(2), storedEvent(3, { event: 'restarted' }));
  assert.deepEqual(lines((await box.run('event --utc')).out), [
    'TIME                  EVENT       RESOURCE    FACTS',
    '2026-11-22 06:14:01Z  run-failed  u1.service  result=exit-code execMainStatus=1',
    '2026-11-22 06:14:02Z  run-failed  u2.service  result=exit-code execMainStatus=1',
    '2026-11-22 06:14:03Z  restarted   u3.service  result=exit-code execMainStatus=1',
    '3 events',
  ]);
  const ids = async (line: string): Promise<string[]> =>
    lines((await box.run(`event -o id ${line}`)).out);
  assert.deepEqual(await ids('-n 2'), ['2', '3']);
  assert.deepEqual(await ids('--after 1'), ['2', '3']);
  assert.deepEqual(await ids('-u u2'), ['2']);
  assert.deepEqual(await ids('-u u2 --unit u1.service'), ['1', '2']);
  assert.deepEqual(await ids('--event restarted'), ['3']);
  assert.deepEqual(await ids('--since 2026-11-22T06:14:02Z --until 2026-11-22T06:14:03Z'), ['2']);
});

function addUnits(box: Box): void {
  const put = (
    id: string,
    attributes: Parameters<typeof reading<typeof systemdUnit.attributes>>[2],
    staleSince: number | null = null,
  ): void => {
    const common = { collector: 'systemd', changedAt: fakeStart, readAt: fakeStart, staleSince };
    box.house.inventory.push({ ...reading(systemdUnit, id, attributes), ...common });
  };
  const running = { activeState: 'active', subState: 'running', result: 'success', watched: true };
  put('a.service', { ...running, nRestarts: 3, stateChangeAt: fakeStart, description: 'The A' });
  put('b.service', {
    activeState: 'failed',
    subState: 'failed',
    result: 'exit-code',
    watched: true,
  });
  put('c.service', { ...running, memoryBytes: { unreadable: 'EIO' } }, fakeStart);
  put('dev-x\\x2dy.device', { activeState: 'active', watched: false });
}

test('units are listed with their state; what is stale says so', async (t) => {
  const box = await startBox(t, new FakeHouse([systemdUnit]));
  addUnits(box);
  assert.deepEqual(lines((await box.run('unit')).out), [
    'UNIT       ACTIVE          SUB      RESULT     RESTARTS  AGE   DESCRIPTION',
    'a.service  active          running  success           3  100s  The A',
    'b.service  failed          failed   exit-code         -  -     -',
    'c.service  active (stale)  running  success           -  -     -',
    '3 of 4 units, 1 failed, 1 stale',
  ]);
  const ids = async (...line: string[]): Promise<string[]> =>
    lines((await box.run(['unit', 'list', '-o', 'id', ...line])).out);
  assert.deepEqual(await ids('--failed'), ['b.service']);
  assert.deepEqual(await ids('a', 'c*'), ['a.service', 'c.service']);
  assert.equal((await ids('--all')).length, 4);
});

test('a unit is shown with its facts, also one with a backslash in its name', async (t) => {
  const box = await startBox(t, new FakeHouse([systemdUnit]));
  addUnits(box);
  box.house.fire({ resource: { kind: 'systemd.unit', id: 'c.service' }, title: 'C is slow' });
  box.house.stored.push(storedEvent(1, { id: 'c.service' }));
  const { out } = await box.run('unit show c --utc');
  for (const part of [
    /^c\.service\nStale since {3}2026-11-22 06:14:00Z \(100s ago\): what follows/,
    / {2}memoryBytes {2}unreadable: EIO\n/,
    /Alerts\n {2}critical {2}01[A-Z0-9]{24} {2}C is slow/,
    /Latest events\n {2}2026-11-22 06:14:01Z {2}run-failed {2}\(99s ago\)/,
  ]) {
    assert.match(out, part);
  }
  assert.equal((await box.run(['unit', 'show', 'dev-x\\x2dy.device'])).status, 0);
  assert.equal((await box.run('unit show nothing')).status, 4);
});

const rule: RuleSummary = {
  id: 'unit-failed',
  kind: 'systemd.unit',
  form: 'condition',
  source: 'system',
  severities: ['critical'],
  title: '{{ unit.id }} failed',
  enabled: true,
  file: '/usr/lib/tocsin/rules.d/systemd.yaml',
  line: 12,
  dropIns: ['/etc/tocsin/rules.d/systemd.yaml.d/50-mine.yaml'],
  digest: 'd',
  definition: {
    id: 'unit-failed',
    when: 'unit.activeState == "failed"',
    labels: { a: 'yes' },
    levels: [{ for: '5m' }, {}],
    tests: [{ name: 'it fires' }],
  },
};

test('rules are listed and shown as one would write them', async (t) => {
  const box = await startBox(t);
  box.house.ruleSummaries.push(rule, { ...rule, id: 'other', enabled: false, dropIns: [] });
  assert.deepEqual(lines((await box.run('rule')).out), [
    'RULE         KIND          SEVERITY  STATE            FILE',
    'other        systemd.unit  critical  disabled         /usr/lib/tocsin/rules.d/systemd.yaml:12',
    'unit-failed  systemd.unit  critical  enabled,changed  /usr/lib/tocsin/rules.d/systemd.yaml:12',
    '2 rules, 1 disabled',
  ]);
  const { out } = await box.run('rule show unit-failed');
  assert.deepEqual(lines(out).slice(6), [
    'Changed by    /etc/tocsin/rules.d/systemd.yaml.d/50-mine.yaml',
    '',
    'id: unit-failed',
    'when: "unit.activeState == \\"failed\\""',
    'labels:',
    '  a: "yes"',
    'levels:',
    '  - for: 5m',
    '  - {}',
    '# tests: shown with -o wide',
  ]);
  assert.match((await box.run('rule show unit-failed -o wide')).out, /- name: it fires/);
  assert.equal((await box.run('rule show nothing')).status, 4);
  assert.equal((await box.run(['rule', 'show', 'a/../b'])).status, 4);
});
