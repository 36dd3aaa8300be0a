/** `--listen`: the door for development, on loopback TCP. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { startDaemon } from '../support/daemon.ts';

describe('the daemon with a door for development', { timeout: 30_000 }, () => {
  it('prints its token on no pipe, where a journal would keep it, and says where it is', async (t) => {
    const daemon = await startDaemon({ argv: ['--listen', '127.0.0.1:0'] });
    t.after(() => daemon.end('SIGKILL'));
    await daemon.logged(/\(the token is in .*\/token\)/);
    const path = join(dirname(daemon.socket), 'token');
    assert.ok(daemon.log().includes(`(the token is in ${path})`));
    const token = readFileSync(path, 'utf8').trim();
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const [, url] = /(http:\/\/127\.0\.0\.1:\d+\/) \(/.exec(daemon.log()) ?? [];
    const authorization = `Bearer ${token}`;
    const answer = await fetch(`${url}api/v1/tokens`, { headers: { authorization } });
    assert.equal(answer.status, 200);
    assert.equal(await daemon.end('SIGTERM'), 0);
    assert.ok(!daemon.log().includes(token));
  });
});
