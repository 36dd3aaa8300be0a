/** Silences and maintenance windows on the command line. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { days, minutes } from '../domain/time.ts';
import { fakeStart } from '../operations/fake-alerts.ts';
import { FakeHouse } from '../operations/fake-house.ts';
import { type Box, startBox } from './cli.fixture.ts';

/** A box whose clock says the same as that of the command line. */
async function boxWith(t: TestContext): Promise<{ readonly box: Box; readonly house: FakeHouse }> {
  const house = new FakeHouse();
  house.fire({ rule: 'unit-failed', labels: { unit: 'a.service' } });
  house.fire({ rule: 'drive-hot', labels: { drive: 'X1' } });
  house.clock = fakeStart + 100_000;
  return { box: await startBox(t, house), house };
}
const add = ['silence', 'add', 'unit=a.service', '--comment', 'repair'];
const inMinutes = (house: FakeHouse): number | undefined => {
  const [one] = house.mutes.silences();
  return one && (one.endsAt - one.startsAt) / minutes(1);
};

test('a silence lasts an hour, and says what it mutes now', async (t) => {
  const { box, house } = await boxWith(t);
  const { out, status } = await box.run(add, { environment: { USER: 'root', SUDO_USER: 'anna' } });
  assert.equal(status, 0);
  assert.match(out, /silences unit="a.service" until .*: mutes 1 firing alert now$/m);
  assert.equal(inMinutes(house), 60);
  const [one] = house.mutes.silences();
  assert.deepEqual([one?.createdBy, one?.setBy], ['anna', 'uid:0']);
  assert.match((await box.run('alert list')).out, /firing,muted .* unit-failed/);
});

test('a bare word is the id of a rule, and the short options are amtool’s', async (t) => {
  const { box, house } = await boxWith(t);
  const line = ['silence', 'add', 'drive-hot', '-c', 'fan', '-d', '30m', '-a', 'bert'];
  assert.equal((await box.run(line)).status, 0);
  const [one] = house.mutes.silences();
  assert.deepEqual(one?.matchers, [{ name: 'alertname', operator: '=', value: 'drive-hot' }]);
  assert.deepEqual([inMinutes(house), one?.createdBy], [30, 'bert']);
});

test('a bare word that is no rule is set all the same, and says what it is not', async (t) => {
  const { box } = await boxWith(t);
  const { out, status } = await box.run('silence add a.service -c repair');
  assert.equal(status, 0);
  assert.match(out, /^There is no rule a\.service; the unit .* would be unit=a\.service\.$/m);
  assert.doesNotMatch((await box.run([...add])).out, /There is no rule/);
});

test('a silence that is to come says so, and its end may be an instant', async (t) => {
  const { box, house } = await boxWith(t);
  const { out } = await box.run([...add, '--start', '1h', '--end', '2026-11-22T09:15:40Z']);
  assert.match(out, /has not begun/);
  assert.ok((inMinutes(house) ?? 0) > 100);
  assert.match((await box.run('silence list')).out, /^\w{8} +pending +in 60m .*repair$/m);
});

for (const line of [
  ['silence', 'add', 'unit=a.service'],
  ['silence', 'add', '--comment', 'x'],
  [...add, '-d', '1h', '--end', '2h'],
  [...add, '-d', 'long'],
  ['silence', 'add', 'unit=~.*', '--comment', 'all'],
  [...add, '-d', '60d'],
  ['maintenance', 'add', '--calendar', 'daily', '--comment', 'x'],
  ['maintenance', 'add', '--duration', '2h'],
])
  test(`tocsin ${line.join(' ')} is wrong and sets nothing`, async (t) => {
    const { box, house } = await boxWith(t);
    assert.equal((await box.run(line)).status, 2);
    assert.equal(house.mutes.silences().length + house.mutes.windows().length, 0);
  });

test('silences are listed by age, shown and ended by a part of their id', async (t) => {
  const { box, house } = await boxWith(t);
  await box.run([...add, '-d', '3h']);
  house.clock += days(1) / 24;
  await box.run([...add, '-d', '1h', '-a', 'young']);
  const rows = (await box.run('silence list --age --no-legend')).out.trimEnd().split('\n');
  assert.equal(rows.length, 2, 'rows alone');
  assert.match(rows[0] ?? '', /repair$/);
  assert.match(rows[1] ?? '', /young/);
  const [young] = house.mutes.silences();
  const end = young?.id.slice(-6) ?? '';
  assert.match((await box.run(`silence show ${end}`)).out, /^Set by +young \(uid:0\)$/m);
  assert.match((await box.run(`silence expire ${end}`)).out, /ended: unit="a.service"/);
  assert.match((await box.run('silence list')).out, /1 silence: 1 active/);
  assert.match((await box.run('silence list --all')).out, /2 silences: 1 active, 1 expired/);
  assert.match((await box.run('silence list --state expired')).out, /1 silence: 1 expired/);
  assert.equal((await box.run('silence list --state gone')).status, 2);
  assert.equal((await box.run('silence show none')).status, 4);
  assert.equal((await box.run('silence expire 00000000')).status, 2, 'two begin so');
});

