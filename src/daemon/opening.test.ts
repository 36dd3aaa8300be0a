import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenReport, Store } from '../store/store.ts';
import { tellOpened, tellOpening } from './opening.ts';
import type { Pipeline } from './pipeline.ts';

const report: OpenReport = { setAside: null, why: null, schema: 4, migrated: null };

/** Titles and messages of what is raised at the start. */
async function raisedBy(opened: OpenReport): Promise<readonly string[]> {
  const raised: string[] = [];
  const pipeline = {
    async raise({ title, message, severity }: Parameters<Pipeline['raise']>[0]) {
      raised.push(`${severity}: ${title} ${message}`);
    },
  } as object as Pipeline;
  await tellOpening({ opened } as Store, pipeline, 0, null);
  return raised;
}

test('a database that was well raises nothing, also after a flush', async () => {
  assert.deepEqual(await raisedBy(report), []);
  assert.deepEqual(await raisedBy({ ...report, volatile: { type: 'flushed' } }), []);
});

test('what was kept in memory and does not fit is critical, with its place', async () => {
  const [told = ''] = await raisedBy({
    ...report,
    volatile: { type: 'apart', path: '/s/t.apart' },
  });
  assert.match(told, /^critical: What tocsin kept in memory does not go on .*\/s\/t\.apart/);
});

test('a damaged database is critical; where memory had it all, it is said to be replaced', async () => {
  const damaged = { ...report, setAside: '/s/t.corrupt', why: 'malformed' };
  assert.match(String(await raisedBy(damaged)), /^critical: .* was started anew malformed\. /);
  const replaced = await raisedBy({ ...damaged, volatile: { type: 'flushed' } });
  assert.match(String(replaced), /^critical: .* was replaced by what was kept in memory/);
});

test('a flush is in the log', () => {
  const said: string[] = [];
  const log = { notice: (line: string) => said.push(line) };
  tellOpened(report, log);
  assert.deepEqual(said, []);
  tellOpened({ ...report, volatile: { type: 'flushed' } }, log);
  assert.match(String(said), /kept in memory, while its disk took no writing, is on the disk/);
});
