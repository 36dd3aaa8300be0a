/** What `tocsin alert` shows and does, against the real doors. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeStart } from '../operations/fake-alerts.ts';
import { startBox } from './cli.fixture.ts';

const lines = (text: string): string[] => text.trimEnd().split('\n');

test('a list has a header, two spaces, relative ages and the counts last', async (t) => {
  const box = await startBox(t);
  const first = box.house.fire({ acknowledged: true });
  const second = box.house.fire({ severity: 'warning', startsAt: fakeStart - 7_200_000 });
  box.house.fire({ phase: 'pending' });
  const { out, status } = await box.run('alert');
  const short = (id: string): string => id.slice(-6);
  assert.deepEqual(lines(out), [
    'ID      SEVERITY  STATE         AGE  RULE         TITLE',
    `${short(first.id)}  critical  firing,acked  99s  unit-failed  unit-1.service failed (exit-code)`,
    `${short(second.id)}  warning   firing        2h   unit-failed  unit-2.service failed (exit-code)`,
    '2 alerts: 1 critical, 1 warning',
  ]);
  assert.equal(status, 0);
});

test('without alerts there is only the count, and with --no-legend nothing', async (t) => {
  const box = await startBox(t);
  assert.equal((await box.run('alert list')).out, '0 alerts\n');
  assert.equal((await box.run('alert list --no-legend')).out, '');
  assert.equal((await box.run('alert list -o json')).out, '[]\n');
});

test('json has the keys and values of the API, jsonl a line each, id the ids', async (t) => {
  const box = await startBox(t);
  for (let i = 0; i < 3; i += 1) box.house.fire();
  const { text } = await box.ask('/api/v1/monitoring/alerts');
  const { items } = JSON.parse(text) as { readonly items: readonly { readonly id: string }[] };
  assert.deepEqual(JSON.parse((await box.run('alert list -o json')).out), items);
  const jsonl = lines((await box.run('alert list --output jsonl')).out);
  assert.deepEqual(
    jsonl.map((line) => JSON.parse(line) as unknown),
    items,
  );
  const ids = lines((await box.run('alert list -o id')).out);
  assert.deepEqual(
    ids,
    items.map(({ id }) => id),
  );
  assert.equal((await box.run('alert list -o simple')).out, (await box.run('alert list')).out);
  assert.match((await box.run('alert list -o extended')).out, /KIND +RESOURCE +SOURCE/);
});

test('a list longer than a page is whole, and -n cuts it and says so', async (t) => {
  const box = await startBox(t);
  for (let i = 0; i < 1005; i += 1) box.house.fire();
  assert.equal(lines((await box.run('alert list -o id')).out).length, 1005);
  const { out } = await box.run('alert list -n 2');
  assert.deepEqual(
    [lines(out).length, lines(out).at(-1)],
    [4, '2 alerts: 2 critical; there are more: -n N'],
  );
});

test('matchers, bare words and options select', async (t) => {
  const box = await startBox(t);
  box.house.fire();
  box.house.fire({ severity: 'warning', rule: 'timer-dead', labels: { unit: 'b.timer' } });
  box.house.fire({ severity: 'info', rule: 'note', acknowledged: true });
  const old = box.house.fire({ rule: 'old', startsAt: fakeStart - 86_400_000 });
  box.house.resolve(old.id);
  const rules = async (...argv: string[]): Promise<string[]> => {
    const { out, err } = await box.run(['alert', 'list', '-o', 'json', ...argv]);
    assert.equal(err, '');
    return (JSON.parse(out) as { readonly rule: string }[]).map(({ rule }) => rule).sort();
  };
  assert.deepEqual(await rules('unit-failed'), ['unit-failed']);
  assert.deepEqual(await rules('unit-failed', 'note'), ['note', 'unit-failed']);
  assert.deepEqual(await rules('severity=~"warn.*|info"', 'unit="b.timer"'), ['timer-dead']);
  assert.deepEqual(await rules('--severity', 'warning,info'), ['note', 'timer-dead']);
  assert.deepEqual(await rules('--severity=warning', '--severity=info'), ['note', 'timer-dead']);
  assert.deepEqual(await rules('--unacknowledged'), ['timer-dead', 'unit-failed']);
  assert.deepEqual(await rules('--phase', 'resolved'), ['old']);
  assert.deepEqual(await rules('--all', '--since', '2h ago'), [
    'note',
    'timer-dead',
    'unit-failed',
  ]);
  assert.deepEqual(await rules('--all', '--until', '2026-11-21T12:00:00Z'), ['old']);
  assert.deepEqual(await rules('--grep', 'unit-2'), ['timer-dead']);
});

test('show tells state, times, advice, cause, victims, evidence and timeline', async (t) => {
  const box = await startBox(t);
  const cause = box.house.fire({ title: 'disk is gone' });
  const victim = box.house.fire({ title: 'mount failed' });
  const alert = box.house.fire({
    cause: cause.id,
    victims: [victim.id, '01AAAAAAAAAAAAAAAAAAAAAAAA'],
    foundLate: true,
    evidence: [{ type: 'journal', title: 'journal of the run', lines: ['boom', '\tat main'] }],
  });
  await box.run(['alert', 'ack', alert.id, '--comment', 'on it']);
  const { out, status } = await box.run(['alert', 'show', alert.id, '--utc']);
  assert.equal(status, 0);
  assert.deepEqual(lines(out), [
    'unit-3.service failed (exit-code)',
    'It ended with status 1.',
    '',
    `Id            ${alert.id}`,
    'State         critical, firing,acked,victim',
    'Rule          unit-failed',
    'Resource      systemd.unit unit-3.service',
    'Source        system',
    'Began         2026-11-22 06:14:03Z (97s ago), found late',
    'Seen          2026-11-22 06:14:03Z (96s ago)',
    'Fired         2026-11-22 06:14:03Z (96s ago)',
    'Acknowledged  2026-11-22 06:14:00Z (100s ago) by uid:0',
    'Comment       on it',
    'Value         failed',
    'Occurrence    1',
    'Labels        unit="unit-3.service"',
    '',
    'Advice',
    '  Look at journalctl -u unit-3.service.',
    '',
    'Cause',
    `  ${cause.id}  disk is gone`,
    '',
    'Victims',
    `  ${victim.id}  mount failed`,
    '  01AAAAAAAAAAAAAAAAAAAAAAAA',
    '',
    'Evidence: journal of the run',
    '  boom',
    '      at main',
    '',
    'Timeline',
    '  2026-11-22T06:14:00.123Z  raised critical',
    '  2026-11-22T06:14:00.123Z  acknowledged by uid:0',
  ]);
  const shown = JSON.parse(
    (await box.run(['alert', 'show', alert.id, '-o', 'json'])).out,
  ) as object;
  const { text } = await box.ask(`/api/v1/monitoring/alerts/${alert.id}`);
  assert.deepEqual(shown, JSON.parse(text));
});

test('an id may be shortened at either end, and an ambiguous one names the candidates', async (t) => {
  const box = await startBox(t);
  const one = box.house.fire();
  const two = box.house.fire();
  const gone = box.house.fire();
  box.house.resolve(gone.id);
  const shown = async (given: string) => box.run(['alert', 'show', given, '-o', 'id']);
  assert.equal((await shown(one.id.slice(-6))).out, `${one.id}\n`);
  assert.equal((await shown(one.id.slice(-6).toLowerCase())).out, `${one.id}\n`);
  assert.equal((await shown(one.id.slice(0, 20))).out, `${one.id}\n`);
  assert.equal((await shown(gone.id.slice(-6))).out, `${gone.id}\n`);
  const both = await shown(one.id.slice(0, 6));
  assert.equal(both.status, 2);
  for (const { id, title } of [one, two]) assert.ok(both.err.includes(`  ${id}  ${title}`));
  assert.equal((await shown('ZZZZZZ')).status, 4);
  assert.equal((await shown('ZZZZZZZZZZZZZZZZZZZZZZZZZZ')).status, 4);
  assert.equal((await shown('no/id')).status, 2);
});

test('several are acknowledged at once, and twice is no fault', async (t) => {
  const box = await startBox(t);
  const [a, b] = [box.house.fire(), box.house.fire()];
  const first = await box.run(['alert', 'ack', a.id, b.id.slice(-6), '--comment', 'on it']);
  assert.equal(first.out, `${a.id} acknowledged: ${a.title}\n${b.id} acknowledged: ${b.title}\n`);
  const again = await box.run(['alert', 'ack', a.id]);
  assert.deepEqual(again, {
    status: 0,
    err: '',
    out: `${a.id} was acknowledged already by uid:0\n`,
  });
  assert.equal((await box.house.findAlert(b.id))?.comment, 'on it');
  const c = box.house.fire();
  assert.equal((await box.run(['alert', 'ack', c.id, '--expires', '2h'])).status, 0);
  const { acknowledgedAt, acknowledgedUntil } = (await box.house.findAlert(c.id)) ?? {};
  assert.equal((acknowledgedUntil ?? 0) - (acknowledgedAt ?? 0), 2 * 3_600_000);
  assert.equal((await box.run(['alert', 'ack', c.id, '--expires', 'soon'])).status, 2);
  const back = await box.run(['alert', 'unack', a.id, '-o', 'id']);
  assert.deepEqual(back, { status: 0, err: '', out: `${a.id}\n` });
});

test('an acknowledgement until it changes says so, and so does what is still true', async (t) => {
  const box = await startBox(t);
  const { id, title } = box.house.fire();
  const acked = await box.run(['alert', 'ack', id, '--expires', 'change']);
  assert.equal(acked.out, `${id} acknowledged, until it changes: ${title}\n`);
  assert.match((await box.run(['alert', 'show', id])).out, /by uid:0, until it changes\n/);
  const resolved = box.house.resolve(id);
  box.house.change({ ...resolved, stillTrue: true }, 'updated');
  const listed = await box.run(['alert', 'list', '--phase', 'resolved']);
  assert.match(listed.out, / resolved,still true /);
});

test('what cannot be done to one is told, done to the others, and ends with its status', async (t) => {
  const box = await startBox(t);
  const [a, b, gone] = [box.house.fire(), box.house.fire(), box.house.fire()];
  box.house.resolve(gone.id);
  const acked = await box.run(['alert', 'ack', gone.id, a.id]);
  assert.deepEqual(
    [acked.status, acked.out, acked.err],
    [7, `${a.id} acknowledged: ${a.title}\n`, `tocsin: alert ${gone.id} is resolved already\n`],
  );
  const missing = '01AAAAAAAAAAAAAAAAAAAAAAAA';
  const ended = await box.run(['alert', 'resolve', missing, b.id, '--comment', 'done']);
  assert.deepEqual([ended.status, ended.out], [4, `${b.id} resolved: ${b.title}\n`]);
  assert.match(ended.err, /there is no alert 01A/);
  assert.equal((await box.house.findAlert(b.id))?.phase, 'resolved');
});

test('a comment is added, and one that is empty is a usage error', async (t) => {
  const box = await startBox(t);
  const { id } = box.house.fire();
  assert.equal((await box.run(['alert', 'comment', id, 'looked at it'])).status, 0);
  assert.equal((await box.house.findAlert(id))?.comment, 'looked at it');
  assert.equal((await box.run(['alert', 'comment', id, ''])).status, 2);
});

test('an alert is raised with all that was said, and raised again by its key', async (t) => {
  const box = await startBox(t);
  const said = ['--severity', 'critical', '--source', 'task', '--message', 'm', '--advice', 'a'];
  const about = ['--kind', 'systemd.unit', '--id', 'x.service', '--label', 'a=b=c', '--key', 'k'];
  const raised = await box.run(['alert', 'raise', 'it broke', ...said, ...about, '-o', 'json']);
  const alert = JSON.parse(raised.out) as Record<string, unknown>;
  assert.deepEqual(
    [alert.severity, alert.source, alert.title, alert.message, alert.advice, alert.labels],
    ['critical', 'task', 'it broke', 'm', 'a', { a: 'b=c' }],
  );
  const again = await box.run(['alert', 'raise', 'it broke again', '--key', 'k']);
  assert.equal(again.out, `${String(alert.id)} raised: it broke again\n`);
  assert.equal((await box.run(['alert', 'raise', 'x', '--kind', 'systemd.unit'])).status, 2);
  assert.equal((await box.run(['alert', 'raise', 'x', '--expires', 'soon'])).status, 2);
});
