/** From one captured state to the next: what is told within two seconds, and nothing else. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { answerFrom, captureOf, drawReading, open } from './scst.fixture.ts';

const golden = join(import.meta.dirname, 'fixtures/steps.golden');

/** Each with the configuration that was in force. */
const steps = [
  [
    'a target is disabled while its session lives',
    'iii-plus-scst_local',
    'iv-target-disabled-session-live',
    'scst-ii.conf',
  ],
  ['a device is made inactive', 'iii-session-idle', 'v-b-disk1-inactive', 'scst-ii.conf'],
  ['making it active fails', 'v-b-disk1-inactive', 'v-b2-disk1-activate-failed', 'scst-ii.conf'],
  ['a LUN is deleted under a command', 'iii-session-idle', 'f-mgmt-op-pending', 'scst-ii.conf'],
  [
    'a backing disk is pulled: SCST shows nothing',
    'v-c-blockio-backing-removed',
    'v-c-blockio-backing-removed',
    'scst-ii.conf',
  ],
  ['sessions drop', 'v-f2-session-recovered', 'v-f-session-dropped', 'scst-vi.conf'],
  ['sessions come back', 'v-f-session-dropped', 'v-f2-session-recovered', 'scst-vi.conf'],
  [
    'an initiator logs in to the tapes',
    'vi-passthrough-configured',
    'vi-passthrough-session',
    'scst-vi.conf',
  ],
  [
    'it writes: counters wait for the next walk',
    'vi-passthrough-session',
    'vi-passthrough-io',
    'scst-vi.conf',
  ],
  [
    'everything is unloaded',
    'iii-session-idle',
    'd-service-config-with-missing-file',
    'scst-ii.conf',
  ],
] as const;

async function stepOf([name, from, to, conf]: (typeof steps)[number]): Promise<string> {
  const house = open(captureOf(from, conf));
  await house.collect();
  await house.pass(2);
  const before = house.readings.length;
  house.show(captureOf(to, conf));
  await house.pass(2);
  house.stop();
  const told = house.readings.slice(before).flatMap(drawReading);
  return `== ${name}: ${from} -> ${to}\n${told.join('\n')}\n`;
}

test('each step between captured states tells what was reviewed', async () => {
  const texts: string[] = [];
  for (const step of steps) texts.push(await stepOf(step));
  const text = texts.join('\n');
  if (process.env.ACCEPT === '1') writeFileSync(golden, text);
  assert.equal(text, readFileSync(golden, 'utf8'));
});

test('a disk that was pulled is found by the slow look', async () => {
  const house = open(captureOf('v-c-blockio-backing-removed'), {
    answer: (files) => answerFrom(files, ['/dev/sdd']),
  });
  await house.collect();
  await house.pass(1);
  assert.equal(house.resource('scst.device', 'sdbg')?.attributes.backingPresent, false);
  assert.equal(house.resource('scst.device', 'disk1')?.attributes.backingPresent, true);
  house.stop();
});
