/** The page of metrics: what is on it, what is not, and that others can read it. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { kinds } from '../../collectors/registry.ts';
import { unreadable } from '../../domain/reading.ts';
import { fakeStart } from '../../operations/fake-alerts.ts';
import { FakeHouse } from '../../operations/fake-house.ts';
import { type Served, serve } from '../testing/serve.ts';
import { allFamilies, createExposition, deriveFamilies } from './expose.ts';
import { askPromtool, exposedHouse, hostile, resourceOf } from './exposed.fixture.ts';
import { readOpenMetrics } from './openmetrics.fixture.ts';

const linesOf = (house: FakeHouse): readonly string[] =>
  createExposition(house).render('text').trimEnd().split('\n');

/** `name{labels} value` of those whose name begins so. */
const seriesOf = (house: FakeHouse, begin: string): readonly string[] =>
  linesOf(house).filter((line) => line.startsWith(begin));

test('promtool has nothing to complain of, whatever things are called', () => {
  const said = askPromtool(createExposition(exposedHouse()).render('text'));
  assert.equal(said ?? '', '');
});

test('as OpenMetrics it is what the specification allows, and the same series', () => {
  const house = exposedHouse();
  const families = readOpenMetrics(createExposition(house).render('openmetrics'));
  const series = families.flatMap(({ samples }) => samples);
  const inText = linesOf(house).filter((line) => !line.startsWith('#'));
  assert.equal(series.length, inText.length);
  const names = [...deriveFamilies(kinds)].flatMap((kind) => kind.families);
  assert.ok(names.length > 50, `${names.length} families`);
  for (const { name, type } of names) {
    const found = families.find((one) => one.name === name.replace(/_total$/, ''));
    assert.equal(found?.type, type, `${name} has no series though it has a value`);
  }
  const units = series.filter(({ name }) => name === 'tocsin_systemd_unit_watched');
  assert.deepEqual(
    units.map(({ labels }) => labels.unit),
    ['one.service', hostile.toWellFormed()],
  );
});

const page = resolve(import.meta.dirname, '../../../docs/reference/metrics.md');
const head = `# Metrics

What \`GET /metrics\` can show: Prometheus' text format, or OpenMetrics for whoever asks for it. Names are public; this list is
made from the [kinds](kinds.md) (\`npm run accept\`) and a test holds the daemon to it.

- The label of \`tocsin_KIND_…\` is the last word of the kind and holds the id: \`tocsin_scst_target_sessions{target="iscsi/iqn…"}\`.
- What is unreadable, does not apply, or cannot be seen now has no series: it is never 0.
- A word of a few is one series with the label \`value\` and 1: \`…_open_state{driver="iscsi",value="open"} 1\`. Free texts are no metrics.
- Units that nobody asked to watch are in \`systemd_unit_state\` alone. A page has at most 50,000 series;
  \`tocsin_exposition_series_dropped\` counts what is missing.
- \`systemd_…\` and \`ALERTS\` have the names and labels of systemd_exporter and Prometheus, so that rules written for these work.

| name | type | |
|---|---|---|
`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

test('docs/reference/metrics.md names every metric: a name that changes is seen', () => {
  const families = allFamilies(kinds);
  const rows = families.map(({ name, type, help }) => `| \`${name}\` | ${type} | ${cell(help)} |`);
  const expected = `${head}${rows.join('\n')}\n`;
  if (process.env.ACCEPT === '1') writeFileSync(page, expected);
  assert.equal(readFileSync(page, 'utf8'), expected, 'npm run accept writes it anew');
  const names = families.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, 'a name is there twice');
});

const component = (id: string, more: object) =>
  resourceOf('tocsin.component', id, { role: 'collector', ...more });

test('known values are there; null, unreadable, unread and stale ones are not', () => {
  const house = new FakeHouse(kinds);
  house.inventory.push(
    component('known', { health: 'healthy', recovered: 2, blindSince: fakeStart }),
    component('null', { recovered: 0, blindSince: null }),
    component('refused', { health: unreadable('EIO'), recovered: unreadable('EIO') }),
    component('new word', { health: 'splendid' }),
    { ...component('stale', { health: 'healthy', recovered: 9 }), staleSince: fakeStart },
  );
  assert.deepEqual(seriesOf(house, 'tocsin_component_'), [
    'tocsin_component_role{component="known",value="collector"} 1',
    'tocsin_component_role{component="null",value="collector"} 1',
    'tocsin_component_role{component="refused",value="collector"} 1',
    'tocsin_component_role{component="new word",value="collector"} 1',
    'tocsin_component_health{component="known",value="healthy"} 1',
    'tocsin_component_health{component="new word",value="other"} 1',
    'tocsin_component_blind_since_timestamp_seconds{component="known"} 1795328040.123',
    'tocsin_component_recovered_total{component="known"} 2',
    'tocsin_component_recovered_total{component="null"} 0',
  ]);
});

const unit = (id: string, attributes: object) =>
  resourceOf('systemd.unit', id, { type: id.split('.')[1] ?? '', ...attributes });

test('systemd_exporter’s names: all units that exist, the five states, reloading is active', () => {
  const house = new FakeHouse(kinds);
  house.inventory.push(
    unit('a.service', { watched: true, activeState: 'reloading', nRestarts: 3 }),
    unit('b.mount', { watched: false, activeState: 'failed', tasks: 5 }),
    unit('gone.service', { watched: true, activeState: 'inactive', present: false }),
    unit('doubt.service', { watched: true, activeState: unreadable('bus lost') }),
    resourceOf('systemd.timer', 't.timer', { lastTriggerAt: 5000, nextElapseAt: null }),
  );
  const state = (name: string, type: string, is: string) =>
    ['active', 'activating', 'deactivating', 'inactive', 'failed'].map(
      (one) =>
        `systemd_unit_state{name="${name}",type="${type}",state="${one}"} ${one === is ? 1 : 0}`,
    );
  assert.deepEqual(seriesOf(house, 'systemd_'), [
    ...state('a.service', 'service', 'active'),
    ...state('b.mount', 'mount', 'failed'),
    'systemd_service_restart_total{name="a.service"} 3',
    'systemd_timer_last_trigger_seconds{name="t.timer"} 5',
  ]);
  assert.deepEqual(seriesOf(house, 'tocsin_systemd_unit_tasks'), [], 'nobody asked to watch it');
});

