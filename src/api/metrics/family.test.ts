/** The names that follow from kinds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counter, defineKind, duration, flag, gauge, instant, word } from '../../domain/kind.ts';
import { deriveFamilies } from './expose.ts';
import { familiesOf } from './family.ts';

const about = { help: 'h', source: 's' };

const names: readonly { name: string; attribute: string; of: object; is: string }[] = [
  {
    name: 'what is measured has its unit at the end',
    attribute: 'progress',
    of: gauge({ ...about, unit: 'ratio' }),
    is: 'tocsin_a_b_progress_ratio gauge ratio',
  },
  {
    name: 'what is counted has none',
    attribute: 'inFlight',
    of: gauge({ ...about, unit: 'commands' }),
    is: 'tocsin_a_b_in_flight gauge',
  },
  {
    name: 'a unit that the name ends with is said once',
    attribute: 'freeBytes',
    of: gauge({ ...about, unit: 'bytes' }),
    is: 'tocsin_a_b_free_bytes gauge bytes',
  },
  {
    name: 'a unit that is the whole name is said once',
    attribute: 'seconds',
    of: gauge({ ...about, unit: 'seconds' }),
    is: 'tocsin_a_b_seconds gauge seconds',
  },
  {
    name: 'a base unit is known as one',
    attribute: 'usedRatio',
    of: gauge({ ...about, unit: 'ratio' }),
    is: 'tocsin_a_b_used_ratio gauge ratio',
  },
  {
    name: 'a foreign unit becomes one that Prometheus knows',
    attribute: 'speedMegabits',
    of: gauge({ ...about, unit: 'megabits per second' }),
    is: 'tocsin_a_b_speed_bytes_per_second gauge',
  },
  {
    name: 'a number without a unit has none',
    attribute: 'load15',
    of: gauge(about),
    is: 'tocsin_a_b_load15 gauge',
  },
  {
    name: 'a counter ends in _total, behind its unit',
    attribute: 'readBytes',
    of: counter({ ...about, unit: 'bytes' }),
    is: 'tocsin_a_b_read_bytes_total counter bytes',
  },
  {
    name: 'an instant is a timestamp in seconds',
    attribute: 'lastTriggerAt',
    of: instant(about),
    is: 'tocsin_a_b_last_trigger_timestamp_seconds gauge seconds',
  },
  {
    name: 'so is one whose name does not end in At',
    attribute: 'blindSince',
    of: instant(about),
    is: 'tocsin_a_b_blind_since_timestamp_seconds gauge seconds',
  },
  {
    name: 'a duration is in seconds',
    attribute: 'periodMs',
    of: duration(about),
    is: 'tocsin_a_b_period_seconds gauge seconds',
  },
  {
    name: 'a flag is its name',
    attribute: 'needDaemonReload',
    of: flag(about),
    is: 'tocsin_a_b_need_daemon_reload gauge',
  },
  {
    name: 'a word of a few is its name',
    attribute: 'openState',
    of: word({ ...about, values: ['open', 'closed'] }),
    is: 'tocsin_a_b_open_state gauge',
  },
];
for (const { name, attribute, of, is } of names) {
  test(name, () => {
    const attributes = { [attribute]: of } as Record<string, ReturnType<typeof flag>>;
    const [family] = familiesOf(defineKind('a.b', { title: 'T', identity: 'I', attributes }));
    assert.ok(family);
    assert.equal([family.name, family.type, family.unit ?? ''].join(' ').trim(), is);
    assert.equal(family.help, 'h');
  });
}

test('a free text is no metric', () => {
  const attributes = { description: word(about) };
  assert.deepEqual(familiesOf(defineKind('a.b', { title: 'T', identity: 'I', attributes })), []);
});

test('two kinds do not share a name, and none takes one of tocsin’s own', () => {
  const one = { title: 'T', identity: 'I' };
  const [first, second, own] = deriveFamilies([
    defineKind('a.b', { ...one, attributes: { cD: flag(about) } }),
    defineKind('a.bC', { ...one, attributes: { d: flag(about), e: flag(about) } }),
    defineKind('stream', { ...one, attributes: { clients: gauge(about) } }),
  ]);
  assert.deepEqual(
    [first, second, own].map((kind) => kind?.families.map(({ name }) => name)),
    [['tocsin_a_b_c_d'], ['tocsin_a_b_c_e'], []],
  );
});
