/**
 * SIGKILL of the daemon at 200 random points (`KILLS=500` for more) under load, at its start and in full work: its
 * database is sound, changes are numbered without a gap, and what a client of the stream was told
 * before a kill is there after it.
 */
import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Appliance, bootAppliance, eventually } from '../support/appliance.ts';
import { inspectDatabase } from '../support/database.ts';
import { type Follower, follow } from '../support/follower.ts';

/** KILLS=500 is the campaign of the issue, by hand: it takes minutes. */
const killsMax = Number(process.env.KILLS ?? 200);
/** Each lane is a daemon with its own state, so that both processors have work. */
const lanes = ['one', 'two'];
/** Messages that a daemon may tell before it is killed; and the longest that its start may take. */
const messagesMax = 80;
const startMsMax = 600;
/** Every so many kills the database is looked at. */
const inspectEvery = 10;

const units = { 'load@.service': '[Service]\nType=oneshot\nExecStart=/bin/false\n' };
const load = `
units=$(seq -f load@%g.service 20)
while :; do systemctl start $units; systemctl reset-failed; done`;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe('the daemon under load', { timeout: killsMax * 6000 }, () => {
  let appliance: Appliance;
  let working: ChildProcessWithoutNullStreams;
  before(async () => {
    appliance = await bootAppliance({ units });
    // The lanes run their own.
    await appliance.systemctl('stop', 'tocsin', 'tocsin-local.socket', 'tocsin-api.socket');
    working = appliance.container.spawn(load);
    working.stdout.resume();
    working.stderr.resume();
  });
  after(async () => {
    if (working !== undefined) appliance.container.end(working);
    await appliance?.stop();
  });

  /** Starts a daemon, follows it from the change last seen, and kills it somewhere. */
  class Lane {
    readonly stateDir: string;
    readonly #run: string;
    /** What was told: number of the change -> alert and reason. */
    readonly told = new Map<number, string>();
    #last = 0;

    constructor(name: string) {
      this.stateDir = `/var/lib/lane-${name}`;
      this.#run = `/run/lane-${name}`;
    }

    start(): ChildProcessWithoutNullStreams {
      const folders = ['--state-dir', this.stateDir, '--runtime-dir', this.#run];
      const daemon = appliance.container.spawn(['/usr/sbin/tocsind', ...folders]);
      daemon.stdout.resume();
      daemon.stderr.resume();
      return daemon;
    }

    follow(): Promise<Follower> {
      const socket = join(appliance.container.root, this.#run, 'local.sock');
      return eventually('the daemon answers', () =>
        follow(socket, { since: this.#last }).catch(() => undefined),
      );
    }

    /** Takes what the client was told: it goes on exactly where it was. */
    take({ messages }: Follower): void {
      for (const { type, seq, data } of messages) {
        assert.notEqual(data.event, 'resync', 'the daemon forgot what it had told');
        if (type !== 'alert') continue;
        assert.equal(seq, this.#last + 1, 'a change is missing, or told again');
        this.told.set(seq, `${data.id} ${data.reason}`);
        this.#last = seq;
      }
    }

    inspect(): number {
      const { integrity, danglingRows, changes } = inspectDatabase(
        join(appliance.container.root, this.stateDir),
      );
      assert.equal(integrity, 'ok');
      assert.equal(danglingRows, 0);
      changes.forEach(({ seq }, i) => {
        assert.equal(seq, i + 1);
      });
      const stored = new Map(
        changes.map(({ seq, alertId, reason }) => [seq, `${alertId} ${reason}`]),
      );
      for (const [seq, what] of this.told) assert.equal(stored.get(seq), what, `change ${seq}`);
      return changes.length;
    }
  }

  async function kill(daemon: ChildProcessWithoutNullStreams): Promise<void> {
    const ended = once(daemon, 'exit');
    appliance.container.end(daemon);
    await ended;
  }

  async function surviveOne(lane: Lane, random: () => number): Promise<void> {
    const daemon = lane.start();
    if (random() < 0.2) {
      // Somewhere in its start: the point is in time, for there is nothing to wait for.
      await pause(random() * startMsMax);
      await kill(daemon);
      return;
    }
    const stream = await lane.follow();
    const enough = Math.floor(random() * messagesMax);
    await stream.until(`${enough} messages`, () => stream.messages.length >= enough);
    await pause(random() * 10);
    await kill(daemon);
    lane.take(stream);
    stream.close();
  }

  async function survive(lane: Lane, kills: number, random: () => number): Promise<void> {
    for (let i = 1; i <= kills; i++) {
      await surviveOne(lane, random);
      if (i % inspectEvery === 0) lane.inspect();
    }
    const last = lane.start();
    const stream = await lane.follow();
    await stream.until('a change after all kills', () =>
      stream.messages.some(({ type }) => type === 'alert'),
    );
    lane.take(stream);
    stream.close();
    await kill(last);
  }

  it(`loses nothing that it had told to ${killsMax} kills at random points`, async (test: TestContext) => {
    const seed = Number(process.env.SEED ?? Math.floor(performance.timeOrigin % 1e9));
    test.diagnostic(`SEED=${seed}`);
    const runs = lanes.map((name, i) => ({ lane: new Lane(name), random: randomFrom(seed + i) }));
    const each = killsMax / lanes.length;
    await Promise.all(runs.map(({ lane, random }) => survive(lane, each, random)));
    const stored = runs.map(({ lane }) => lane.inspect());
    const told = runs.map(({ lane }) => lane.told.size);
    test.diagnostic(
      `${killsMax} kills; changes stored ${stored.join(' + ')}, told ${told.join(' + ')}, none lost`,
    );
  });
});
