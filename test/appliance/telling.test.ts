/**
 * From a fault to people, and back: the whole tocsind on a bus with a scripted systemd, its relay
 * as a child, real receivers, and the command line as somebody would type it.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type PrivateBus, startBus } from '../support/bus.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { FakeSystemd } from '../support/fake-systemd.ts';
import type { Json } from '../support/gathering.ts';
import { openHttpSink, type SunkRequest } from '../support/http-sink.ts';
import { openSmtpSink, partOf, type SunkMail } from '../support/smtp-sink.ts';
import { commandLine } from '../support/tocsin.ts';

const needs = {
  'database.service': { requires: ['disk.service'], after: ['disk.service'] },
  'web.service': { requires: ['database.service'] },
};
const names = 'disk database web backup taken left window killed site heard mended late'.split(' ');
const units = names.map((name) => `${name}.service`);

/** Part of an address: as good as a password, and nowhere to be seen. */
const secret = 'T0pS3cretHookPath';

/** The first that fits, past or coming. */
async function first<T>(
  sink: { wait(count: number): Promise<readonly T[]> },
  fits: (one: T) => boolean,
): Promise<T> {
  for (let count = 1; ; count += 1) {
    const found = (await sink.wait(count)).find(fits);
    if (found !== undefined) return found;
  }
}

const payloadOf = ({ body }: SunkRequest): Json => JSON.parse(body);
const subjectOf = ({ headers }: SunkMail): string => headers.get('subject') ?? '';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-telling-'));
const [hook, repeats, post] = await Promise.all([openHttpSink(), openHttpSink(), openSmtpSink()]);
after(async () => {
  await Promise.all([hook.close(), repeats.close(), post.close()]);
  rmSync(folder, { recursive: true });
});

/** An empty file in place of a shipped one: what is of no use here needs no time either. */
const rules = Object.fromEntries(
  ['fc', 'host', 'scst', 'storage', 'tape', 'vtl'].map((name) => [`${name}.yaml`, 'rules: []\n']),
);

