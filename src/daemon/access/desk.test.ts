import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { days, hours, minutes, seconds } from '../../domain/time.ts';
import type { Caller } from '../../operations/house.ts';
import type { NewToken } from '../../operations/house-access.ts';
import type { AccessRow, GivenRole, StoredAccess } from '../../store/tables/access.ts';
import { AccessDesk } from './desk.ts';

/** What a disk holds after these writings. */
function storedAfter(rows: readonly AccessRow[]): StoredAccess {
  const tokens = new Map();
  const sessions = new Map();
  for (const row of rows) {
    if (row.type === 'token') tokens.set(row.token.id, row.token);
    else if (row.type === 'session') sessions.set(row.session.id, row.session);
    else (row.type === 'token-gone' ? tokens : sessions).delete(row.id);
  }
  // As it comes back from JSON.
  return structuredClone({ tokens: [...tokens.values()], sessions: [...sessions.values()] });
}

class Scene {
  readonly clock = new FakeClock();
  readonly rows: AccessRow[] = [];
  unstored: string | null = null;
  desk = this.open();

  open(): AccessDesk {
    return new AccessDesk(
      {
        clock: this.clock,
        limits: () => ({ idle: minutes(30), longest: hours(12) }),
        save: async (rows) => {
          if (this.unstored === null) this.rows.push(...rows);
          return this.unstored;
        },
      },
      storedAfter(this.rows),
    );
  }

  /** As after a SIGKILL: nothing is written before. */
  restart(): void {
    this.desk = this.open();
  }

  async create(more: Partial<NewToken> = {}): Promise<{ id: string; secret: string }> {
    const wanted = { name: 'grafana', role: 'viewer', expiresAt: null, ...more } as const;
    const answer = await this.desk.createToken(wanted, 'uid:0');
    assert.ok(answer.type === 'done', answer.type);
    return { id: answer.token.id, secret: answer.secret };
  }

  async rotate(id: string, overlap: number): Promise<string> {
    const answer = await this.desk.rotateToken(id, overlap);
    assert.ok(answer.type === 'done', answer.type);
    return answer.secret;
  }

  caller(secret: string): Caller {
    const caller = this.desk.findBearer(secret);
    assert.ok(caller);
    return caller;
  }

  async logIn(secret: string): Promise<string> {
    const answer = await this.desk.openSession(this.caller(secret));
    assert.ok(answer.type === 'done');
    return answer.secret;
  }
}

test('a token is known by its whole text alone, and says who comes', async () => {
  const scene = new Scene();
  const { id, secret } = await scene.create({ role: 'operator' });
  assert.match(secret, /^toc_[0-9a-z]{10}_[A-Za-z0-9_-]{43}$/);
  assert.partialDeepStrictEqual(scene.caller(secret), {
    role: 'operator',
    name: 'token:grafana',
    client: `token ${id}`,
    login: { type: 'token', id },
  });
  const [, , bare = ''] = secret.split(/_(?=.{43}$)|_/);
  for (const wrong of [bare, `${secret}x`, secret.slice(0, -1), secret.toUpperCase(), '', id])
    assert.equal(scene.desk.findBearer(wrong), undefined, wrong);
});

test('no secret is kept, neither in what is shown nor in what is stored', async () => {
  const scene = new Scene();
  const { id, secret } = await scene.create();
  const cookie = await scene.logIn(await scene.rotate(id, hours(1)));
  const kept = JSON.stringify([scene.rows, scene.desk.tokens()]);
  for (const text of [secret.slice(-43), cookie.slice(-43)]) assert.ok(!kept.includes(text));
  assert.ok(!JSON.stringify(scene.desk.tokens()).includes('sha256'));
});

test('a token that could not be made durable is none', async () => {
  const scene = new Scene();
  scene.unstored = 'disk full';
  const wanted = { name: 'a', role: 'admin', expiresAt: null } as const;
  const answer = await scene.desk.createToken(wanted, 'uid:0');
  assert.deepEqual(answer, { type: 'unstored', why: 'disk full' });
  assert.deepEqual(scene.desk.tokens(), []);
});

test('a revoked token is nothing at once, and for good when there is room again', async () => {
  const scene = new Scene();
  const { id, secret } = await scene.create();
  const caller = scene.caller(secret);
  scene.unstored = 'disk full';
  assert.equal((await scene.desk.revokeToken(id)).type, 'unstored');
  assert.equal(scene.desk.findBearer(secret), undefined);
  assert.equal(scene.desk.isStillValid(caller), false);
  scene.unstored = null;
  await scene.desk.look();
  scene.restart();
  assert.equal(scene.desk.findBearer(secret), undefined);
});

test('two live tokens never have the same name; one that has expired lends its name', async () => {
  const scene = new Scene();
  await scene.create({ expiresAt: scene.clock.now() + hours(1) });
  const wanted = { name: 'grafana', role: 'viewer', expiresAt: null } as const;
  const both = [scene.desk.createToken(wanted, 'a'), scene.desk.createToken(wanted, 'b')];
  assert.deepEqual(
    (await Promise.all(both)).map(({ type }) => type),
    ['exists', 'exists'],
  );
  await scene.clock.advance(hours(1));
  const again = [scene.desk.createToken(wanted, 'a'), scene.desk.createToken(wanted, 'b')];
  assert.deepEqual(
    (await Promise.all(again)).map(({ type }) => type),
    ['done', 'exists'],
  );
});

