import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fakeAlert } from '../../operations/fake-alerts.ts';
import { compileMatchers, matchesAlert } from '../../rules/matchers.ts';
import { acknowledgementIdOf, acknowledgementOf } from './acknowledgement.ts';
import { annotationsOf, evidenceOf, fingerprintOf, generatorUrlOf, labelsOf } from './labels.ts';

const pushed = (more: Parameters<typeof fakeAlert>[1] = {}) =>
  fakeAlert(1, { origin: 'pushed', rule: 'UnitFailed', evidence: [], ...more });

test('the fingerprint is the one that Alertmanager reckons', () => {
  const labels = { unit: 'scst.service', alertname: 'UnitFailed' };
  assert.equal(fingerprintOf(pushed({ labels })), '4a89ccb770ef3305');
});

test('an alert of ours has its fields among the labels, a pushed one its labels alone', () => {
  const labels = { unit: 'a.service', nothing: '' };
  assert.deepEqual(labelsOf(fakeAlert(1, { labels })), {
    unit: 'a.service',
    alertname: 'unit-failed',
    severity: 'critical',
    source: 'system',
    resourceKind: 'systemd.unit',
    resourceId: 'unit-1.service',
  });
  assert.deepEqual(labelsOf(pushed({ labels: { alertname: 'X' } })), { alertname: 'X' });
});

test('a rule cannot pass for another by its labels', () => {
  const labels = { alertname: 'other', severity: 'none' };
  assert.partialDeepStrictEqual(labelsOf(fakeAlert(1, { labels })), {
    alertname: 'unit-failed',
    severity: 'critical',
  });
});

for (const alert of [
  fakeAlert(1),
  pushed({ labels: { alertname: 'UnitFailed', severity: 'page', source: 'elsewhere' } }),
]) {
  test(`a silence made from the labels shown hits the alert (${alert.origin})`, () => {
    const answer = compileMatchers(acknowledgementOf(alert).matchers);
    assert.ok(answer.type === 'ok' && matchesAlert(answer.matchers, alert));
  });
}

test('annotations of ours are the texts; what is empty is left out', () => {
  const alert = fakeAlert(1, { title: 'T', message: 'M', advice: '' });
  assert.deepEqual(annotationsOf(alert), { summary: 'T', description: 'M' });
  assert.equal(
    generatorUrlOf(alert, 'https://box'),
    `https://box/api/v1/monitoring/alerts/${alert.id}`,
  );
});

test('whatever is pushed comes back as it was', () => {
  // Control characters and lone surrogates too. fast-check's own `binary` takes a second to begin.
  const codes = fc.array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff)), { maxLength: 20 });
  const text = codes.map((all) => String.fromCharCode(...all));
  const names = ['summary', 'description', 'runbook_url', 'a b', 'n: x', '"', 'generatorURL'];
  const name = fc.constantFrom(...names);
  fc.assert(
    fc.property(fc.dictionary(name, text), text, (annotations, url) => {
      const { summary = '', description = '' } = annotations;
      const texts = { title: summary.trim(), message: description, advice: '' };
      const evidence = evidenceOf(texts, annotations, url);
      const alert = pushed({ ...texts, evidence });
      const given = Object.entries(annotations).filter(([, value]) => value !== '');
      assert.deepEqual({ ...annotationsOf(alert) }, Object.fromEntries(given));
      assert.equal(generatorUrlOf(alert, ''), url);
      assert.ok(evidence.every(({ lines }) => lines.every((line) => !line.includes('\n'))));
    }),
    { numRuns: 40 },
  );
});

test('the id that stands for an acknowledgement is a UUID of version 5, one for each alert', () => {
  const id = acknowledgementIdOf('01K0000000000000000000000A');
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(acknowledgementIdOf('01K0000000000000000000000A'), id);
  assert.notEqual(acknowledgementIdOf('01K0000000000000000000000B'), id);
});
