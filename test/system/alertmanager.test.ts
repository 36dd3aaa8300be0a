/**
 * Alertmanager's door, judged by the programs it is for: amtool says the same of tocsin as of a
 * real Alertmanager with tocsin's own configuration, command by command; a real Prometheus pushes
 * an alert that fires and ends.
 */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import {
  makeFolder,
  run,
  type Said,
  startAlertmanager,
  startPrometheus,
} from '../support/prometheus.ts';

const closers: (() => unknown)[] = [];
const here = { after: (close: unknown) => closers.push(close as () => unknown) };

/** Somebody whom amtool can ask. */
interface Asked {
  readonly name: 'tocsin' | 'Alertmanager';
  readonly argv: readonly string[];
}

let daemon: TestDaemon;
let folder: string;
let token: string;
let port: number;
let tocsin: Asked;
let real: Asked;

const settings = `
channels:
  oncall:
    type: exec
    command: [/bin/true]
    severities: [critical]
    groupBy: [rule, node]
  log:
    type: exec
    command: [/bin/true]
    matchers: ['team=~"storage|backup"']
`;

before(async () => {
  folder = makeFolder(here);
  daemon = await startDaemon({ settings, argv: ['--listen', '127.0.0.1:0'] });
  here.after(() => daemon.end());
  token = readFileSync(join(dirname(daemon.socket), 'token'), 'utf8').trim();
  port = Number(/127\.0\.0\.1:(\d+)/.exec(daemon.log())?.[1]);
  const httpFile = join(folder, 'http.yml');
  writeFileSync(httpFile, `authorization:\n  credentials: ${token}\n`);
  const url = `--alertmanager.url=http://127.0.0.1:${port}/am`;
  tocsin = { name: 'tocsin', argv: [url, `--http.config.file=${httpFile}`] };
  const { body } = await daemon.get('/am/api/v2/status');
  writeFileSync(join(folder, 'rendered.yml'), body.config.original);
  const address = await startAlertmanager(here, body.config.original);
  real = { name: 'Alertmanager', argv: [`--alertmanager.url=${address}`] };
});
after(async () => {
  for (const close of closers.reverse()) await close();
});

const ask = (asked: Asked, argv: readonly string[]): Promise<Said> =>
  run('amtool', [...asked.argv, '--no-version-check', ...argv]);

/** Ids, moments and who asks differ between any two; so do receivers' orders in nothing. */
const uuids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const moments = /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z| UTC)/g;
const masked = (text: string): string => text.replace(uuids, 'UUID').replace(moments, 'MOMENT');

/** Both are told the same and must say the same. */
async function bothSay(argv: readonly string[]): Promise<string> {
  const [ours, theirs] = [await ask(tocsin, argv), await ask(real, argv)];
  const shown = ({ status, out, err }: Said) => ({ status, out: masked(out), err: masked(err) });
  assert.deepEqual(shown(ours), shown(theirs), `amtool ${argv.join(' ')}`);
  return ours.out;
}

/** Ids of silences, as each of both gave them. */
const idsOf = async (asked: Asked, more: readonly string[] = []): Promise<readonly string[]> =>
  (await ask(asked, ['silence', 'query', '-q', ...more])).out.trim().split('\n').filter(Boolean);

test('the configuration that is published passes amtool and starts a real Alertmanager', async () => {
  const checked = await run('amtool', ['check-config', join(folder, 'rendered.yml')]);
  assert.equal(checked.status, 0, checked.out + checked.err);
  assert.match(checked.out, /SUCCESS/);
  assert.match(checked.out, /3 receivers/);
});

test('config show, config routes and cluster show', async () => {
  const { out } = await ask(tocsin, ['config', 'show']);
  assert.ok(out.startsWith(readFileSync(join(folder, 'rendered.yml'), 'utf8')));
  await bothSay(['config', 'routes', 'show']);
  await bothSay(['config', 'routes', 'test', 'severity=critical', 'team=backup']);
  await bothSay(['config', 'routes', 'test', '--tree', 'severity=warning']);
  const verified = ['config', 'routes', 'test', '--verify.receivers=oncall', 'severity=critical'];
  await bothSay(verified);
  await bothSay(['config', 'routes', 'test', '--verify.receivers=log', 'severity=critical']);
  await bothSay(['cluster', 'show']);
});