test('use is known to the minute, and costs one writing a minute at most', async () => {
  const scene = new Scene();
  const { secret } = await scene.create();
  scene.desk.start();
  const before = scene.rows.length;
  for (let i = 0; i < 100; i++) {
    scene.caller(secret);
    await scene.clock.advance(seconds(3));
  }
  const [token] = scene.desk.tokens();
  assert.equal(token?.lastUsedAt, Math.floor((scene.clock.now() - 3000) / 60_000) * 60_000);
  const written = scene.rows.length - before;
  assert.ok(written >= 4 && written <= 6, String(written));
  await scene.desk.stop();
});

test('a role that is lowered ends what needs more, and leaves the rest', async () => {
  const scene = new Scene();
  const { id, secret } = await scene.create({ role: 'admin' });
  const before = scene.caller(secret);
  await scene.desk.changeToken(id, 'viewer');
  assert.equal(scene.desk.isStillValid(before), false);
  const after = scene.caller(secret);
  assert.deepEqual([after.role, scene.desk.isStillValid(after)], ['viewer', true]);
});

test('a ticket is good once, within 30 s, for who still may', async () => {
  const scene = new Scene();
  const { id, secret } = await scene.create();
  const caller = scene.caller(secret);
  const ticket = (): string => scene.desk.createTicket(caller).ticket;
  const [once, late, revoked] = [ticket(), ticket(), ticket()];
  assert.deepEqual(scene.desk.takeTicket(once), caller);
  assert.equal(scene.desk.takeTicket(once), undefined);
  assert.equal(scene.desk.takeTicket(''), undefined);
  await scene.clock.advance(seconds(29.9));
  const fresh = ticket();
  await scene.clock.advance(seconds(0.1));
  assert.equal(scene.desk.takeTicket(late), undefined);
  assert.ok(scene.desk.takeTicket(fresh));
  await scene.desk.revokeToken(id);
  assert.equal(scene.desk.takeTicket(revoked), undefined);
});

test('one caller cannot use up the tickets of the others', async () => {
  const scene = new Scene();
  const caller = scene.caller((await scene.create()).secret);
  const other = scene.desk.createTicket({ ...caller, name: 'token:other' }).ticket;
  const mine = Array.from({ length: 5000 }, () => scene.desk.createTicket(caller).ticket);
  assert.ok(scene.desk.takeTicket(other));
  assert.equal(mine.filter((one) => scene.desk.takeTicket(one)).length, 32);
});

const sessions: readonly {
  name: string;
  /** What happens to a session that was just opened with a token that lives for a day. */
  happens: (scene: Scene, id: string, cookie: string) => unknown;
  alive: boolean;
}[] = [
  { name: 'nothing happens', happens: () => undefined, alive: true },
  {
    name: 'it is not used for 29 minutes',
    happens: ({ clock }) => clock.advance(minutes(29)),
    alive: true,
  },
  {
    name: 'it is not used for half an hour',
    happens: ({ clock }) => clock.advance(minutes(30)),
    alive: false,
  },
  {
    name: 'it is used for twelve hours',
    async happens({ clock, desk }, _, cookie) {
      for (let i = 0; i < 36; i++) {
        desk.findCookie(cookie);
        await clock.advance(minutes(20));
      }
    },
    alive: false,
  },
  { name: 'the token is revoked', happens: ({ desk }, id) => desk.revokeToken(id), alive: false },
  {
    name: 'the token is rotated at once',
    happens: ({ desk }, id) => desk.rotateToken(id, 0),
    alive: false,
  },
  {
    name: 'the token is rotated, and the old secret is still valid',
    happens: ({ desk }, id) => desk.rotateToken(id, hours(1)),
    alive: true,
  },
  { name: 'tocsin is killed', happens: (scene) => scene.restart(), alive: true },
  {
    name: 'tocsin is away for half an hour',
    async happens(scene) {
      await scene.clock.advance(minutes(31));
      scene.restart();
    },
    alive: false,
  },
  {
    name: 'the clock jumps a year ahead',
    happens: ({ clock }) => clock.jump(days(365)),
    // The token has an end by the calendar, and that has passed.
    alive: false,
  },
  {
    name: 'the clock jumps two hours ahead',
    happens: ({ clock }) => clock.jump(hours(2)),
    alive: true,
  },
  {
    name: 'the clock is set back by a day, and half an hour passes',
    async happens({ clock }) {
      clock.jump(-days(1));
      await clock.advance(minutes(30));
    },
    alive: false,
  },
  {
    name: 'it was closed',
    async happens({ desk }, _, cookie) {
      const caller = desk.findCookie(cookie);
      assert.ok(caller);
      await desk.closeSession(caller);
    },
    alive: false,
  },
  {
    name: 'it was closed, and tocsin is killed',
    async happens(scene, _, cookie) {
      const caller = scene.desk.findCookie(cookie);
      assert.ok(caller);
      await scene.desk.closeSession(caller);
      scene.restart();
    },
    alive: false,
  },
];
for (const { name, happens, alive } of sessions) {
  test(`a session ${alive ? 'lives on' : 'is over'} when ${name}`, async () => {
    const scene = new Scene();
    const { id, secret } = await scene.create({ expiresAt: scene.clock.now() + days(1) });
    const cookie = await scene.logIn(secret);
    await happens(scene, id, cookie);
    assert.equal(scene.desk.findCookie(cookie) !== undefined, alive);
    assert.equal(scene.desk.findCookie(`${cookie.slice(0, -1)}!`), undefined);
  });
}

