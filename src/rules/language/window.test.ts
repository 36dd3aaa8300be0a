import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sample } from '../../domain/resource.ts';
import type { WindowFunction } from './functions.ts';
import { overWindow, type Windowed } from './window.ts';

/** `0:5 60:7` is 5 from the start on and 7 from second 60 on. */
const samplesOf = (text: string): Sample[] =>
  text.split(' ').map((one) => {
    const [at, value] = one.split(':').map(Number);
    return { at: (at ?? 0) * 1000, value: value ?? 0 };
  });

interface Case {
  readonly name: string;
  readonly call: WindowFunction;
  readonly samples: string;
  /** Seconds. */
  readonly length: number;
  readonly now: number;
  readonly value: Windowed['value'];
  /** Seconds. */
  readonly again: number | 'never' | 'unclear';
  readonly gauge?: true;
}

const cases: readonly Case[] = [
  {
    name: 'growth counts from the value in force when the window begins',
    call: 'increase',
    samples: '0:5 60:7 120:9',
    length: 100,
    now: 130,
    value: 4,
    again: 160,
  },
  {
    name: 'a sample at the very begin of the window is in force',
    call: 'increase',
    samples: '0:5 60:7 120:9',
    length: 100,
    now: 160,
    value: 2,
    again: 220,
  },
  {
    name: 'a young past grows from its first value',
    call: 'increase',
    samples: '0:5 60:7',
    length: 1000,
    now: 70,
    value: 2,
    again: 1060,
  },
  {
    name: 'a counter that starts anew counts on from zero',
    call: 'increase',
    samples: '0:5 60:7 120:2',
    length: 1000,
    now: 130,
    value: 4,
    again: 1060,
  },
  {
    name: 'a gauge may fall',
    call: 'increase',
    samples: '0:5 60:7 120:2',
    length: 1000,
    now: 130,
    value: -3,
    again: 1060,
    gauge: true,
  },
  {
    name: 'what did not change has no end',
    call: 'increase',
    samples: '0:5 60:5',
    length: 100,
    now: 70,
    value: 0,
    again: 'never',
  },
  {
    name: 'one sample alone is no growth',
    call: 'increase',
    samples: '0:5',
    length: 100,
    now: 70,
    value: 0,
    again: 'never',
  },
  {
    name: 'a rate is growth by window',
    call: 'rate',
    samples: '0:0 60:50',
    length: 100,
    now: 70,
    value: 0.5,
    again: 160,
  },
  {
    name: 'a minimum knows the value in force at the begin',
    call: 'minimum',
    samples: '0:1 60:7',
    length: 10,
    now: 65,
    value: 1,
    again: 70,
  },
  {
    name: 'a minimum forgets what left',
    call: 'minimum',
    samples: '0:1 60:7',
    length: 10,
    now: 70,
    value: 7,
    again: 'never',
  },
  {
    name: 'a maximum',
    call: 'maximum',
    samples: '0:1 60:7 62:2',
    length: 10,
    now: 65,
    value: 7,
    again: 70,
  },
  {
    name: 'changes are counted, repetitions are not',
    call: 'changes',
    samples: '0:1 10:1 20:2 30:1',
    length: 100,
    now: 40,
    value: 2,
    again: 120,
  },
  {
    name: 'an average is weighted by time',
    call: 'average',
    samples: '0:10 90:20',
    length: 100,
    now: 100,
    value: 11,
    again: 'unclear',
  },
  {
    name: 'an average over a part of a value',
    call: 'average',
    samples: '0:10 90:20',
    length: 20,
    now: 100,
    value: 15,
    again: 'unclear',
  },
  {
    name: 'a steady average stays',
    call: 'average',
    samples: '0:10 90:10',
    length: 20,
    now: 100,
    value: 10,
    again: 'never',
  },
  {
    name: 'an average over no time is the value',
    call: 'average',
    samples: '100:10',
    length: 20,
    now: 100,
    value: 10,
    again: 'never',
  },
  {
    name: 'a line goes on',
    call: 'predict',
    samples: '0:0 100:10 200:20',
    length: 100,
    now: 200,
    value: 30,
    again: 'unclear',
  },
  {
    name: 'what stands still stays',
    call: 'predict',
    samples: '0:7 100:7',
    length: 100,
    now: 200,
    value: 7,
    again: 'never',
  },
  {
    name: 'a short past says nothing',
    call: 'predict',
    samples: '0:7 1:9',
    length: 86_400,
    now: 60,
    value: undefined,
    again: 'unclear',
  },
];

for (const { name, call, samples, length, now, value, again, gauge } of cases) {
  test(name, () => {
    const options = { counter: gauge !== true };
    const got = overWindow(call, samplesOf(samples), length * 1000, now * 1000, options);
    const rounded = got.value === undefined ? undefined : Math.round(got.value * 1e6) / 1e6;
    assert.equal(rounded, value);
    assert.equal(got.again, typeof again === 'number' ? again * 1000 : again);
  });
}
