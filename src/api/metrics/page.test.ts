/** The two text formats, held against their specifications. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyText } from '../../../test/support/texts.ts';
import { createHistogram } from '../../domain/histogram.ts';
import { chooseFormat } from './accept.ts';
import type { Family } from './family.ts';
import { readOpenMetrics } from './openmetrics.fixture.ts';
import { type Format, labelCharactersMax, Page, renderLabel, renderLabels } from './page.ts';

const counter: Family = {
  name: 'x_seconds_total',
  type: 'counter',
  unit: 'seconds',
  help: 'A "help"\\with\nlines.',
};
const gauge: Family = { name: 'y', type: 'gauge', help: 'Y.' };
const timing: Family = { name: 'z_seconds', type: 'histogram', unit: 'seconds', help: 'Z.' };

function pageOf(format: Format, fill: (page: Page) => void, seriesMax = 1000): string {
  const page = new Page(format, seriesMax);
  fill(page);
  return page.render();
}

function fill(page: Page): void {
  page.begin(counter);
  page.add(renderLabels({ a: '1', b: 'two "2"\\\n' }), 3);
  page.begin(gauge);
  page.begin(timing);
  const histogram = createHistogram([0.5, 1]);
  for (const value of [0.25, 0.75, 0.75, 9]) histogram.add(value);
  page.addHistogram('s="t"', histogram);
  page.begin({ ...gauge, name: 'w' });
  for (const [i, value] of [Number.NaN, Number.POSITIVE_INFINITY, -1e-7, 0].entries())
    page.add(`i="${i}"`, value);
}

test('the text format is as prometheus/docs has it', () => {
  assert.equal(
    pageOf('text', fill),
    `# HELP x_seconds_total A "help"\\\\with\\nlines.
# TYPE x_seconds_total counter
x_seconds_total{a="1",b="two \\"2\\"\\\\\\n"} 3
# HELP z_seconds Z.
# TYPE z_seconds histogram
z_seconds_bucket{s="t",le="0.5"} 1
z_seconds_bucket{s="t",le="1"} 3
z_seconds_bucket{s="t",le="+Inf"} 4
z_seconds_sum{s="t"} 10.75
z_seconds_count{s="t"} 4
# HELP w Y.
# TYPE w gauge
w{i="0"} NaN
w{i="1"} +Inf
w{i="2"} -1e-7
w{i="3"} 0
`,
  );
});

test('OpenMetrics differs in counters, units, quotes in help, whole bounds and the end', () => {
  const text = pageOf('openmetrics', fill);
  const lines = text.split('\n');
  assert.deepEqual(lines.slice(0, 4), [
    '# HELP x_seconds A \\"help\\"\\\\with\\nlines.',
    '# TYPE x_seconds counter',
    '# UNIT x_seconds seconds',
    'x_seconds_total{a="1",b="two \\"2\\"\\\\\\n"} 3',
  ]);
  assert.ok(lines.includes('z_seconds_bucket{s="t",le="1.0"} 3'));
  assert.equal(lines.at(-2), '# EOF');
  const families = readOpenMetrics(text);
  assert.deepEqual(
    families.map(({ name, type }) => `${name} ${type}`),
    ['x_seconds counter', 'z_seconds histogram', 'w gauge'],
  );
  assert.equal(families[0]?.help, counter.help);
});

test('a page without a series is a page', () => {
  assert.equal(
    pageOf('text', () => {}),
    '',
  );
  assert.equal(
    pageOf('openmetrics', () => {}),
    '# EOF\n',
  );
});

test('whatever a name holds, a reader gets it back, and nothing else', () => {
  const anything = fc.oneof(
    anyText(),
    fc.string({ unit: fc.constantFrom('"', '\\', '\n', '}', ',', '=', ' ', '\r', 'é', '\ud800') }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(anything, { maxLength: 5, selector: wellFormed }), (names) => {
      const text = pageOf('openmetrics', (page) => {
        page.begin(gauge);
        for (const name of names) page.add(renderLabel('unit', name), 1);
      });
      const read = readOpenMetrics(text).flatMap(({ samples }) => samples);
      assert.deepEqual(
        read.map(({ labels }) => labels.unit),
        names.map(wellFormed),
      );
    }),
  );
});

const wellFormed = (text: string): string => text.toWellFormed();

test('what is too much is left out and counted', () => {
  const page = new Page('text', 2);
  page.begin(gauge);
  page.add(renderLabel('a', 'x'.repeat(labelCharactersMax + 1)), 1);
  for (let i = 0; i < 5; i++) page.add(`i="${i}"`, i);
  assert.equal(page.dropped, 4);
  page.begin({ ...gauge, name: 'dropped' });
  page.addAlways(page.dropped);
  assert.deepEqual(page.render().match(/^[^#].*$/gm), ['y{i="0"} 0', 'y{i="1"} 1', 'dropped 4']);
});

const prometheus =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const prometheus3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';

const wishes: readonly { accept: string | undefined; format: Format }[] = [
  { accept: prometheus, format: 'openmetrics' },
  { accept: prometheus3, format: 'openmetrics' },
  { accept: 'application/openmetrics-text', format: 'openmetrics' },
  { accept: 'Application/OpenMetrics-Text; version="1.0.0"', format: 'openmetrics' },
  { accept: undefined, format: 'text' },
  { accept: '*/*', format: 'text' },
  { accept: 'text/html,*/*;q=0.8', format: 'text' },
  { accept: 'text/plain;version=0.0.4', format: 'text' },
  { accept: 'application/openmetrics-text;version=2.0.0,text/plain;q=0.1', format: 'text' },
  { accept: 'application/openmetrics-text;q=0', format: 'text' },
  { accept: 'application/openmetrics-text;q=0.3,text/plain', format: 'text' },
  { accept: 'application/openmetrics-text;q=nonsense', format: 'text' },
  { accept: ';;,=,q=1', format: 'text' },
];
for (const { accept, format } of wishes) {
  test(`Accept: ${accept ?? '(none)'} is answered with ${format}`, () => {
    assert.equal(chooseFormat(accept), format);
  });
}
