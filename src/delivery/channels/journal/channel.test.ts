import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Message } from '../../../domain/message.ts';
import type { JournalFields, JournalOutcome } from '../../../platform/journal-write.ts';
import { fakePorts } from '../../fake-ports.ts';
import { fakeItem, fakeMessage } from '../../render/message.fixture.ts';
import { journalChannel } from './channel.ts';
import { messageIds } from './message-ids.ts';

async function send(message: Message, outcome: JournalOutcome = { type: 'written' }) {
  const written: JournalFields[] = [];
  const journal = {
    write(fields: JournalFields) {
      written.push(fields);
      return outcome;
    },
  };
  const sender = journalChannel.open('journal', {}, fakePorts({ journal }));
  return { outcome: await sender.send(message, new AbortController().signal), written };
}

const firing = fakeItem(1, { victims: 3 }, { severity: 'critical', title: 'Pool tank is lost' });
const over = fakeItem(2, { reason: 'resolved' }, { phase: 'resolved', resolvedBy: 'recovered' });

test('each alert is an entry with its own facts', async () => {
  const { outcome, written } = await send(fakeMessage({ items: [firing, over] }));
  assert.deepEqual(outcome, { type: 'delivered', detail: '' });
  const [first, second] = written;
  assert.equal(first?.MESSAGE, 'critical: Pool tank is lost (3 more because of it)');
  assert.equal(first?.PRIORITY, 2);
  assert.equal(first?.MESSAGE_ID, messageIds.firing.id);
  assert.equal(first?.TOCSIN_KEY, firing.key);
  assert.equal(first?.TOCSIN_ALERT_ID, firing.alert.id);
  assert.equal(second?.PRIORITY, 5);
  assert.equal(second?.MESSAGE_ID, messageIds.over.id);
  assert.equal(written.length, 2);
});

test('a digest says before its alerts why it is one, and how many it leaves out', async () => {
  const message = fakeMessage({ type: 'digest', why: 'an outage', items: [firing], omitted: 4 });
  const { written } = await send(message);
  assert.equal(written.length, 2);
  assert.match(String(written[0]?.MESSAGE), /an outage, and 4 more/);
  assert.equal(written[0]?.MESSAGE_ID, messageIds.digest.id);
});

test('a report is one entry with all its lines', async () => {
  const message = fakeMessage({ type: 'report', items: [], title: 'Over', lines: ['7 alerts'] });
  const { written } = await send(message);
  assert.deepEqual([written.length, written[0]?.MESSAGE], [1, 'Over\n7 alerts']);
});

test('a drill is marked', async () => {
  const { written } = await send(fakeMessage({ items: [firing], drill: true }));
  assert.match(String(written[0]?.MESSAGE), /^\[DRILL\] /);
  assert.equal(written[0]?.TOCSIN_DRILL, 1);
});

test('a journal that takes nothing now is tried again', async () => {
  const { outcome } = await send(fakeMessage(), { type: 'failed', why: 'EAGAIN' });
  assert.deepEqual(outcome, { type: 'retry', why: 'EAGAIN', maybe: true });
});

test('every MESSAGE_ID is one of a kind, and explained by the catalog and the man page', () => {
  const ids = Object.values(messageIds).map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const top = new URL('../../../../', import.meta.url);
  const catalog = readFileSync(new URL('systemd/tocsin.catalog', top), 'utf8');
  const page = readFileSync(new URL('man/tocsin-relay.8', top), 'utf8');
  const explained = [...catalog.matchAll(/^-- ([0-9a-f]{32})$/gm)].map(([, id]) => id);
  assert.deepEqual(new Set(explained), new Set(ids));
  assert.equal(explained.length, ids.length);
  for (const id of ids) assert.ok(page.includes(id), `${id} is not in tocsin-relay(8)`);
});
