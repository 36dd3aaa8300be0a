/** Every captured state gives the resources of its golden text. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { answerFrom, captureOf, drawResource, open } from './scst.fixture.ts';

const folder = join(import.meta.dirname, 'fixtures');
const golden = join(folder, 'resources.golden');
const states = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .map((name) => name.replace(/\.txt$/, ''));

async function resourcesOf(state: string): Promise<string> {
  // What was not there then: the disk that was pulled, the file that was unlinked.
  const missing = {
    'v-c-blockio-backing-removed': '/dev/sdd',
    'v-a-backing-file-unlinked': '/srv/disk1.img',
  };
  const gone = Object.entries(missing).flatMap(([name, file]) => (name === state ? [file] : []));
  const house = open(captureOf(state), { answer: (files) => answerFrom(files, gone) });
  await house.collect();
  await house.pass(2);
  house.stop();
  const absence = house.readings.flatMap((one) =>
    'why' in one ? [`${one.type}: ${one.why}`] : [],
  );
  const lines = [...absence, ...house.resources().map(drawResource)];
  return `== ${state}\n${lines.join('\n')}\n`;
}

test('each captured state gives the resources that were reviewed', async () => {
  const texts: string[] = [];
  for (const state of states) texts.push(await resourcesOf(state));
  const text = texts.join('\n');
  if (process.env.ACCEPT === '1') writeFileSync(golden, text);
  assert.equal(text, readFileSync(golden, 'utf8'));
});
