import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { RunningCollector } from '../collectors/collector.ts';
import type { Change } from '../domain/alert.ts';
import type { Resource } from '../domain/resource.ts';
import type { Log } from '../platform/log.ts';
import { EvidenceDesk } from './evidence.ts';

const raised = (id: string): Change => {
  const resource = { kind: 'systemd.unit', id };
  return { reason: 'raised', alert: { id, resource } } as Change;
};

function setUp() {
  const clock = new FakeClock();
  const asked: string[] = [];
  const collector = {
    evidence: async (resource: Resource) => {
      asked.push(resource.id);
      return [];
    },
  } as unknown as RunningCollector;
  const desk = new EvidenceDesk({
    pipeline: { act: async () => undefined },
    findResource: ({ id }) => ({ id, collector: 'systemd' }) as Resource,
    findCollector: () => collector,
    clock,
    log: {} as Log,
  });
  return { clock, desk, asked };
}

test('evidence of a burst is read when the burst is over', async () => {
  const { clock, desk, asked } = setUp();
  for (const id of ['a', 'b', 'c']) {
    desk.take([raised(id)]);
    await clock.advance(90);
  }
  assert.deepEqual(asked, []);
  await clock.advance(10);
  assert.deepEqual(asked, ['a', 'b', 'c']);
});

test('a burst without end keeps evidence back for five seconds at most', async () => {
  const { clock, desk, asked } = setUp();
  for (let i = 0; i < 110; i++) {
    desk.take([raised(`unit-${i}`)]);
    await clock.advance(50);
  }
  assert.equal(asked[0], 'unit-0');
  assert.ok(asked.length < 15, `${asked.length} were read in the middle of the burst`);
});
