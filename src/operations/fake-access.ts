/** The real access desk for tests, with nothing to lose: what it saves is in an array. */

import { AccessDesk } from '../daemon/access/desk.ts';
import { sha256Of } from '../daemon/access/secrets.ts';
import type { SessionLimits } from '../daemon/access/sessions.ts';
import { hours, minutes } from '../domain/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { AccessRow, GivenRole, StoredAccess, StoredToken } from '../store/tables/access.ts';
import { fakeStart } from './fake-alerts.ts';
import type { Login } from './house.ts';

const idOf = (role: GivenRole): string => `test${role}`.padEnd(10, '0');
const secretOf = (role: GivenRole): string => role.padEnd(43, '-');

/** What a caller of the role sends. */
export const fakeBearer = (role: GivenRole): string => `toc_${idOf(role)}_${secretOf(role)}`;

/** What its token leaves behind at a door. */
export const fakeLogin = (role: GivenRole): Login => ({
  type: 'token',
  id: idOf(role),
  digest: sha256Of(secretOf(role)),
});

/** A token of each role, called as the role. */
const fakeToken = (role: GivenRole): StoredToken => ({
  id: idOf(role),
  name: role,
  role,
  createdAt: fakeStart,
  createdBy: 'uid:0',
  expiresAt: null,
  lastUsedAt: null,
  secrets: [{ sha256: sha256Of(secretOf(role)), createdAt: fakeStart, expiresAt: null }],
});

export class FakeAccess extends AccessDesk {
  readonly rows: AccessRow[];
  readonly limits: { idle: number; longest: number };
  /** While set, nothing can be made durable. */
  unstored: string | null = null;

  constructor(
    clock: Pick<Clock, 'now' | 'monotonic'>,
    stored: StoredAccess = {
      tokens: (['viewer', 'operator', 'admin'] as const).map(fakeToken),
      sessions: [],
    },
  ) {
    const rows: AccessRow[] = [];
    const limits = { idle: minutes(30), longest: hours(12) };
    super(
      {
        // Nobody looks by itself: a test says when.
        clock: {
          now: () => clock.now(),
          monotonic: () => clock.monotonic(),
          after: () => ({ cancel: () => undefined }),
        },
        limits: (): SessionLimits => limits,
        save: async (some) => {
          if (this.unstored === null) rows.push(...some);
          return this.unstored;
        },
      },
      stored,
    );
    this.rows = rows;
    this.limits = limits;
  }
}
