import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partial } from '../../domain/reading.ts';
import { days, minutes } from '../../domain/time.ts';
import { applyInput, type Input } from '../input.ts';
import { encodeFrame } from '../kept/frame.ts';
import { Thinner } from '../kept/thin.ts';
import { judgesOf, rulesOf, rulesText, start, thing } from '../recording.fixture.ts';
import type { BacktestQuestion } from './question.ts';
import { runBacktest } from './run.ts';

/** `a` goes down five times, for 1, 2, 3, 4 and 5 minutes, an hour apart; `b` is down all along. */
function pastOf(): Buffer {
  const judges = judgesOf(rulesOf(50));
  const thinner = new Thinner([thing]);
  const tell = (id: string, state: string, at: number): void => {
    const reading = partial([{ kind: 'test.thing', id, attributes: { state } }]);
    const input: Input = { type: 'reading', collector: 'tests', reading };
    thinner.take(input, at, applyInput(judges, input, at).differences);
  };
  tell('b', 'down', start - 1000);
  tell('a', 'up', start - 1000);
  thinner.drain();
  const lines = [{ at: start, continues: false }, ...thinner.snapshot(judges.inventory.list())];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const frames = [encodeFrame({ type: 'S', kind: '', from: start, to: start }, text)];
  for (let hour = 1; hour <= 5; hour++) {
    const at = start + minutes(60 * hour);
    tell('a', 'down', at);
    tell('a', 'up', at + minutes(hour));
    for (const [kind, facts] of thinner.drain()) {
      const rows = facts.map((line) => `${JSON.stringify(line)}\n`).join('');
      frames.push(encodeFrame({ type: 'F', kind, from: start, to: at + minutes(hour) }, rows));
    }
  }
  return Buffer.concat(frames);
}

const past = pastOf();
const files = [{ folder: 0, name: 'test.yaml', path: '/rules/test.yaml', text: rulesText(50) }];
const candidate = (wait: string, id = 'victim'): string => `rules:
  - id: ${id}
    kind: test.thing
    when: thing.state == "down"
    for: ${wait}
    severity: warning
    source: system
    title: "{{ thing.id }} is down"
`;

const run = (question: Partial<BacktestQuestion>, segments = [() => past]) =>
  runBacktest({
    question: {
      kinds: [thing],
      files,
      name: 'request.yaml',
      since: start - days(1),
      until: start + days(1),
      silences: [],
      flapping: null,
      whole: false,
      ...question,
    },
    segments,
    onProgress: () => {},
  });

function done(question: Partial<BacktestQuestion>) {
  const answer = run(question);
  if (answer.type !== 'done') throw new Error(JSON.stringify(answer));
  return answer;
}

test('a candidate is counted beside the rule in force: how often, how long, since when', () => {
  const { rules } = done({ text: candidate('3m30s') });
  const [rule] = rules;
  assert.deepEqual(rule?.inForce, {
    fired: 5,
    announced: 5,
    median: minutes(3),
    longest: minutes(5),
    firstAt: start + minutes(60),
    lastAt: start + minutes(300),
    firingAtBegin: 1,
    firingAtEnd: 1,
  });
  // Of b, which is down all along, the wait begins with what is kept.
  assert.equal(rule?.candidate?.fired, 3);
  assert.equal(rule?.candidate?.median, minutes(1));
  assert.equal(rule?.candidate?.firingAtEnd, 1);
});

test('a rule of another name has nothing in force to be compared with', () => {
  const [rule] = done({ text: candidate('0s', 'other') }).rules;
  assert.deepEqual([rule?.id, rule?.candidate?.fired, rule?.inForce], ['other', 5, null]);
});

test('a silence keeps quiet what begins in it, and delays what outlasts it', () => {
  const matchers = [{ name: 'thing', operator: '=', value: 'a' }] as const;
  const silence = { matchers, startsAt: start + minutes(59), endsAt: start + minutes(182) };
  const answer = done({ text: candidate('0s'), silences: [silence] });
  const [rule] = answer.rules;
  assert.deepEqual(answer.silenced, [3]);
  // The third still fires when the silence ends.
  assert.deepEqual([rule?.candidate?.fired, rule?.candidate?.announced], [5, 3]);
  assert.equal(rule?.inForce?.announced, 5, 'what is in force is not silenced');
});

test('what happened before the time asked for is no firing', () => {
  const [rule] = done({ text: candidate('0s'), since: start + minutes(150) }).rules;
  assert.equal(rule?.candidate?.fired, 3);
});

test('without candidates all rules in force are told', () => {
  const { rules } = done({ whole: true });
  const victim = rules.find(({ id }) => id === 'victim');
  assert.deepEqual([victim?.candidate, victim?.inForce?.fired], [null, 5]);
  assert.equal(rules.length, 5);
});

test('candidates that do not load are refused with their place, and no readings are said so', () => {
  const answer = run({ text: candidate('0s').replace('test.thing', 'test.thin') });
  assert.equal(answer.type, 'refused');
  if (answer.type !== 'refused') return;
  assert.deepEqual(
    answer.complaints.map(({ file, line }) => [file, line]),
    [['request.yaml', 3]],
  );
  assert.equal(run({ text: candidate('0s') }, []).type, 'empty');
  assert.equal(
    run({ text: candidate('0s'), since: start + days(2), until: start + days(3) }).type,
    'empty',
  );
});

test('that less is kept than was asked for is said', () => {
  const { notes, from } = done({ text: candidate('0s') });
  assert.equal(from, start);
  assert.ok(notes.some((note) => note.startsWith('readings are kept from')));
});
