/**
 * Texts and JSON that nobody should send, to the whole daemon: each request is answered, none with
 * a fault of ours, and what was taken is well-formed Unicode and the same after SIGKILL.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import type { Json } from '../support/gathering.ts';

const path = '/api/v1/monitoring/alerts';
/** A request that holds the loop for longer than this holds everybody up. The issue's figure. */
const answerMsMax = 2000;

/** Any UTF-16, lone surrogates, NUL, direction marks and terminal escapes among it. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
    .map((codes) => String.fromCharCode(...codes)),
  fc.constantFrom(
    '\u202egnp.exe',
    '\ud800',
    'a\u0000b',
    '\u001b]0;owned\u0007',
    'two\nlines',
    '\uFFFE\uFFFF',
  ),
);

describe('hostile texts over REST', { timeout: 60_000 }, () => {
  let daemon: TestDaemon;
  before(async () => {
    daemon = await startDaemon();
  });
  after(async () => {
    await daemon?.end('SIGKILL');
  });

  /** JSON in which every character beyond ASCII is an escape: lone surrogates arrive as such. */
  const escaped = (value: Json): string =>
    JSON.stringify(value).replaceAll(
      /[^\x20-\x7e]/g,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );

  async function post(body: string | Buffer, type = 'application/json') {
    const sent = request({
      socketPath: daemon.socket,
      method: 'POST',
      path,
      agent: false,
      headers: { 'content-type': type, 'content-length': Buffer.byteLength(body) },
    });
    const began = performance.now();
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let said = '';
    for await (const chunk of response.setEncoding('utf8')) said += chunk;
    const took = performance.now() - began;
    assert.ok(took < answerMsMax, `${took} ms`);
    return { status: response.statusCode ?? 0, body: JSON.parse(said) };
  }

  const strings = (value: Json): readonly string[] => {
    if (typeof value === 'string') return [value];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, one]) => [key, ...strings(one)]);
  };

  it('any text is taken or refused, and is well-formed and the same after SIGKILL when it was taken', async () => {
    const taken = new Map<string, Json>();
    const seed = Number(process.env.SEED ?? Math.floor(performance.timeOrigin % 1e9));
    await fc.assert(
      fc.asyncProperty(text, text, text, text, async (title, message, label, id) => {
        const alert = {
          severity: 'warning',
          source: 'system',
          title,
          message,
          labels: { site: label },
          resource: { kind: 'test.thing', id },
        };
        const answer = await post(escaped(alert));
        assert.ok([200, 201, 400].includes(answer.status), JSON.stringify(answer));
        if (answer.status === 400) return;
        for (const one of strings(answer.body)) assert.ok(one.isWellFormed(), escaped(one));
        taken.set(answer.body.id, answer.body);
      }),
      { numRuns: 100, seed },
    );
    assert.ok(taken.size > 0, `nothing was taken, SEED=${seed}`);
    await daemon.end('SIGKILL');
    daemon = await daemon.again();
    for (const [id, before] of taken) {
      const { body } = await daemon.get(`${path}/${id}`);
      for (const name of ['title', 'message', 'labels', 'resource'])
        assert.deepEqual(body[name], before[name], `SEED=${seed}`);
    }
  });

  const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const valid = '"severity":"warning","source":"system","title":"a"';
  for (const [name, body] of [
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['half a UTF-8 character', Buffer.from(`{${valid},"message":"\xf0\x9f"}`, 'latin1')],
    ['lists 60,000 deep', deep(30_000)],
    ['a list 33 deep', `{${valid},"labels":${deep(33)}}`],
    ['__proto__', `{${valid},"__proto__":{"role":"admin"}}`],
    ['__proto__ within', `{${valid},"labels":{"__proto__":"x"}}`],
    ['constructor and prototype', `{${valid},"constructor":{"prototype":{"role":"admin"}}}`],
    ['1e400', `{${valid},"expiresAfter":1e400}`],
    ['a number of 40,000 digits', `{${valid},"expiresAfter":${'9'.repeat(40_000)}}`],
    ['NaN', `{${valid},"expiresAfter":NaN}`],
    ['the same name a thousand times', `{${`${valid},`.repeat(1000)}"labels":1}`],
    ['a text for an object', '"severity"'],
    ['null', 'null'],
    ['two values', `{${valid}}{${valid}}`],
  ] as const)
    it(`a body with ${name} is refused with 400`, async () => {
      const answer = await post(body);
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
    });

  it('a body above the limit is refused with 413', async () => {
    assert.equal((await post(`{"title":"${'x'.repeat(200_000)}"}`)).status, 413);
  });

  it('none of it was a fault of ours', () => {
    assert.doesNotMatch(daemon.log(), /error: request|TypeError|RangeError| {4}at /);
  });
});
