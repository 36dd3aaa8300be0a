/** `tocsin alert explain` and what `alert show` says of blame, against the real doors. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBox } from './cli.fixture.ts';

test('explain says in words why the alert is there, by the end of its id', async (t) => {
  const box = await startBox(t);
  const root = box.house.fire();
  const victim = box.house.fire({ cause: root.id, mutedBy: [root.id] });
  const { out, status } = await box.run(`alert explain ${victim.id.slice(-8)}`);
  assert.equal(status, 0);
  assert.match(out, /^unit-2\.service failed/);
  assert.match(out, /It is a victim\. To blame is:\n {2}unit-1\.service failed/);
  assert.match(out, /Nobody was told of it so far\./);
  assert.match(out, /What to do: Look at journalctl -u unit-2\.service\./);
  const json = JSON.parse((await box.run(`alert explain ${victim.id} -o json`)).out) as {
    readonly cause: { readonly alert: { readonly id: string } };
  };
  assert.equal(json.cause.alert.id, root.id);
});

test('nothing in an explanation reaches the terminal as a command', async (t) => {
  const box = await startBox(t);
  const { id } = box.house.fire({ title: 'a\u001b[31mb', advice: 'x\u009b2J' });
  const { out } = await box.run(`alert explain ${id}`);
  for (const hostile of ['\u001b', '\u009b']) assert.ok(!out.includes(hostile));
});

test('show names what else may be to blame, and mutes in the timeline', async (t) => {
  const box = await startBox(t);
  const root = box.house.fire();
  const other = box.house.fire({ alternatives: [root.id] });
  box.house.change({ ...other, cause: root.id, mutedBy: [root.id] }, 'cause');
  const { out } = await box.run(`alert show ${other.id}`);
  assert.match(out, /Perhaps to blame\n.*unit-1\.service failed/);
  assert.match(out, /muted by cause "unit-1\.service failed \(exit-code\)"/);
});
