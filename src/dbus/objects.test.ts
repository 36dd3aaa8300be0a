/** Which of many firing alerts are objects on the bus. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Alert, type Change, rankOf, severities } from '../domain/alert.ts';
import { fakeAlert } from '../operations/fake-alerts.ts';
import { pathOfAlert } from './names.ts';
import { AlertObjects, alertObjectsMax } from './objects.ts';

const became = (alert: Alert): Change => ({
  seq: alert.seq,
  at: alert.updatedAt,
  reason: 'updated',
  by: null,
  door: null,
  comment: null,
  alert,
});

const step = fc.record({
  number: fc.nat(2 * alertObjectsMax),
  severity: fc.constantFrom(...severities),
  phase: fc.constantFrom('firing', 'firing', 'firing', 'firing', 'resolved'),
});

test('whatever happens, counts are right, no object is missing while there is room, and the worst comes next', () => {
  let promoted = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 1000, maxLength: 1200 }), (steps) => {
      const objects = new AlertObjects();
      const firing = new Map<string, Alert>();
      for (const { number, severity, phase } of steps) {
        const alert = fakeAlert(number, { severity, phase });
        const shown = new Set(objects.list().map(({ id }) => id));
        const omitted = [...firing.values()].filter(({ id }) => !shown.has(id));
        if (phase === 'firing') firing.set(alert.id, alert);
        else firing.delete(alert.id);
        const added = objects.apply(became(alert)).find(({ type }) => type === 'added');
        const isNext = added !== undefined && added.alert.id !== alert.id;
        if (isNext) assert.equal(rankOf(added.alert.severity), worstOf(omitted));
        promoted += isNext ? 1 : 0;
        assert.equal(objects.list().length, Math.min(firing.size, alertObjectsMax));
        assert.equal(objects.omitted(), firing.size - objects.list().length);
      }
      for (const one of objects.list())
        assert.equal(one.severity, firing.get(one.id)?.severity, 'it shows what it was before');
      for (const severity of severities)
        assert.equal(
          objects.count(severity),
          [...firing.values()].filter((one) => one.severity === severity).length,
        );
    }),
    { numRuns: 10 },
  );
  assert.ok(promoted > 100, `only ${promoted} took the place of another`);
});

const worstOf = (alerts: readonly Alert[]): number =>
  Math.max(...alerts.map(({ severity }) => rankOf(severity)));

test('an alert that ends in a storm costs no look at all others', () => {
  let looks = 0;
  const storm = Array.from({ length: 3000 }, (_, i) => {
    const { id, ...rest } = fakeAlert(i);
    const get = (): string => {
      looks += 1;
      return id;
    };
    return Object.defineProperty(rest as Alert, 'id', { get, enumerable: true });
  });
  const objects = new AlertObjects();
  objects.reset(storm);
  looks = 0;
  for (const alert of objects.list().slice(0, 100)) {
    const [gone, next] = objects.apply(became({ ...alert, phase: 'resolved' }));
    assert.deepEqual([gone?.type, next?.type], ['removed', 'added']);
    assert.ok(objects.find(pathOfAlert(next?.alert.id ?? '')));
  }
  assert.ok(looks < 100 * 20, `${looks} looks at alerts`);
});
