/** How long a channel waits: after failures, and for its budget. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hours, minutes, seconds } from '../domain/time.ts';
import { askedForMax, backoff } from './backoff.ts';
import { budgetOpensAt } from './budget.ts';

test('waiting times grow from one second to five minutes, with full jitter', () => {
  assert.equal(backoff(1, 0), seconds(1));
  assert.ok(backoff(1, 0.999) < seconds(2));
  assert.ok(backoff(30, 0.999) > minutes(4));
  assert.ok(backoff(10_000, 0.999) <= minutes(5));
  assert.equal(backoff(10_000, 0), seconds(1));
});

test('what the other side asks for is honoured, up to an hour', () => {
  assert.equal(backoff(1, 0.5, minutes(20)), minutes(20));
  assert.equal(backoff(1, 0.5, hours(9)), askedForMax);
});

test('no hour ever has more messages than the budget, and a digest never waits for an hour', () => {
  for (const budget of [1, 2, 3, 7, 60]) {
    const sent: number[] = [];
    let waited = 0;
    for (let now = 0; now < hours(5); now += seconds(10)) {
      const opensAt = budgetOpensAt(budget, sent, now);
      if (opensAt <= now) sent.push(now);
      else waited = Math.max(waited, opensAt - now);
    }
    for (const at of sent) {
      const inHour = sent.filter((one) => one > at - hours(1) && one <= at);
      assert.ok(inHour.length <= budget, `${inHour.length} of ${budget}`);
    }
    assert.ok(waited <= hours(1) / Math.ceil(budget / 2), `${budget}: ${waited}`);
  }
});

test('without a budget nothing waits', () => {
  const sent = Array.from({ length: 5000 }, (_, i) => i);
  assert.equal(budgetOpensAt(null, sent, 5000), 5000);
});
