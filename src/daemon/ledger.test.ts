/** What tocsin counts of itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { Alert, Change } from '../domain/alert.ts';
import { hours, seconds } from '../domain/time.ts';
import { fakeAlert } from '../operations/fake-alerts.ts';
import { createLedger } from './ledger.ts';

const change = (seq: number, more: Partial<Alert> = {}, reason = 'raised'): Change => {
  const alert = fakeAlert(seq, more);
  return { seq, at: alert.detectedAt, reason, by: null, comment: null, alert } as Change;
};

const counted: readonly { name: string; changes: readonly Change[]; counts: number }[] = [
  { name: 'a raised alert counts', changes: [change(1)], counts: 1 },
  { name: 'one found late does not', changes: [change(1, { foundLate: true })], counts: 0 },
  {
    name: 'one that somebody raised does not',
    changes: [change(1, { origin: 'pushed' })],
    counts: 0,
  },
  { name: 'another change does not', changes: [change(1, {}, 'resolved')], counts: 0 },
  { name: 'one that is published twice counts once', changes: [change(1), change(1)], counts: 1 },
];
for (const { name, changes, counts } of counted) {
  test(`detection: ${name}`, () => {
    const ledger = createLedger(new FakeClock());
    for (const one of changes) ledger.takeChanges([one]);
    const found = ledger.read().detection.get('system')?.counts ?? [];
    assert.equal(
      found.reduce((sum, one) => sum + one, 0),
      counts,
    );
  });
}

test('detection is told in seconds, by source, and never below nothing', () => {
  const ledger = createLedger(new FakeClock());
  const [startsAt, source] = [1_000_000, 'tape'] as const;
  ledger.takeChanges([
    change(1, { startsAt, detectedAt: startsAt + 40 }),
    change(2, { startsAt, detectedAt: startsAt - 3, source }),
  ]);
  const { detection } = ledger.read();
  assert.equal(detection.get('system')?.sum, 0.04);
  assert.equal(detection.get('tape')?.sum, 0);
});

test('blind time grows while it lasts, adds up, and a wall clock that jumps back takes none', async () => {
  const clock = new FakeClock();
  const ledger = createLedger(clock);
  const blind = (until: number | null) =>
    ledger.takeBlind({ source: 'systemd', since: clock.now(), until, why: 'bus lost' });
  const total = () => ledger.read().blind.get('systemd');
  assert.equal(total(), undefined);
  blind(null);
  await clock.advance(seconds(3));
  assert.equal(total(), 3000);
  clock.jump(-hours(1));
  blind(clock.now());
  await clock.advance(seconds(10));
  assert.equal(total(), 3000);
  blind(null);
  await clock.advance(seconds(2));
  assert.equal(total(), 5000);
});

test('the time before the start counts as tocsin’s; what another process left open does not', () => {
  const ledger = createLedger(new FakeClock());
  const past = { since: 1000, until: 9000, why: 'tocsin did not run' };
  ledger.takeBlind({ source: 'tocsin', ...past });
  ledger.takeBlind({ source: 'systemd', ...past });
  assert.deepEqual([...ledger.read().blind], [['tocsin', 8000]]);
});
