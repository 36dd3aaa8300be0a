import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FakeHouse } from '../../operations/fake-house.ts';
import { listAlerts, listGroups } from './alert-list.ts';
import { postAlerts } from './push.ts';
import type { Reply } from './reply.ts';
import { postSilence } from './silence-acts.ts';
import { listSilences } from './silence-view.ts';

const anna = { role: 'operator', name: 'token:anna' } as const;
const anything = fc.jsonValue({ maxDepth: 2 });
const orText = (...texts: string[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...texts) }, anything);
const text = fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes));
const labels = fc.oneof(anything, fc.dictionary(fc.string(), text));
const times = orText('2026-11-22T06:00:00Z', '2026-11-23T06:00:00Z', '0001-01-01T00:00:00.000Z');
const alert = fc.oneof(
  anything,
  fc.record(
    { labels, annotations: labels, startsAt: times, endsAt: times, generatorURL: anything },
    { requiredKeys: ['labels'] },
  ),
);
const matcher = fc.record({
  name: orText('a', ''),
  value: orText('b', '(', '.*'),
  isRegex: orText('x').filter((one) => one !== 'x'),
  isEqual: fc.boolean(),
});
const silence = fc.record({
  matchers: fc.oneof(anything, fc.array(fc.oneof(anything, matcher), { maxLength: 3 })),
  startsAt: times,
  endsAt: times,
  createdBy: orText('anna'),
  comment: orText('why'),
  id: orText(''),
});

/** Only what Alertmanager would answer: a text, or an object with a code. */
function checkReply({ status, body }: Reply): void {
  if (status === 200) return;
  assert.ok([400, 404, 422].includes(status), String(status));
  assert.equal(typeof body, status === 422 ? 'object' : 'string');
}

test('whatever is posted as alerts is answered, and what is shown afterwards is JSON', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(anything, fc.array(alert, { maxLength: 5 })), async (body) => {
      const house = new FakeHouse();
      checkReply(await postAlerts(house, body, anna));
      for (const reply of [listAlerts(house, {}, ''), listGroups(house, {}, '')]) {
        assert.equal(reply.status, 200);
        assert.ok(JSON.stringify(reply.body).isWellFormed());
      }
    }),
    { numRuns: 60 },
  );
});

test('whatever is posted as a silence is answered, and the list can still be read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(anything, silence), async (body) => {
      const house = new FakeHouse();
      house.fire();
      checkReply(await postSilence(house, body, anna));
      assert.equal(listSilences(house, {}).status, 200);
    }),
    { numRuns: 60 },
  );
});