test('alert add and alert query', async () => {
  const [start, end] = ['2026-11-01T00:00:00Z', '2099-01-01T00:00:00Z'];
  const annotations = ['--annotation=summary=disk of a', '--annotation=runbook_url=http://wiki/a'];
  const url = '--generator-url=http://prometheus/graph';
  await bothSay(['alert', 'query']);
  await bothSay(['alert', 'add', 'foo', 'node=a', 'severity=critical', ...annotations, url]);
  await bothSay(['alert', 'add', 'foo', 'node=b', 'team=backup', '--start', start, '--end', end]);
  await bothSay(['alert', 'add', 'alertname=bar', 'node=b c', 'path=/x?y=(z)']);
  assert.match(await bothSay(['alert', 'query']), /disk of a/);
  await bothSay(['alert', 'query', '-o', 'extended']);
  await bothSay(['alert', 'query', '-o', 'json']);
  for (const wanted of [
    ['foo'],
    ['foo', 'node=b'],
    ['alertname=~f.*'],
    ['alertname!="foo"'],
    ['node!~"a|x"'],
    ['node="b c"'],
    ['path=~/x.*'],
    ['nothing='],
    ['--receiver', 'on.*'],
    ['--receiver', 'on'],
    ['--receiver', 'default'],
    ['--silenced'],
    ['--inhibited', '--active'],
    ['--unprocessed'],
  ])
    await bothSay(['alert', 'query', ...wanted]);
});

test('what Alertmanager refuses is refused, with its exit status', async () => {
  for (const argv of [
    ['alert', 'add'],
    ['alert', 'add', 'foo', 'node=a', '--start=2026-02-02T00:00:00Z', '--end=2026-01-01T00:00:00Z'],
    [
      'silence',
      'add',
      'foo',
      '-c',
      'x',
      '--start=2020-01-01T00:00:00Z',
      '--end=2020-01-02T00:00:00Z',
    ],
    [
      'silence',
      'add',
      'foo',
      '-c',
      'x',
      '--start=2099-01-02T00:00:00Z',
      '--end=2099-01-01T00:00:00Z',
    ],
    ['silence', 'add', '-c', 'x'],
    ['silence', 'expire'],
    ['alert', 'query', '--receiver', '('],
  ]) {
    const [ours, theirs] = [await ask(tocsin, argv), await ask(real, argv)];
    assert.equal(ours.status, theirs.status, argv.join(' '));
    assert.notEqual(ours.status, 0, argv.join(' '));
  }
  await bothSay(['silence', 'add', 'foo', '-c', 'x', '--end=2020-01-02T00:00:00Z']);
});

test('silence add, query, update, expire and import', async () => {
  await bothSay(['silence', 'add', 'foo', 'node=a', '-c', 'disk swap', '-a', 'anna', '-d', '2h']);
  await bothSay([
    'silence',
    'add',
    'node=~x|y',
    'team!=z',
    'zone!~q.*',
    '-c',
    'later',
    '-a',
    'bert',
  ]);
  for (const argv of [
    ['alert', 'query'],
    ['alert', 'query', '--silenced'],
    ['alert', 'query', '-o', 'json', '--silenced'],
    ['silence', 'query'],
    ['silence', 'query', '-o', 'extended'],
    ['silence', 'query', '-o', 'json'],
    ['silence', 'query', 'foo'],
    ['silence', 'query', 'alertname=~foo'],
    ['silence', 'query', '--created-by', 'anna'],
    ['silence', 'query', '--within', '90m'],
    ['silence', 'query', '--expired'],
  ])
    await bothSay(argv);
  for (const asked of [tocsin, real]) {
    const [id = ''] = await idsOf(asked, ['foo']);
    const updated = await ask(asked, ['silence', 'update', id, '-d', '3h', '-c', 'disks']);
    assert.equal(updated.status, 0, asked.name + updated.err);
    assert.deepEqual(await idsOf(asked, ['foo']), [id]);
  }
  await bothSay(['silence', 'query', 'foo']);
  const exported = (await ask(tocsin, ['silence', 'query', '-o', 'json', 'foo'])).out;
  writeFileSync(join(folder, 'silences.json'), exported);
  for (const asked of [tocsin, real]) {
    for (const matcher of ['foo', 'node=~x|y']) {
      const ids = await idsOf(asked, [matcher]);
      const expired = await ask(asked, ['silence', 'expire', ...ids]);
      assert.deepEqual([ids.length, expired.status], [1, 0], asked.name + expired.err);
    }
    assert.deepEqual(await idsOf(asked), []);
  }
  await bothSay(['alert', 'query']);
  await bothSay(['silence', 'query', '--expired', '--within', '1h', '-o', 'simple']);
  await bothSay(['silence', 'import', '--force', join(folder, 'silences.json')]);
  assert.match(await bothSay(['silence', 'query']), /disks/);
});

test('commands that ask no server work as ever', async () => {
  const template = join(folder, 'x.tmpl');
  writeFileSync(template, '{{ define "x" }}{{ .Status }}{{ end }}');
  const rendered = [
    'template',
    'render',
    `--template.glob=${template}`,
    '--template.text',
    '{{ template "x" . }}',
  ];
  assert.match(await bothSay(rendered), /alertstatus/);
});

