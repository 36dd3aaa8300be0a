/**
 * A whole daemon on a captured appliance answers in each of its operations, and the documents that
 * it serves are the ones that its linters and its clients were made from. What each answer must be
 * is held by test/support/contract.ts on its way.
 */
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Parser } from '@asyncapi/parser';
import core from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';
import { renderAsyncApi } from '../../src/api/specs/asyncapi.ts';
import { renderOpenApi } from '../../src/api/specs/openapi.ts';
import { operations } from '../../src/operations/registry.ts';
import { type PrivateBus, startBus } from '../support/bus.ts';
import { type CapturedAppliance, plantAppliance, units } from '../support/captured-appliance.ts';
import type { Contract } from '../support/contract.ts';
import { ask, startDaemon, type TestDaemon } from '../support/daemon.ts';
import { FakeSystemd } from '../support/fake-systemd.ts';
import type { Json } from '../support/gathering.ts';
import { contractAt } from '../support/served-contract.ts';

const settings = `channels:
  site: { type: exec, command: [/bin/true], groupWait: 100ms, groupInterval: 0s }
`;
const alertsPath = '/api/v1/monitoring/alerts';

/** Rules that are off, each with its reason. */
const asyncApiOff = {
  // 3.0 is what every tool for version 3 reads; 3.1 has nothing that we use.
  'asyncapi-latest-version': 'off',
} as const;

async function lint(
  text: string,
  ruleset: ConstructorParameters<typeof core.Ruleset>[0],
): Promise<readonly string[]> {
  const spectral = new core.Spectral();
  spectral.setRuleset(new core.Ruleset(ruleset));
  const found = await spectral.run(text);
  return found.map(({ code, path, message }) => `${code} ${path.join('.')}: ${message}`);
}