describe('what fires is told, and what people say of it is heeded', { timeout: 60_000 }, () => {
  let bus: PrivateBus;
  let systemd: FakeSystemd;
  let daemon: TestDaemon;
  const { say, run, json } = commandLine(() => daemon);

  const quick = 'groupBy: [unit], groupWait: 100ms, groupInterval: 0s, budget: 0';
  const hookSettings = `  hook: { type: webhook, url: { file: ${folder}/url }, ${quick}, repeatInterval: 0s }`;
  const settings = [
    'channels:',
    hookSettings,
    `  post: { type: mail, host: 127.0.0.1, port: ${post.port}, security: none, from: box@example.net,`,
    `          to: [oncall@example.net], ${quick}, repeatInterval: 0s }`,
    `  again: { type: webhook, url: "${repeats.url}", ${quick}, repeatInterval: 250ms,`,
    `           matchers: ['unit=~"(taken|left).service"'] }`,
    '',
  ].join('\n');

  before(async () => {
    writeFileSync(join(folder, 'url'), `${hook.url}/${secret}\n`);
    bus = await startBus();
    systemd = await FakeSystemd.start(bus.address, units, needs);
    daemon = await startDaemon({
      busAddress: bus.address,
      settings,
      rules,
      argv: ['--with-relay'],
    });
  });
  after(async () => {
    await daemon?.end('SIGKILL');
    systemd.close();
    await bus.stop();
  });

  /** The message in which the webhook is told of a unit. */
  const hooked = (unit: string, status = 'firing', rule = 'unit-failed') =>
    first(hook, (one) =>
      payloadOf(one).alerts.some(
        (told: Json) =>
          told.labels.unit === unit && told.status === status && told.labels.alertname === rule,
      ),
    );
  const mailed = (words: RegExp) => first(post, (one) => words.test(subjectOf(one)));
  const alertOf = async (unit: string): Promise<Json> =>
    (await json(`alert list unit-failed unit=${unit}`))[0];
  const deliveriesOf = (id: string): Promise<Json[]> => json(`delivery ${id}`);

  it('three units that fall together are one message: cause, victims, advice', async () => {
    for (const name of ['disk', 'database', 'web']) systemd.fail(`${name}.service`);
    const request = await hooked('disk.service');
    const { version, status, alerts } = payloadOf(request);
    assert.deepEqual([version, status, alerts.length], ['4', 'firing', 1]);
    const { annotations, labels } = alerts[0];
    assert.deepEqual([labels.severity, annotations.victims], ['critical', '2']);
    assert.match(annotations.victimTitles, /database\.service.*web\.service/);
    assert.match(annotations.advice, /systemctl status disk\.service/);
    assert.equal(request.headers['x-tocsin-sequence'], '1');
    const mail = await mailed(/\[CRITICAL\].*disk\.service failed/);
    const text = partOf(mail.raw, 'text/plain');
    assert.match(text, /Hurt +2 more alerts because of it: database\.service/);
    assert.match(text, /Do first +Read why.*disk\.service/);
    assert.match(text, new RegExp(`tocsin alert ack ${annotations.alertId}`));
    assert.match(await run(`alert explain ${annotations.alertId}`), /hook: raised, delivered: 200/);
    const victim = await alertOf('web.service');
    assert.deepEqual(await deliveriesOf(victim.id), []);
    assert.match(await run(`alert explain ${victim.id}`), /To blame is:\n {2}disk\.service failed/);
  });

  it('tells again and again what nobody has taken, and no more what somebody has', async () => {
    systemd.fail('taken.service');
    systemd.fail('left.service');
    const of = (unit: string) => (one: SunkRequest) => one.body.includes(unit);
    await Promise.all([first(repeats, of('taken.service')), first(repeats, of('left.service'))]);
    const { id } = await alertOf('taken.service');
    assert.match(await run(['alert', 'ack', id, '--comment', 'on it']), /acknowledged/);
    // From the answer on: what is on its way to the disk when somebody asks is known to nobody yet.
    const answeredAt = new Date().toISOString();
    const { acknowledgedBy } = await alertOf('taken.service');
    assert.equal(acknowledgedBy, `uid:${process.getuid?.()}`);
    const told = repeats.requests.filter(of('left.service')).length;
    await first(repeats, () => repeats.requests.filter(of('left.service')).length >= told + 2);
    const later = (await deliveriesOf(id)).filter(({ time }) => time > answeredAt);
    assert.deepEqual(later, []);
  });

  it('tells nobody of what is silenced, and of what still fires when the silence ends', async () => {
    const line = 'silence add unit=backup.service --duration 250ms --comment repair';
    assert.match(await run(line), /mutes no alert that fires now/);
    systemd.fail('backup.service');
    await mailed(/backup\.service/);
    const { id } = await alertOf('backup.service');
    const reasons = (await deliveriesOf(id)).map(({ items }) => items[0].reason);
    assert.deepEqual([...new Set(reasons)], ['unmuted']);
    assert.match(await run('silence list --all'), /expired .*unit="backup\.service" +repair/);
    const { items } = (await daemon.get(`/api/v1/monitoring/alerts/${id}/timeline`)).body;
    const types = items.map(({ type }: Json) => type);
    assert.ok(types.includes('mute-begun') && types.includes('mute-ended'), String(types));
  });

  it('reports what a maintenance window has muted, and tells what still fires', async () => {
    const open = ['maintenance', 'add', '--duration', '250ms', '--comment', 'new disks'];
    assert.match(await run([...open, 'unit=window.service']), /is open/);
    systemd.fail('window.service');
    await mailed(/window\.service failed/);
    const { raw } = await first(post, ({ raw: text }) => /still firing: critical/.test(text));
    assert.match(partOf(raw, 'text/plain'), /still firing: critical: window\.service failed/);
    await first(hook, (one) => /“new disks” is over: 1 alert, 1 still firing/.test(one.body));
  });

  it('tells the end, also of what was acknowledged', async () => {
    systemd.recover('taken.service');
    const request = await hooked('taken.service', 'resolved');
    assert.equal(payloadOf(request).status, 'resolved');
    await mailed(/\[RESOLVED\].*taken\.service/);
    systemd.recover('left.service');
  });

  it('a rule of the site is in force at once, and so is each change of it', async () => {
    const file = join(folder, 'own.yaml');
    const when = 'unit.id == "site.service" && unit.activeState == "failed"';
    const rule = { id: 'own', kind: 'systemd.unit', when, severity: 'warning', source: 'system' };
    writeFileSync(file, JSON.stringify({ rules: [{ ...rule, title: 'mine: {{ unit.id }}' }] }));
    await run(`rule add ${file}`);
    assert.equal((await say(`rule add ${file}`)).status, 7);
    systemd.fail('site.service');
    await hooked('site.service', 'firing', 'own');
    const wrong = await say(['rule', 'set', 'own', 'when=unit.activState == "x"']);
    assert.deepEqual([wrong.status, /activeState/.test(wrong.err)], [2, true]);
    await run('rule disable own');
    await hooked('site.service', 'resolved', 'own');
  });

  it('SIGKILL while a message is on its way: it comes again under its key, and only it', async () => {
    await run('silence add unit=late.service --duration 1h --comment kept');
    hook.next('hang');
    systemd.fail('killed.service');
    const before = await hooked('killed.service');
    await daemon.end('SIGKILL');
    daemon = await daemon.again();
    const isAgain = ({ number, body }: SunkRequest) =>
      number > before.number && body.includes('killed.service');
    const again = await first(hook, isAgain);
    assert.equal(again.headers['x-tocsin-key'], before.headers['x-tocsin-key']);
    assert.equal(again.body, before.body);
    await mailed(/killed\.service/);
    const keys = post.mails.filter((one) => /killed\.service/.test(subjectOf(one)));
    assert.equal(new Set(keys.map(({ headers }) => headers.get('x-tocsin-key'))).size, 1);
    assert.match(await run('silence list'), /active .*unit="late\.service" +kept/);
    assert.match(await run('rule delta'), /^own +added/m);
    assert.match(await run('rule remove own'), /own is removed/);
  });

  it('a test and a drill go the whole way, and a drill says in each place that it is one', async () => {
    assert.match(await run('channel test hook post'), /hook: delivered[\s\S]*post: delivered/);
    await mailed(/^\[TEST\] /);
    assert.equal((await say('channel test hok')).status, 4);
    const { alert, channels } = await json('drill unit-failed --id web.service --expires 300ms');
    assert.equal(alert.title, '[DRILL] web.service failed (…)');
    assert.deepEqual(channels.map((one: Json) => [one.channel, one.tells]).sort(), [
      ['again', false],
      ['hook', true],
      ['post', true],
    ]);
    const request = await first(hook, (one) => one.body.includes(alert.id));
    const { labels, annotations } = payloadOf(request).alerts[0];
    assert.deepEqual([labels.drill, annotations.summary], ['true', alert.title]);
    await first(hook, (one) => one.body.includes(alert.id) && payloadOf(one).status === 'resolved');
    const deliveries = await deliveriesOf(alert.id);
    assert.ok(deliveries.length >= 2 && deliveries.every(({ drill }) => drill));
    assert.match(
      await run(`delivery ${alert.id}`),
      /hook +\d+ +delivered +1 +\[DRILL\] raised: web/,
    );
    assert.match(await run(`alert show ${alert.id}`), /hook delivered: 200/);
  });

  it('takes a thing once that is asked for twice with the same key', async () => {
    const path = '/api/v1/monitoring/alerts';
    const body = { severity: 'warning', source: 'task', title: 'asked twice' };
    const key = { 'idempotency-key': 'k1' };
    const once = await daemon.post(path, body, key);
    const twice = await daemon.post(path, body, key);
    assert.deepEqual([once.status, twice.status, twice.body.id], [201, 201, once.body.id]);
    assert.equal((await daemon.post(path, { ...body, title: 'other' }, key)).status, 422);
    assert.match(await run(`alert resolve ${once.body.id} --comment done`), /resolved/);
  });

  it('what it records is replayed to the same, and it can say what rules would have said', async () => {
    const file = join(folder, 'recording');
    const recorded = run(`record ${file} --for 300ms`);
    systemd.fail('heard.service');
    await hooked('heard.service');
    systemd.recover('heard.service');
    await recorded;
    assert.match(await run(`replay ${file} --assert`), /./);
    const { rules } = await json('rule backtest --since 1h');
    const row = rules.find(({ id }: Json) => id === 'unit-failed');
    assert.ok(row.inForce.fired >= 8, JSON.stringify(row));
  });

  it('what is resolved by hand is told as over, though it is still true', async () => {
    systemd.fail('mended.service');
    await hooked('mended.service');
    const { id } = await alertOf('mended.service');
    await run(['alert', 'resolve', id, '--comment', 'known']);
    await hooked('mended.service', 'resolved');
    assert.match(await run(`alert show ${id}`), /still true/i);
    assert.equal((await say(`alert resolve ${id}`)).status, 7);
  });

  it('has its figures where they are looked for', async () => {
    const { body } = await daemon.get('/metrics');
    for (const line of [
      /^tocsin_deliveries_total\{channel="hook",result="delivered"\} [1-9]/m,
      /^tocsin_outbox_oldest_seconds \d/m,
      /^tocsin_channel_health\{channel="post",value="\w+"\} 1/m,
      /^tocsin_delivery_untold\{delivery="system"\} 0$/m,
      /^ALERTS\{.*alertname="unit-failed".*alertstate="firing"/m,
    ])
      assert.match(body, line);
  });

  it('a channel that a reload has removed is told nothing more', async () => {
    writeFileSync(daemon.configFile, `channels:\n${hookSettings}\n`);
    process.kill(daemon.pid, 'SIGHUP');
    await daemon.logged(/configuration read/);
    assert.deepEqual(
      (await json('channel')).map(({ name }: Json) => name),
      ['hook'],
    );
    systemd.recover('disk.service');
    await hooked('disk.service', 'resolved');
    assert.ok(!post.mails.some((one) => /RESOLVED.*disk/.test(subjectOf(one))));
    assert.equal((await say('channel test post')).status, 4);
  });

  it('shows a secret of the settings nowhere', async () => {
    const { id } = await alertOf('backup.service');
    const bundle = join(folder, 'bundle.tar.gz');
    await run(`bundle ${id} ${bundle}`);
    const texts = {
      bundle: gunzipSync(readFileSync(bundle)).toString('latin1'),
      channels: await run('channel list -o json'),
      deliveries: await run('delivery -o json'),
      log: daemon.log(),
    };
    assert.match(texts.bundle, /backup\.service/);
    for (const [name, text] of Object.entries(texts)) assert.ok(!text.includes(secret), name);
    assert.ok(hook.requests.every(({ path }) => path === `/${secret}`));
  });
});

describe('a critical alert that reaches nobody', { timeout: 30_000 }, () => {
  it('is cried on the machine itself; without a journald on its terminals', async (t) => {
    const shown = join(folder, 'shown');
    const wall = `#!/bin/sh\ncat >${shown}.new && mv ${shown}.new ${shown}\n`;
    writeFileSync(join(folder, 'wall'), wall, { mode: 0o755 });
    let daemon = await startDaemon({
      settings:
        'channels: { dead: { type: exec, command: [/bin/false], groupWait: 0s } }\n' +
        'delivery: { nobodyToldAfter: 50ms }\n',
      rules,
      environment: {
        PATH: `${folder}:${process.env.PATH}`,
        TOCSIN_JOURNAL_SOCKET: join(folder, 'no-journal'),
      },
    });
    t.after(() => daemon.end('SIGKILL'));
    const { say, run } = commandLine(() => daemon);
    await run(['alert', 'raise', '--severity', 'critical', 'pool tank is lost']);
    const failed = await say('channel test dead');
    assert.deepEqual(
      [failed.status, /dead: failed after .*false ended with 1/.test(failed.out)],
      [3, true],
    );
    // It looks for itself every ten seconds, and when it starts.
    await daemon.end('SIGKILL');
    daemon = await daemon.again();
    while (!existsSync(shown)) await new Promise((resolve) => setImmediate(resolve));
    const said = /^\[CRITICAL\] tocsin: Critical alerts that have reached nobody: 1\n/;
    assert.match(readFileSync(shown, 'utf8'), said);
    assert.match(await run('alert list nobody-told'), /^\w+ +critical +firing/m);
    assert.match(await run('channel'), /^dead +exec +failing +[12] /m);
  });
});