/** A request to both: the statuses, and what was said where a client reads it. */
async function askBoth(method: string, path: string, body?: string): Promise<readonly string[]> {
  const [, theirs = ''] = (real.argv[0] ?? '').split('=');
  const bases = [`http://127.0.0.1:${port}/am`, theirs];
  const answers = bases.map(async (base) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const init = { method, headers, ...(body !== undefined && { body }) };
    const answer = await fetch(`${base}/api/v2/${path}`, init);
    const said = await answer.text();
    return answer.status === 422 ? `422 ${said.trim()}` : `${answer.status}`;
  });
  return Promise.all(answers);
}

const soon = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
const silence = (more: object): string =>
  JSON.stringify({
    matchers: [{ name: 'a', value: 'b', isRegex: false }],
    startsAt: soon(-1),
    endsAt: soon(60),
    createdBy: 'anna',
    comment: 'c',
    ...more,
  });

test('malformed requests get the status that Alertmanager gives, and misfits the very body', async () => {
  const nobody = 'ffffffff-0000-4000-8000-000000000000';
  for (const [method, path, body] of [
    ['GET', 'alerts?active=nonsense'],
    ['GET', 'alerts?filter=x'],
    ['GET', 'alerts?filter=a%3D~%28'],
    ['GET', 'alerts/groups?receiver=%28'],
    ['GET', 'silences?filter=x'],
    ['GET', 'nothing'],
    ['PUT', 'alerts', '[]'],
    ['POST', 'alerts', ''],
    ['POST', 'alerts', '{'],
    ['POST', 'alerts', '{}'],
    ['POST', 'alerts', 'null'],
    ['POST', 'alerts', '[]'],
    ['POST', 'alerts', '[{}]'],
    ['POST', 'alerts', '[{"labels":{}}]'],
    ['POST', 'alerts', '[{"labels":{"a":1}}]'],
    ['POST', 'alerts', '[{"labels":{"a":""}}]'],
    ['POST', 'alerts', '[{"labels":{"a":"x"},"startsAt":"bad"}]'],
    ['POST', 'alerts', `[{"labels":{"a":"x"},"startsAt":"${soon(5)}","endsAt":"${soon(4)}"}]`],
    ['POST', 'silences', ''],
    ['POST', 'silences', '{}'],
    ['POST', 'silences', '[]'],
    ['POST', 'silences', silence({ matchers: [] })],
    ['POST', 'silences', silence({ matchers: [{}] })],
    ['POST', 'silences', silence({ matchers: [{ name: 'a', value: '', isRegex: false }] })],
    ['POST', 'silences', silence({ matchers: [{ name: '', value: 'b', isRegex: false }] })],
    ['POST', 'silences', silence({ matchers: [{ name: 'a', value: '(', isRegex: true }] })],
    ['POST', 'silences', silence({ id: nobody })],
    ['POST', 'silences', silence({ endsAt: soon(-0.5) })],
    ['POST', 'silences', silence({ startsAt: soon(61) })],
    ['POST', 'silences', silence({ endsAt: 'x' })],
    ['GET', 'silence/x'],
    ['DELETE', 'silence/x'],
    ['GET', `silence/${nobody}`],
  ] as const) {
    const [ours, theirs] = await askBoth(method, path, body);
    assert.equal(ours, theirs, `${method} ${path} ${body ?? ''}`);
  }
});

test('an acknowledgement is a silence to amtool, and ending that takes it back', async () => {
  const raised = await daemon.post('/api/v1/monitoring/alerts', {
    severity: 'critical',
    source: 'tape',
    title: 'Drive 3 needs cleaning',
  });
  const path = `/api/v1/monitoring/alerts/${raised.body.id}`;
  await daemon.post(`${path}/acknowledge`, { comment: 'cartridge ordered' });
  const listed = await ask(tocsin, ['silence', 'query', '-o', 'json']);
  const found = JSON.parse(listed.out).find(
    (one: { comment: string }) => one.comment === 'cartridge ordered',
  );
  const matcher = ['alertname=raised-by-hand', '--silenced', '-o', 'json'];
  const [alert] = JSON.parse((await ask(tocsin, ['alert', 'query', ...matcher])).out);
  assert.deepEqual(alert.status, { inhibitedBy: [], silencedBy: [found.id], state: 'suppressed' });
  assert.equal((await ask(tocsin, ['silence', 'expire', found.id])).status, 0);
  assert.equal((await daemon.get(path)).body.acknowledged, false);
});

