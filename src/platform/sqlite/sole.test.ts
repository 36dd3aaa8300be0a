import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openStore } from '../../store/client.ts';
import { StateInUse } from './errors.ts';
import { claimDatabase } from './sole.ts';

function folder(t: { after(call: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'tocsin-sole-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const keeper = (path: string): string => `
  import { claimDatabase } from ${JSON.stringify(join(import.meta.dirname, 'sole.ts'))};
  const claim = claimDatabase(${JSON.stringify(path)});
  console.log(claim === null ? 'none' : 'claimed');
  setInterval(() => claim, 60_000);
`;

describe('a database', () => {
  test('that another process has is refused, until that was killed', async (t) => {
    const path = join(folder(t), 'tocsin.db');
    const child = spawn(process.execPath, ['--input-type=module', '-e', keeper(path)]);
    t.after(() => child.kill('SIGKILL'));
    const [said] = await once(child.stdout, 'data');
    assert.equal(String(said), 'claimed\n');
    assert.throws(() => claimDatabase(path), StateInUse);
    child.kill('SIGKILL');
    await once(child, 'exit');
    claimDatabase(path)?.close();
  });

  test('is opened by one store at a time, and by the next one when that is closed', async (t) => {
    const path = join(folder(t), 'state', 'tocsin.db');
    const first = await openStore(path, { ballastBytes: 0 });
    await assert.rejects(openStore(path, { ballastBytes: 0 }), {
      name: 'StateInUse',
      message: `${path}: another tocsind works with this database`,
    });
    await first.close();
    const next = await openStore(path, { ballastBytes: 0 });
    await next.close();
  });

  test('in a place that takes no file has no claim, which hinders nobody', (t) => {
    const file = join(folder(t), 'file');
    writeFileSync(file, '');
    assert.equal(claimDatabase(join(file, 'tocsin.db')), null);
  });
});
