/** Silences and maintenance in the whole daemon: SIGKILL in the middle, systemd's real calendar. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../support/appliance.ts';
import { ask, startDaemon, type TestDaemon } from '../support/daemon.ts';
import type { Json } from '../support/gathering.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-mutes-'));
const outbox = join(folder, 'messages');
const program = join(folder, 'take');
writeFileSync(outbox, '');
writeFileSync(program, `#!/bin/sh\ncat >> ${outbox}; echo >> ${outbox}\n`, { mode: 0o755 });

const settings = `channels:
  taken:
    type: exec
    command: [${program}]
    severities: [info, warning, critical]
    groupWait: 1s
    groupInterval: 1s
`;

let daemon: TestDaemon;
before(async () => {
  daemon = await startDaemon({ settings });
});
after(async () => {
  await daemon.end();
  rmSync(folder, { recursive: true, force: true });
});

const isTold = (text: string): Promise<true> =>
  eventually(`"${text}" is told`, () => (told().includes(text) ? true : undefined));

const messages = (): readonly Json[] =>
  readFileSync(outbox, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** `REASON TITLE` of all that was told. */
const told = (): readonly string[] =>
  messages().flatMap(({ title, items }) => [
    ...(title === '' ? [] : [title as string]),
    ...items.map(({ reason, alert }: Json) => `${reason} ${alert.title}`),
  ]);

const raise = async (title: string, unit: string): Promise<string> =>
  (
    await daemon.post('/api/v1/monitoring/alerts', {
      severity: 'warning',
      source: 'system',
      title,
      labels: { unit },
    })
  ).body.id;
const mutedBy = async (id: string): Promise<readonly string[]> =>
  (await daemon.get(`/api/v1/monitoring/alerts/${id}`)).body.mutedBy;

const end = async (path: string): Promise<Json> => (await ask(daemon.socket, 'DELETE', path)).body;

async function kill(): Promise<void> {
  await daemon.end('SIGKILL');
  daemon = await daemon.again();
}

test('a silence outlives SIGKILL, and its end is what is told', async () => {
  const said = { matchers: ['unit=a.service'], duration: '1h', comment: 'repair' };
  const { body: silence } = await daemon.post('/api/v1/silences', said);
  const id = await raise('a is odd', 'a.service');
  assert.deepEqual(await mutedBy(id), [silence.id]);
  await kill();
  assert.deepEqual(await mutedBy(id), [silence.id]);
  await raise('b is odd', 'b.service');
  await isTold('raised b is odd');
  const answer = await end(`/api/v1/silences/${silence.id}`);
  assert.equal(answer.state, 'expired');
  await isTold('unmuted a is odd');
  assert.deepEqual(
    told().filter((text) => text.endsWith('a is odd')),
    ['unmuted a is odd'],
  );
});

test('a window that closed while tocsin was away is reported, and what fires is told', async () => {
  const said = { matchers: ['unit=c.service'], duration: '3s', comment: 'shelf' };
  const { body: window } = await daemon.post('/api/v1/maintenance', said);
  const id = await raise('c is odd', 'c.service');
  assert.deepEqual(await mutedBy(id), [window.id]);
  await daemon.end('SIGKILL');
  await eventually('its end', () => (Date.now() > Date.parse(window.endsAt) ? true : undefined));
  daemon = await daemon.again();
  await isTold('unmuted c is odd');
  const title = 'Maintenance “shelf” is over: 1 alert, 1 still firing, announced now';
  await isTold(title);
  await kill();
  await raise('d is odd', 'd.service');
  await isTold('raised d is odd');
  assert.equal(told().filter((text) => text === title).length, 1);
});

test('a window opens by systemd’s calendar, again and again', async () => {
  const said = { calendar: '*:*:0/6', duration: '3s', matchers: ['unit=e.service'], comment: 'e' };
  const { status, body: window } = await daemon.post('/api/v1/maintenance', said);
  assert.equal(status, 201);
  const state = async (): Promise<Json> =>
    (await daemon.get(`/api/v1/maintenance/${window.id}`)).body;
  const openings = new Set<string>();
  await eventually('three openings', async () => {
    const { state: now, opening } = await state();
    if (now === 'active') openings.add(opening.startsAt);
    return openings.size === 3 ? true : undefined;
  });
  for (const at of openings) assert.equal(Date.parse(at) % 6000, 0, at);
  assert.equal((await end(`/api/v1/maintenance/${window.id}`)).state, 'expired');
});

test('a calendar that systemd refuses is refused in its words', async () => {
  const said = { calendar: 'Blue moon', duration: '3s', comment: 'e' };
  const { status, body } = await daemon.post('/api/v1/maintenance', said);
  assert.equal(status, 400);
  assert.match(body.detail, /calendar: .*Blue moon/);
});
