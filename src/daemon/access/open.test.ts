/** The access desk on a store that does not answer for a while. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settled } from '../../../test/support/fake-clock.ts';
import { loadSettings } from '../../config/load.ts';
import { minutes, seconds } from '../../domain/time.ts';
import type { Batch, CommitAnswer } from '../../store/store.ts';
import { openAccess } from './open.ts';

/** A desk whose store writes what it was given when the frost is over. */
function openFrozen() {
  const clock = new FakeClock();
  const { promise: thawed, resolve: thaw } = Promise.withResolvers<void>();
  let isFrozen = false;
  const written: string[] = [];
  const commit = async ({ access = [] }: Pick<Batch, 'access'>): Promise<CommitAnswer> => {
    if (isFrozen) await thawed;
    for (const row of access) written.push(row.type === 'token' ? row.token.role : row.type);
    return { type: 'committed', events: [] };
  };
  const { settings } = loadSettings([], {});
  assert.ok(settings !== undefined);
  const desk = openAccess(
    {
      store: { commit },
      clock,
      options: { listen: undefined, runtimeDir: '' },
      settings: () => settings,
    },
    { tokens: [], sessions: [] },
  );
  return {
    clock,
    desk,
    written,
    freeze: () => {
      isFrozen = true;
    },
    thaw: () => {
      isFrozen = false;
      thaw();
    },
  };
}

test('on a disk that does not answer people log in, and nobody waits for what cannot be kept', async () => {
  const { clock, desk, freeze, thaw, written } = openFrozen();
  const made = await desk.createToken({ name: 'a', role: 'viewer', expiresAt: null }, 'uid:0');
  assert.ok(made.type === 'done');
  const caller = desk.findBearer(made.secret);
  assert.ok(caller !== undefined);
  freeze();
  const login = desk.openSession(caller);
  await clock.advance(seconds(6));
  assert.equal((await login).type, 'done');
  // One was waited for: now it is known.
  const refused = { type: 'unstored', why: 'the disk does not answer' };
  assert.deepEqual(await desk.changeToken(made.token.id, 'admin'), refused);
  const other = { name: 'b', role: 'operator', expiresAt: null } as const;
  assert.deepEqual(await desk.createToken(other, 'uid:0'), refused);
  assert.equal(desk.findBearer(made.secret)?.role, 'viewer');
  thaw();
  await settled();
  await desk.look();
  assert.deepEqual(new Set(written.slice(1)), new Set(['session', 'viewer', 'token-gone']));
});

test('a token that is written late, after it was refused, is taken back', async () => {
  const { clock, desk, freeze, thaw, written } = openFrozen();
  freeze();
  const wanted = { name: 'late', role: 'admin', expiresAt: null } as const;
  const asked = desk.createToken(wanted, 'uid:0');
  await clock.advance(seconds(6));
  assert.equal((await asked).type, 'unstored');
  assert.deepEqual(desk.tokens(), []);
  thaw();
  await clock.advance(minutes(1));
  await desk.look();
  assert.deepEqual(written, ['admin', 'token-gone']);
});