describe('a daemon on a captured appliance', { timeout: 110_000 }, () => {
  let bus: PrivateBus;
  let systemd: FakeSystemd;
  let machine: CapturedAppliance;
  let daemon: TestDaemon;
  let contract: Contract;

  before(async () => {
    bus = await startBus();
    systemd = await FakeSystemd.start(bus.address, [...units, 'backup.service']);
    machine = plantAppliance();
    daemon = await startDaemon({ busAddress: bus.address, roots: machine.roots, settings });
    const fetched = await contractAt(daemon.socket, async (path) =>
      JSON.stringify((await daemon.get(path)).body),
    );
    assert.ok(fetched, 'no contract: is this a test of node:test?');
    contract = fetched;
  });
  after(async () => {
    await daemon?.end('SIGKILL');
    systemd.close();
    await bus.stop();
    machine.end();
  });

  /** Its body; the status must be one of the good ones. */
  async function good(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Json> {
    const answer = await ask(daemon.socket, method, path, body, headers);
    assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
  const apiSocket = (): string => join(dirname(daemon.socket), 'api.sock');

  it('serves the documents of this source', async () => {
    const { body: health } = await daemon.get('/api/v1/health');
    const { body: openApi } = await daemon.get('/api/v1/openapi.json');
    const { body: asyncApi } = await daemon.get('/api/v1/asyncapi.json');
    const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value));
    assert.deepEqual(openApi, plain(renderOpenApi(operations, health.version)));
    assert.deepEqual(asyncApi, plain(renderAsyncApi(health.version)));
  });

  it('serves documents of which spectral has nothing to complain', async () => {
    const text = async (name: string): Promise<string> =>
      JSON.stringify((await daemon.get(`/api/v1/${name}.json`)).body);
    assert.deepEqual(await lint(await text('openapi'), { extends: [rulesets.oas] }), []);
    const ruleset = { extends: [rulesets.asyncapi], rules: asyncApiOff };
    assert.deepEqual(await lint(await text('asyncapi'), ruleset), []);
    // The linter is awake.
    assert.notDeepEqual(await lint('{"openapi":"3.1.0"}', { extends: [rulesets.oas] }), []);
  });

  it('serves an AsyncAPI document that its parser reads, with every message', async () => {
    const { body } = await daemon.get('/api/v1/asyncapi.json');
    const { document, diagnostics } = await new Parser().parse(JSON.stringify(body));
    assert.deepEqual(
      diagnostics.filter(({ code }) => !Object.hasOwn(asyncApiOff, String(code))),
      [],
    );
    const messages = document?.channels().get('events')?.messages().all() ?? [];
    assert.deepEqual(
      new Set(messages.map((one) => one.name())),
      new Set('alert hello metrics resync scst storage system tape task vtl'.split(' ')),
    );
    const wrong = await new Parser().parse('{"asyncapi":"3.0.0","channels":1}');
    assert.equal(wrong.document, undefined);
  });

  it('looks', async () => {
    const { items } = await good('GET', '/api/v1/resources?limit=1000');
    const kinds = new Set(items.map(({ kind }: Json) => kind));
    for (const kind of ['scst.target', 'tape.drive', 'vtl.library', 'systemd.unit'])
      assert.ok(kinds.has(kind), kind);
    await good('GET', '/api/v1/resources/systemd.unit/backup.service');
    for (const path of ['monitoring/metrics', 'topology', 'events', 'rules?limit=1000', 'channels'])
      await good('GET', `/api/v1/${path}`);
    for (const path of ['rules/unit-failed', 'rules/delta', 'backtest', 'health', 'session'])
      await good('GET', `/api/v1/${path}`);
    for (const path of ['/metrics', '/livez', '/readyz?verbose', '/problems', '/problems/conflict'])
      await good('GET', path);
  });

  it('tells of an alert, and lets people act on it', async () => {
    const stream = await daemon.stream();
    const { id: silence } = await good('POST', '/api/v1/silences', {
      matchers: ['unit="none.service"'],
      duration: '1h',
      comment: 'a trial',
    });
    await good('GET', `/api/v1/silences/${silence}`);
    await good('POST', '/api/v1/silences/preview', { matchers: ['severity=critical'] });
    systemd.fail('backup.service');
    const raised = await stream.find(
      ({ type, data }) => type === 'alert' && data.resource.id === 'backup.service',
    );
    const path = `${alertsPath}/${raised.data.id}`;
    await stream.find(({ type, data }) => type === 'system' && data.event === 'run-failed');
    for (const word of ['', '/timeline', '/explain', '/bundle']) await good('GET', path + word);
    const said = { comment: 'seen' };
    for (const deed of ['acknowledge', 'unacknowledge', 'comment', 'resolve'])
      await good('POST', `${path}/${deed}`, said);
    const many = { filter: 'severity=~"critical|warning"', comment: 'all of them' };
    for (const deed of ['acknowledge', 'unacknowledge', 'comment', 'resolve'])
      await good('POST', `${alertsPath}/${deed}`, many);
    await good('GET', `${alertsPath}?phase=all&limit=1000`);
    await good('DELETE', `/api/v1/silences/${silence}`);
    await good('GET', '/api/v1/silences');
    await good('POST', alertsPath, { severity: 'info', source: 'task', title: 'by hand' });
    await good('GET', '/api/v1/deliveries');
    await good('POST', '/api/v1/channels/site/test');
    stream.close();
  });

  it('takes reports, windows and recordings', async () => {
    const { id } = await good('POST', '/api/v1/tasks', { job: 'copy', key: '1', progress: 0.5 });
    await good('PATCH', `/api/v1/tasks/${id}`, { exitStatus: 0 });
    await good('GET', `/api/v1/tasks/${id}`);
    for (const query of ['', '?runs=all']) await good('GET', `/api/v1/tasks${query}`);
    const window = { calendar: 'Sat 02:00', duration: '2h', comment: 'updates' };
    const { id: opened } = await good('POST', '/api/v1/maintenance', window);
    await good('GET', `/api/v1/maintenance/${opened}`);
    await good('GET', '/api/v1/maintenance');
    await good('DELETE', `/api/v1/maintenance/${opened}`);
    const { id: recording } = await good('POST', '/api/v1/recordings', { duration: '1m' });
    await good('GET', `/api/v1/recordings/${recording}?wait=0`);
    await good('DELETE', `/api/v1/recordings/${recording}`);
  });

  it('changes rules', async () => {
    const rule = {
      id: 'disk-warm',
      kind: 'storage.disk',
      when: 'disk.temperatureCelsius > 55.0',
      severity: 'warning',
      source: 'storage',
      title: '{{ disk.id }} is warm',
    };
    await good('POST', '/api/v1/rules', rule);
    const any = { 'if-match': '*' };
    await good('PUT', '/api/v1/rules/disk-warm', { ...rule, for: '1m' }, any);
    await good('PATCH', '/api/v1/rules/disk-warm', { enabled: false }, any);
    await good('DELETE', '/api/v1/rules/disk-warm', undefined, any);
    await good('POST', '/api/v1/rules/validate', { text: 'rules: []' });
    await good('POST', '/api/v1/rules/unit-failed/drill', { for: '1s' });
    await good('POST', '/api/v1/reload');
    const path = '/api/v1/rules/backtest';
    const answer = await ask(daemon.socket, 'POST', path, { since: '1h' });
    // A daemon that has just started may have kept nothing yet.
    assert.ok([200, 409].includes(answer.status), JSON.stringify(answer.body));
    const numbers = 'kind=systemd.unit&id=backup.service&attribute=nRestarts';
    await good('GET', `/api/v1/monitoring/metrics/history?${numbers}`);
  });

  it('knows who asks', async () => {
    const { id, secret } = await good('POST', '/api/v1/tokens', { name: 'trial', role: 'admin' });
    const bearer = { authorization: `Bearer ${secret}`, host: 'box.example' };
    await good('GET', '/api/v1/tokens');
    await good('PATCH', `/api/v1/tokens/${id}`, { role: 'operator' });
    await good('POST', `/api/v1/tokens/${id}/rotate`, {});
    const asked = (method: string, path: string): Promise<Json> =>
      ask(apiSocket(), method, path, undefined, bearer);
    assert.equal((await asked('POST', '/api/v1/session')).status, 200);
    assert.equal((await asked('POST', '/api/v1/monitoring/stream-ticket')).status, 200);
    assert.equal((await asked('DELETE', '/api/v1/session')).status, 200);
    await good('DELETE', `/api/v1/tokens/${id}`);
    assert.equal((await asked('GET', '/api/v1/rules')).status, 401);
    await good('GET', '/api/v1/audit');
    await good('GET', '/api/v1/audit/verify');
  });

  it('has answered in each of its operations', () => {
    const names = new Set(contract.promised.map((promise) => promise.split(' ')[0] ?? ''));
    const seen = [...contract.seen];
    // The stream in messages; and nothing may have been kept for a backtest.
    const isOther = (name: string): boolean =>
      seen.includes('stream.follow hello') && ['stream.follow', 'rule.backtest'].includes(name);
    const never = [...names].filter(
      (name) => !isOther(name) && !seen.some((one) => one.startsWith(`${name} 2`)),
    );
    assert.deepEqual(never, []);
  });
});
