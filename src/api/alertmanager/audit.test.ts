/** What people do over Alertmanager's API stands in the audit as what is done over ours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rfc3339 } from '../../domain/time.ts';
import { fakeStart } from '../../operations/fake-alerts.ts';
import { serve } from '../testing/serve.ts';

const silence = (more: object = {}) => ({
  matchers: [{ name: 'unit', value: 'x.service', isRegex: false, isEqual: true }],
  startsAt: rfc3339(fakeStart),
  endsAt: rfc3339(fakeStart + 3_600_000),
  createdBy: 'anna',
  comment: 'disk swap',
  ...more,
});

test('a silence that is made, refused and ended leaves a row where somebody did something', async (t) => {
  const box = await serve(t);
  const post = (body: object) => box.ask('/am/api/v2/silences', { method: 'POST', body });
  const id = String((await post(silence())).at('silenceID'));
  assert.equal((await post(silence({ matchers: [] }))).status, 422);
  const path = `/am/api/v2/silence/${id}`;
  assert.equal((await box.ask(path, { method: 'DELETE' })).status, 200);
  const other = '/am/api/v2/silence/00000000-0000-4000-8000-000000000000';
  assert.equal((await box.ask(other, { method: 'DELETE' })).status, 404);
  assert.deepEqual(
    box.house.audit.rows.map(({ by, door, operation, subject, outcome }) => [
      `${by} ${door} ${operation} ${outcome}`,
      subject,
    ]),
    [
      ['uid:0 local alertmanager.silence done', id],
      ['uid:0 local alertmanager.expire done', id],
      ['uid:0 local alertmanager.expire silence-unknown', other.split('/').at(-1)],
    ],
  );
  assert.match(box.house.audit.rows[0]?.input ?? '', /"createdBy":"anna"/);
});

test('alerts that Prometheus pushes leave none: they come anew each minute', async (t) => {
  const box = await serve(t);
  const body = [{ labels: { alertname: 'Disk' } }];
  const { status } = await box.ask('/am/api/v2/alerts', { method: 'POST', body });
  assert.equal(status, 200);
  assert.deepEqual(box.house.audit.rows, []);
});