test('a preview tells what would be hit and sets nothing', async (t) => {
  const { box, house } = await boxWith(t);
  const { out } = await box.run('silence preview severity=critical');
  assert.match(out, /would hit \d firing alerts? now/);
  assert.match(out, /it would have hit \d alerts?/);
  assert.equal(house.mutes.silences().length, 0);
});

test('what was exported is imported: known ids are changed, others set anew', async (t) => {
  const { box, house } = await boxWith(t);
  await box.run(add);
  const exported = JSON.parse((await box.run('silence export')).out);
  assert.equal(exported[0].status.state, 'active');
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-silences-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'silences.json');
  const foreign = { ...exported[0], id: '810ccf7f-c957-474a-b383-7e76d66a4d3b', comment: 'new' };
  const over = { ...foreign, endsAt: '2020-01-01T00:00:00Z' };
  writeFileSync(file, JSON.stringify([{ ...exported[0], comment: 'changed' }, foreign, over]));
  const { status, err } = await box.run(`silence import ${file}`);
  assert.equal(status, 0, err);
  assert.match(err, /is over, ignoring/);
  const comments = house.mutes.silences().map(({ comment }) => comment);
  assert.deepEqual(comments, ['new', 'changed']);
  assert.equal((await box.run(`silence import ${folder}/none`)).status, 4);
  writeFileSync(file, 'nonsense');
  assert.equal((await box.run(`silence import ${file}`)).status, 2);
});

test('a window is opened for everything, listed and ended', async (t) => {
  const { box, house } = await boxWith(t);
  const { out } = await box.run(['maintenance', 'add', '-d', '2h', '-c', 'updates']);
  assert.match(out, /is open \(2h left|is open \(120m left|is open \(119m left/);
  assert.match(out, /mutes 2 firing alerts now/);
  const weekly = ['maintenance', 'add', 'unit=a.service', '--calendar', 'Sat 02:00', '-d', '90m'];
  assert.match((await box.run([...weekly, '-c', 'weekly'])).out, /is to come/);
  const list = (await box.run('maintenance list')).out;
  assert.match(list, /active .* once .* everything .* updates/);
  assert.match(list, /pending .* Sat 02:00 for 1h30m .* unit="a.service" .* weekly/);
  const [, first] = house.mutes.windows();
  assert.match((await box.run(`maintenance end ${first?.id.slice(-6)}`)).out, /ended: updates/);
  assert.match((await box.run('maintenance list')).out, /1 window: 1 pending/);
  assert.match((await box.run('maintenance --all')).out, /2 windows: 1 pending, 1 expired/);
});

test('acknowledged alerts are listed with who has them, the longest first', async (t) => {
  const { box, house } = await boxWith(t);
  const [first, second] = house.activeAlerts();
  for (const one of [second, first]) {
    await house.act(one?.id ?? '', { type: 'acknowledge', comment: null }, 'uid:7');
    house.clock += 1000;
  }
  const { out } = await box.run('alert list --acknowledged --utc -o json');
  const ids = (JSON.parse(out) as readonly { readonly id: string }[]).map(({ id }) => id);
  assert.deepEqual(ids, [second?.id, first?.id]);
  assert.match((await box.run('alert list --acknowledged')).out, /ACKED +BY/);
  assert.equal((await box.run('alert list --acknowledged --unacknowledged')).status, 2);
});

test('the status says how many alerts are muted, and that a window is open', async (t) => {
  const { box } = await boxWith(t);
  assert.match((await box.run('status')).out, /, 0 muted, /);
  await box.run(['maintenance', 'add', 'unit=a.service', '-d', '2h', '-c', 'moving the shelf']);
  const { out } = await box.run('status');
  assert.match(out, /, 1 muted, /);
  assert.match(out, /^Maintenance moving the shelf \(.* left\) mutes unit="a.service"$/m);
});
