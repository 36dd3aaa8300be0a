import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hours, minutes, seconds } from '../../domain/time.ts';
import type { StoredSession } from '../../store/tables/access.ts';
import { Sessions } from './sessions.ts';

test('however many tokens open sessions, those that were used longest ago make room', () => {
  const start = Date.UTC(2026, 10, 22);
  const stored = Array.from({ length: 2000 }, (_, i): StoredSession => {
    const times = { createdAt: start, usedAt: start + i * 10, expiresAt: start + hours(12) };
    return { id: `s${i}`, sha256: '0'.repeat(64), token: `t${i}`, tokenSha256: '', ...times };
  });
  const changed: string[] = [];
  const parts = {
    now: () => start + minutes(1),
    monotonic: () => seconds(1000),
    limits: () => ({ idle: minutes(30), longest: hours(12) }),
    changed: (id: string) => void changed.push(id),
  };
  const sessions = new Sessions(parts, stored);
  const { session } = sessions.open('another', '');
  assert.deepEqual(changed, ['s0', session.id]);
  assert.equal(sessions.find('s0'), undefined);
  for (const id of ['s1', 's1999', session.id]) assert.ok(sessions.find(id), id);
});
