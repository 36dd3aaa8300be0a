import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { complete } from '../domain/reading.ts';
import { minutes, seconds } from '../domain/time.ts';
import { applyInput, type Input, type Tap } from '../recording/input.ts';
import { judgesOf, rulesOf, thing } from '../recording/recording.fixture.ts';
import { Player } from '../recording/replay.ts';
import { Recordings } from './recordings.ts';

function open() {
  const clock = new FakeClock();
  const rules = rulesOf(50);
  const judges = judgesOf(rules);
  let tap: Tap | undefined;
  const take = (input: Input): void => {
    const outcome = applyInput(judges, input, clock.now());
    tap?.(input, clock.now(), outcome);
  };
  const desk = new Recordings({
    clock,
    pipeline: { takeStock: (begin) => take({ type: 'stock', settled: begin(clock.now()) }) },
    recorder: {
      judges,
      kinds: [thing],
      version: '0',
      watchingSince: 0,
      rules: () => rules,
      mutes: () => [],
    },
    settled: () => ['test.thing'],
    setTap: (next) => {
      tap = next;
    },
  });
  const tell = (x: number): void =>
    take({
      type: 'reading',
      collector: 'tests',
      reading: complete([{ kind: 'test.thing', id: 'a', attributes: { x } }]),
    });
  const start = (): string => {
    const state = desk.start(minutes(10), 'uid:0');
    if (typeof state === 'string') throw new Error(state);
    return state.id;
  };
  return { clock, desk, tell, start, isTapped: () => tap !== undefined };
}

function replay(text: string): Player {
  const player = new Player([thing]);
  for (const line of text.trimEnd().split('\n')) player.take(line);
  player.finish();
  return player;
}

test('what was read piece by piece is a whole recording that replays', async () => {
  const { desk, tell, start } = open();
  tell(90);
  const id = start();
  tell(10);
  const first = await desk.read(id, 0, 0);
  tell(70);
  desk.stop(id);
  const second = await desk.read(id, 1, 0);
  assert.ok(first && second?.ended);
  const player = replay(first.text + second.text);
  assert.equal(player.deviation, undefined);
  assert.ok(player.inputs >= 3 && player.changes >= 2);
});

test('a piece is given again until the next one is asked for', async () => {
  const { desk, tell, start } = open();
  const id = start();
  const first = await desk.read(id, 0, 0);
  tell(90);
  assert.deepEqual(await desk.read(id, 0, 0), first);
  const second = await desk.read(id, 1, 0);
  assert.ok(second?.text.includes('"raised"'));
});

test('a reader waits for something new, and no longer than its patience', async () => {
  const { clock, desk, tell, start } = open();
  const id = start();
  await desk.read(id, 0, 0);
  const waiting = desk.read(id, 1, seconds(10));
  tell(90);
  assert.ok((await waiting)?.text.includes('"raised"'));
  const patient = desk.read(id, 2, seconds(10));
  await clock.advance(seconds(10));
  assert.deepEqual(await patient, { text: '', next: 2, ended: false });
});

test('one records at a time; time is over, or nobody reads: then it ends by itself', async () => {
  const { clock, desk, start, isTapped } = open();
  const id = start();
  assert.equal(desk.start(minutes(1), 'uid:7'), 'uid:0 is recording');
  for (let minute = 0; minute < 20; minute++) {
    await desk.read(id, 0, 0);
    await clock.advance(seconds(30));
  }
  assert.equal(isTapped(), false, 'ten minutes are over');
  start();
  assert.equal(isTapped(), true);
  await clock.advance(minutes(2));
  assert.equal(isTapped(), false, 'nobody has read it');
});
