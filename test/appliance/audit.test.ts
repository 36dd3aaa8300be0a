/** The whole daemon: what an auditor finds of its life, and of those who asked something of it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifyAuditFile } from '../../src/platform/sqlite/audit-file.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';

interface Row {
  readonly number: number;
  readonly by: string;
  readonly door: string;
  readonly operation: string;
  readonly subject: string | null;
  readonly outcome: string;
  readonly hash: string;
}

const rowsOf = async (daemon: TestDaemon): Promise<readonly Row[]> =>
  (await daemon.get('/api/v1/audit')).body.items.toReversed();
const path = '/api/v1/monitoring/alerts';

test('starts, ends, signals, deeds and refusals stand in the audit and in the log', async (t) => {
  const daemon = await startDaemon();
  t.after(() => daemon.end('SIGKILL'));
  process.kill(daemon.pid, 'SIGHUP');
  await daemon.logged(/audit 2 /);
  writeFileSync(daemon.configFile, 'retention: [');
  process.kill(daemon.pid, 'SIGHUP');
  await daemon.logged(/audit 3 /);
  writeFileSync(daemon.configFile, '');
  const raised = await daemon.post(path, { severity: 'info', source: 'task', title: 'Tape' });
  const { id } = raised.body;
  await daemon.post(`${path}/${id}/acknowledge`, { comment: 'on it' });
  await daemon.post(`${path}/nobody/acknowledge`, {});
  const rows = await rowsOf(daemon);
  const uid = `uid:${process.getuid?.()}`;
  assert.deepEqual(
    rows.map(({ by, door, operation, subject, outcome }) => [
      by,
      door,
      operation,
      subject,
      outcome,
    ]),
    [
      ['tocsin', 'none', 'daemon.start', null, 'done'],
      ['system', 'none', 'daemon.reload', null, 'done'],
      ['system', 'none', 'daemon.reload', null, 'configuration-refused'],
      [uid, 'local', 'alert.acknowledge', id, 'done'],
      [uid, 'local', 'alert.acknowledge', 'nobody', 'alert-unknown'],
    ],
  );
  assert.ok(daemon.log().includes(`info: audit 5 ${rows.at(-1)?.hash}: ${uid} through local`));
  const verdict = await daemon.get('/api/v1/audit/verify');
  assert.deepEqual([verdict.body.result, verdict.body.rows], ['sound', 5]);
  assert.equal(await daemon.end(), 0);
  assert.match(daemon.log(), /audit 6 [0-9a-f]{64}: tocsin through none: daemon\.stop: done/);
  const left = verifyAuditFile(join(daemon.stateDir, 'tocsin.db'));
  assert.partialDeepStrictEqual(left, { type: 'sound', rows: 6 });
});