test('the fifty-first session of a token ends the one that was used longest ago', async () => {
  const scene = new Scene();
  const { secret } = await scene.create();
  const cookies: string[] = [];
  for (let i = 0; i < 51; i++) {
    cookies.push(await scene.logIn(secret));
    await scene.clock.advance(1);
  }
  assert.deepEqual(
    cookies.filter((cookie) => scene.desk.findCookie(cookie) === undefined),
    [cookies[0]],
  );
});

/** Steps of somebody who makes, rotates and revokes, while time passes and tocsin is killed. */
type Step =
  | { readonly type: 'create'; readonly life: number | null; readonly role: GivenRole }
  | { readonly type: 'rotate'; readonly of: number; readonly overlap: number }
  | { readonly type: 'revoke'; readonly of: number }
  | { readonly type: 'pass'; readonly time: number }
  | { readonly type: 'kill' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant('create' as const),
    life: fc.option(fc.integer({ min: 1, max: 100 })),
    role: fc.constantFrom('viewer' as const, 'operator' as const, 'admin' as const),
  }),
  fc.record({
    type: fc.constant('rotate' as const),
    of: fc.nat(9),
    overlap: fc.integer({ min: 0, max: 60 }),
  }),
  fc.record({ type: fc.constant('revoke' as const), of: fc.nat(9) }),
  fc.record({ type: fc.constant('pass' as const), time: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ type: fc.constant('kill' as const) }),
);

interface Issued {
  readonly id: string;
  readonly role: GivenRole;
  readonly expiresAt: number;
  isRevoked: boolean;
  /** Newest first, with when each ends. */
  secrets: { readonly text: string; readonly endsAt: number }[];
}

async function take(scene: Scene, issued: Issued[], one: Step, number: number): Promise<void> {
  const now = scene.clock.now();
  if (one.type === 'pass') return scene.clock.advance(one.time);
  if (one.type === 'kill') return scene.restart();
  if (one.type === 'create') {
    const expiresAt = one.life === null ? null : now + one.life;
    const made = await scene.create({ name: `t${number}`, role: one.role, expiresAt });
    const secrets = [{ text: made.secret, endsAt: Infinity }];
    const ends = expiresAt ?? Infinity;
    issued.push({ id: made.id, role: one.role, expiresAt: ends, isRevoked: false, secrets });
    return undefined;
  }
  const token = issued[one.of];
  if (token === undefined) return undefined;
  if (one.type === 'revoke') {
    await scene.desk.revokeToken(token.id);
    token.isRevoked = true;
    return undefined;
  }
  const answer = await scene.desk.rotateToken(token.id, one.overlap);
  const isLive = !token.isRevoked && now < token.expiresAt;
  assert.equal(answer.type === 'done', isLive);
  if (answer.type !== 'done') return undefined;
  const [newest] = token.secrets;
  const old = newest === undefined ? [] : [{ ...newest, endsAt: now + one.overlap }];
  const dead = token.secrets.slice(1).map((secret) => ({ ...secret, endsAt: 0 }));
  token.secrets = [{ text: answer.secret, endsAt: Infinity }, ...old, ...dead];
  return undefined;
}

test('whatever is done, a secret counts exactly as long as it should', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const scene = new Scene();
      const issued: Issued[] = [];
      for (const [number, one] of steps.entries()) {
        await take(scene, issued, one, number);
        const now = scene.clock.now();
        for (const token of issued) {
          for (const { text, endsAt } of token.secrets) {
            const counts = !token.isRevoked && now < token.expiresAt && now < endsAt;
            const role = counts ? token.role : undefined;
            assert.equal(scene.desk.findBearer(text)?.role, role, `${JSON.stringify(one)} ${text}`);
          }
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('no text makes the desk throw, and none is anybody', async () => {
  const scene = new Scene();
  const { id } = await scene.create();
  const near = fc.string({ unit: 'binary', maxLength: 60 }).map((text) => `toc_${id}_${text}`);
  const any = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), near);
  fc.assert(
    fc.property(any, (text) => {
      assert.equal(scene.desk.findBearer(text), undefined);
      assert.equal(scene.desk.findCookie(text), undefined);
      assert.equal(scene.desk.takeTicket(text), undefined);
    }),
    { numRuns: 300 },
  );
});