test('silences are one, whichever door they came through', async () => {
  const made = await daemon.post('/api/v1/silences', {
    matchers: ['unit=x'],
    duration: '1h',
    comment: 'by REST',
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const ids = await idsOf(tocsin, ['unit=x']);
  assert.deepEqual(ids, [made.body.id]);
  await ask(tocsin, ['silence', 'expire', ...ids]);
  const { body } = await daemon.get(`/api/v1/silences/${made.body.id}`);
  assert.equal(body.state, 'expired', JSON.stringify(body));
});

test('a reload is done when it is answered, and says why it was refused', async () => {
  const file = join(daemon.rulesDir, '50-site.yaml');
  const reload = () => daemon.post('/am/-/reload');
  writeFileSync(file, 'rules: [{ id: bad, kind: no.such.kind }]');
  const refused = await reload();
  assert.equal(refused.status, 500);
  assert.match(refused.body, /^failed to reload config: .*50-site\.yaml:1:\d+: /);
  rmSync(file);
  assert.deepEqual([(await reload()).status, (await reload()).body], [200, '']);
});

test('without a token amtool learns nothing', async () => {
  const [url = ''] = tocsin.argv;
  const said = await run('amtool', [url, '--no-version-check', 'alert', 'query']);
  assert.deepEqual([said.status, said.out], [1, '']);
});

test('what was pushed survives SIGKILL as it was, with its end and its silence', async () => {
  const first = await startDaemon({ settings });
  const path = '/am/api/v2';
  const annotations = { summary: 'x', dashboard: 'http://grafana/d/1', note: 'two\nlines' };
  const labels = { alertname: 'Pushed', node: 'a' };
  const endsAt = '2099-01-01T00:00:00.000Z';
  await first.post(`${path}/alerts`, [{ labels, annotations, endsAt, generatorURL: 'http://p' }]);
  await first.post(`${path}/silences`, {
    matchers: [{ name: 'node', value: 'a', isRegex: false }],
    startsAt: '2026-01-01T00:00:00Z',
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    createdBy: 'anna',
    comment: 'swap',
  });
  const before = await first.get(`${path}/alerts`);
  const silences = await first.get(`${path}/silences`);
  await first.end('SIGKILL');
  const again = await first.again();
  const after = await again.get(`${path}/alerts`);
  assert.deepEqual(after.body, before.body);
  assert.deepEqual((await again.get(`${path}/silences`)).body, silences.body);
  const [shown] = after.body;
  assert.deepEqual([shown.annotations, shown.endsAt], [annotations, endsAt]);
  assert.deepEqual(shown.status.silencedBy, [silences.body[0].id]);
  await again.post(`${path}/alerts`, [
    { labels, endsAt: '2026-01-01T00:00:00Z', startsAt: '2025-01-01T00:00:00Z' },
  ]);
  assert.deepEqual((await again.get(`${path}/alerts`)).body, []);
  await again.end();
});

test('an alert of a real Prometheus fires, is kept up, and ends', async (context) => {
  const stream = await daemon.stream('?types=alert');
  // Prometheus looks for Alertmanagers only every five seconds.
  const until = Math.floor(Date.now() / 1000) + 12;
  await startPrometheus(
    context,
    `
global: { evaluation_interval: 1s, external_labels: { site: vienna } }
alerting:
  alertmanagers:
    - path_prefix: /am
      api_version: v2
      authorization: { credentials: ${token} }
      static_configs: [{ targets: ['127.0.0.1:${port}'] }]`,
    `
groups:
  - name: test
    rules:
      - alert: PushedByPrometheus
        expr: vector(time()) < ${until}
        labels: { severity: page, team: backup }
        annotations: { summary: 'fires until ${until}', runbook_url: 'http://wiki/x' }`,
  );
  const told = (reason: string) =>
    stream.find(({ data }) => data.rule === 'PushedByPrometheus' && data.reason === reason);
  const { data } = await told('raised');
  const labels = {
    alertname: 'PushedByPrometheus',
    severity: 'page',
    site: 'vienna',
    team: 'backup',
  };
  assert.deepEqual(data.labels, labels);
  assert.deepEqual(
    [data.origin, data.severity, data.title, data.advice],
    ['pushed', 'critical', `fires until ${until}`, 'See http://wiki/x'],
  );
  const query = ['alert', 'query', 'PushedByPrometheus', '-o', 'json'];
  const [shown] = JSON.parse((await ask(tocsin, query)).out);
  assert.deepEqual(shown.labels, labels);
  assert.equal(shown.fingerprint, data.fingerprint);
  assert.match(shown.generatorURL, /\/graph\?g0\.expr=vector/);
  const receivers = shown.receivers.map(({ name }: { name: string }) => name);
  assert.deepEqual(receivers.sort(), ['log', 'oncall']);
  const end = await told('resolved');
  assert.equal(end.data.resolvedBy, 'pushed');
  assert.equal(end.data.occurrence, 1);
  stream.close();
});
