/**
 * SIGKILL of tocsind and of tocsin-relay at 200 random points while critical alerts are raised and
 * told to a real mail server and a real webhook: every alert that the API called raised arrives by
 * both, what arrives twice has the same key and number, and the order of each channel holds.
 *
 * Half of the points follow a step closely (the API has answered, the webhook or the mail has
 * arrived and is not answered yet), so that they fall between it and the next one.
 */
import assert from 'node:assert/strict';
import { after, describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ask } from '../support/daemon.ts';
import { openHttpSink } from '../support/http-sink.ts';
import { preparePrograms, type TestPrograms } from '../support/programs.ts';
import { openSmtpSink, partOf } from '../support/smtp-sink.ts';

const killsMax = Number(process.env.KILLS ?? 200);
/** Between two kills, when nothing is waited for; and the longest wait for a step. */
const restMsMax = 450;
const stepMsMax = 1000;
/** After the step that was waited for. */
const afterStepMsMax = 12;
const drainMsMax = 60_000;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Arrived {
  readonly key: string;
  readonly sequence: number;
  /** Titles of the alerts in it. */
  readonly titles: readonly string[];
  readonly body: string;
}

const titlesIn = (text: string): string[] => [...new Set(text.match(/raised-\d{5}/g) ?? [])];

async function openSinks() {
  const [http, smtp] = await Promise.all([openHttpSink(), openSmtpSink()]);
  const common = 'groupWait: 0s, groupInterval: 0s, repeatInterval: 0s, budget: 0';
  return {
    http,
    smtp,
    settings: [
      'channels:',
      `  hook: { type: webhook, url: "${http.url}", ${common} }`,
      `  mail: { type: mail, host: 127.0.0.1, port: ${smtp.port}, security: none, ${common},`,
      '          from: box@example.net, to: [oncall@example.net] }',
      '',
    ].join('\n'),
    arrived: (): Readonly<Record<'hook' | 'mail', readonly Arrived[]>> => ({
      hook: http.requests.map(({ body, headers }) => ({
        key: String(headers['x-tocsin-key']),
        sequence: Number(headers['x-tocsin-sequence']),
        titles: titlesIn(body),
        body,
      })),
      mail: smtp.mails.map(({ headers, raw }) => ({
        key: headers.get('x-tocsin-key') ?? '',
        sequence: Number(headers.get('x-tocsin-sequence')),
        titles: titlesIn(partOf(raw, 'text/plain')),
        body: partOf(raw, 'text/plain'),
      })),
    }),
  };
}

/** Raises one alert after the other until it is stopped, each until the API calls it raised. */
class Raiser {
  readonly raised: string[] = [];
  #stopped = false;
  #waiting: (() => void)[] = [];
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Resolves when the next one has been raised. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      const title = `raised-${String(this.raised.length + 1).padStart(5, '0')}`;
      const body = { severity: 'critical', source: 'storage', title, key: title };
      const answer = await ask(this.#socket, 'POST', '/api/v1/monitoring/alerts', body).catch(
        () => undefined,
      );
      if (answer?.status === 201 || answer?.status === 200) {
        this.raised.push(title);
        for (const resolve of this.#waiting.splice(0)) resolve();
      }
      await pause(30);
    }
  }
}

const until = (step: Promise<unknown>): Promise<unknown> =>
  Promise.race([step, pause(stepMsMax, undefined, { ref: false })]);

async function killAndRestart(
  { daemon, relay }: TestPrograms,
  random: () => number,
  waitForStep: () => Promise<unknown>,
): Promise<void> {
  if (random() < 0.5) {
    await waitForStep();
    await pause(random() * afterStepMsMax);
  } else {
    await pause(random() * restMsMax);
  }
  const which = random();
  const victims = which < 0.45 ? [relay] : which < 0.85 ? [daemon] : [relay, daemon];
  await Promise.all(victims.map((one) => one.end()));
  for (const one of victims) one.start();
}

/** What holds for a channel, whatever was killed. Returns how many came twice. */
function judge(arrived: readonly Arrived[], raised: readonly string[]): number {
  const told = new Set(arrived.flatMap(({ titles }) => titles));
  assert.deepEqual(
    raised.filter((title) => !told.has(title)),
    [],
    'lost',
  );
  const first = new Map<string, Arrived>();
  let last = 0;
  for (const one of arrived) {
    assert.ok(one.sequence >= last, `${one.sequence} came after ${last}`);
    last = one.sequence;
    const before = first.get(one.key);
    assert.equal(before?.body ?? one.body, one.body, `two texts under the key ${one.key}`);
    assert.equal(before?.sequence ?? one.sequence, one.sequence, `two numbers of ${one.key}`);
    first.set(one.key, before ?? one);
  }
  const sequences = [...first.values()].map(({ sequence }) => sequence);
  assert.deepEqual(
    sequences,
    sequences.map((_, i) => i + 1),
    'numbers without a gap, each under one key',
  );
  return arrived.length - first.size;
}

describe('delivery while its processes are killed', { timeout: 240_000 }, () => {
  const endings: (() => Promise<unknown>)[] = [];
  after(() => Promise.all(endings.map((end) => end())));

  async function surviveKills(t: TestContext): Promise<void> {
    const seed = Number(process.env.SEED ?? Math.floor(performance.timeOrigin % 1e9));
    t.diagnostic(`SEED=${seed}`);
    const random = randomFrom(seed);
    const sinks = await openSinks();
    const programs = preparePrograms();
    programs.writeSettings(sinks.settings);
    endings.push(
      () => programs.daemon.end(),
      () => programs.relay.end(),
    );
    endings.push(
      () => sinks.http.close(),
      () => sinks.smtp.close(),
    );
    programs.daemon.start();
    programs.relay.start();
    const raiser = new Raiser(programs.socket);
    const raising = raiser.run();
    const steps = [
      () => until(raiser.next()),
      () => until(sinks.http.wait(sinks.http.requests.length + 1)),
      () => until(sinks.smtp.wait(sinks.smtp.mails.length + 1)),
    ];
    for (let kill = 0; kill < killsMax; kill += 1) {
      const step = steps[Math.floor(random() * steps.length)] ?? (() => pause(0));
      await killAndRestart(programs, random, step);
    }
    raiser.stop();
    await raising;
    const isTold = (): boolean =>
      Object.values(sinks.arrived()).every((arrived) => {
        const told = new Set(arrived.flatMap(({ titles }) => titles));
        return raiser.raised.every((title) => told.has(title));
      });
    for (const end = performance.now() + drainMsMax; !isTold() && performance.now() < end; ) {
      await pause(50);
    }
    const { hook, mail } = sinks.arrived();
    try {
      const twice = [judge(hook, raiser.raised), judge(mail, raiser.raised)];
      t.diagnostic(
        `${killsMax} kills; ${raiser.raised.length} alerts in ${hook.length} requests ` +
          `(${twice[0]} twice) and ${mail.length} mails (${twice[1]} twice)`,
      );
    } catch (error) {
      t.diagnostic(programs.daemon.log().slice(-3000));
      t.diagnostic(programs.relay.log().slice(-3000));
      throw error;
    }
    assert.ok(raiser.raised.length > killsMax / 4, 'the daemon had hardly time to do anything');
  }

  it(`loses nothing through ${killsMax} kills`, surviveKills);
});
