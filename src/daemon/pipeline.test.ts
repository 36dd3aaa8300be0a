import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settled } from '../../test/support/fake-clock.ts';
import { complete } from '../domain/reading.ts';
import { minutes, seconds } from '../domain/time.ts';
import { renderLine } from '../recording/format.ts';
import { beginRecording, recordInput } from '../recording/recorder.ts';
import { judgesOf, rulesOf, thing } from '../recording/recording.fixture.ts';
import { Player } from '../recording/replay.ts';
import { Pipeline } from './pipeline.ts';
import { Taps } from './taps.ts';

const silent = (): void => {};
const log = { error: silent, warning: silent, notice: silent, info: silent, debug: silent };

test('a recording that begins in the middle of a tick holds what that tick has counted', async () => {
  const clock = new FakeClock();
  const rules = rulesOf(50);
  const judges = judgesOf(rules);
  const taps = new Taps(rules);
  const reasons: string[] = [];
  const pipeline = new Pipeline({
    ...judges,
    queue: { add: silent, write: silent },
    clock,
    log,
    published: async () => {},
    tap: taps.tap,
  });
  const tell = (x: number): void =>
    pipeline.tell(
      'tests',
      complete([{ kind: 'test.thing', id: 'a', attributes: { x, state: 'up' } }]),
    );
  const lines: string[] = [];
  pipeline.setFlapping({ window: minutes(10), enter: 2, exit: 1 });
  await settled();
  tell(60);
  pipeline.takeStock((now) => {
    const facts = { judges, kinds: [thing], version: '0', watchingSince: 0 };
    const parts = { ...facts, rules: () => taps.rules, mutes: () => taps.mutes };
    lines.push(...beginRecording(parts, now).map(renderLine));
    taps.recording = (input, at, outcome) => {
      reasons.push(...outcome.changes.map(({ alert }) => alert.rule));
      lines.push(...recordInput(input, at, outcome).map(renderLine));
    };
    return [];
  });
  await settled();
  tell(10);
  await clock.advance(seconds(1));
  const inputs = lines.filter((line) => line.startsWith('{"input"')).length;
  const end = renderLine({ name: 'end', value: { inputs, changes: reasons.length, why: '' } });
  const player = new Player([thing]);
  for (const line of [...lines, end]) player.take(line);
  assert.ok(reasons.includes('flapping'), 'two changes of state are enough here');
  assert.equal(player.deviation, undefined);
});