test('ALERTS has no label whose value somebody could choose freely, and no series twice', () => {
  const house = new FakeHouse(kinds);
  house.fire({ labels: { password: 'secret' }, comment: 'secret', phase: 'pending' });
  const raised = { rule: 'raised-by-hand', resource: { kind: 'system.host', id: 'box' } };
  house.fire({ ...raised, title: 'one' });
  house.fire({ ...raised, title: 'two' });
  const rest = 'severity="critical",source="system"';
  assert.deepEqual(seriesOf(house, 'ALERTS'), [
    `ALERTS{alertname="unit-failed",alertstate="pending",${rest},kind="systemd.unit",resource="unit-1.service"} 1`,
    `ALERTS{alertname="raised-by-hand",alertstate="firing",${rest},kind="system.host",resource="box"} 1`,
  ]);
  assert.doesNotMatch(linesOf(house).join('\n'), /secret/);
});

test('tocsin tells of itself', () => {
  const series = seriesOf(exposedHouse(), 'tocsin_');
  for (const expected of [
    'tocsin_build_info{version="0.0.0-test"} 1',
    'tocsin_blind_seconds_total{source="systemd"} 0',
    'tocsin_blind_seconds_total{source="tocsin"} 1.5',
    'tocsin_collector_duration_seconds{collector="systemd"} 0.0125',
    'tocsin_detection_seconds_bucket{source="system",le="+Inf"} 3',
    'tocsin_transitions_recovered_total{source="one.service"} 0.5',
    'tocsin_stream_clients 3',
    'tocsin_http_requests_total{operation="alert.list",code="200"} 7',
    'tocsin_http_request_duration_seconds_count{operation="alert.list"} 3',
    'tocsin_db_bytes{database="tocsin.db"} 4096',
    'tocsin_exposition_series_dropped 0',
  ])
    assert.ok(series.includes(expected), expected);
  assert.ok(!series.some((line) => line.includes('duration_seconds{collector="scst"}')));
});

test('a machine with too much gets as much as fits, alerts first, and is told', () => {
  const house = exposedHouse();
  const whole = linesOf(house).filter((line) => !line.startsWith('#')).length;
  const text = createExposition(house, 60).render('text');
  assert.match(text, /^ALERTS\{/m);
  assert.ok(text.endsWith(`\ntocsin_exposition_series_dropped ${whole - 61}\n`), text.slice(-60));
});

test('a large page is made in slices, between which others work, and is the same page', async () => {
  const house = new FakeHouse(kinds);
  const facts = { watched: true, activeState: 'active', tasks: 3, present: true, oneshot: true };
  for (let i = 0; i < 1500; i++) house.inventory.push(unit(`u${i}.service`, facts));
  const exposition = createExposition(house);
  let breaths = 0;
  const page = await exposition.renderInSlices('text', async () => {
    breaths += 1;
    // What goes away in the middle of a kind does not make it half of one; at the ninth breath
    // the 7,500 series of systemd_unit_state are behind, and the unit's own have begun.
    if (breaths === 9) house.inventory.length = 0;
  });
  const series = page.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  assert.ok(breaths >= series / 1500, `${breaths} breaths for ${series} series`);
  assert.equal(page.match(/^systemd_unit_state/gm)?.length, 7500);
  assert.equal(page.match(/^tocsin_systemd_unit_oneshot/gm)?.length, 1500);
  assert.equal(page.match(/^# TYPE /gm)?.length, new Set(page.match(/^# TYPE .*/gm)).size);
});

const scrapes: readonly { name: string; of: (served: Served) => Promise<unknown>; is: unknown }[] =
  [
    {
      name: 'whoever may read gets the text format',
      of: async (served) => (await served.ask('/metrics')).headers['content-type'],
      is: 'text/plain; version=0.0.4; charset=utf-8',
    },
    {
      name: 'OpenMetrics is given to whoever asks for it',
      of: async (served) => {
        const accept = 'application/openmetrics-text;version=1.0.0,*/*;q=0.1';
        const { headers, text } = await served.ask('/metrics', { headers: { accept } });
        return [headers['content-type'], text.endsWith('\n# EOF\n')];
      },
      is: ['application/openmetrics-text; version=1.0.0; charset=utf-8', true],
    },
    {
      name: 'without a token there is nothing to read',
      of: async (served) => (await served.askAt('api', '/metrics')).status,
      is: 401,
    },
    {
      name: 'a user without the right to read is refused',
      of: async (served) => {
        served.peer = { uid: 7, gid: 7, groups: [] };
        return (await served.ask('/metrics')).status;
      },
      is: 403,
    },
    {
      name: 'nothing is changed here',
      of: async (served) => (await served.ask('/metrics', { method: 'POST' })).status,
      is: 405,
    },
    {
      name: 'each scrape is counted under its own name',
      of: async (served) => {
        await served.ask('/metrics');
        return served.records.map(({ operation, status }) => `${operation} ${status}`);
      },
      is: ['metrics.scrape 200'],
    },
  ];
for (const { name, of, is } of scrapes) {
  test(name, async (t) => {
    assert.deepEqual(await of(await serve(t)), is);
  });
}
