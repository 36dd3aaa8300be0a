/** The page as a browser runs it: its script in a room of its own, with what it asks written down. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { settled } from '../../../test/support/fake-clock.ts';
import { serve } from '../testing/serve.ts';
import { pageHtml } from './assets.ts';
import { pageScript } from './script.ts';

class Element {
  hidden = true;
  value = '';
  textContent = '';
  readonly listeners = new Map<string, (event: object) => void>();
  append: (what: unknown) => void = () => undefined;
  replaceChildren = (): unknown => undefined;
  insertRow = (): Element => new Element();
  insertCell = (): Element => new Element();
  addEventListener(type: string, listener: (event: object) => void): void {
    this.listeners.set(type, listener);
  }
  focus = (): void => undefined;
  fire(type: string): void {
    this.listeners.get(type)?.({ preventDefault: () => undefined });
  }
}

/** Runs the page against these answers. */
async function openPage(answers: (method: string, path: string) => object | Promise<object>) {
  const elements = new Map<string, Element>();
  const find = (name: string): Element => {
    const element = elements.get(name) ?? new Element();
    elements.set(name, element);
    return element;
  };
  const asked: string[] = [];
  const streams: {
    url: string;
    onerror?: () => void;
    onmessage?: (message: { readonly data: string }) => void;
    readyState: number;
  }[] = [];
  const timers: (() => void)[] = [];
  const context = createContext({
    document: { getElementById: find, querySelector: find, createElement: () => new Element() },
    fetch: async (path: string, more: { method?: string; headers?: object } = {}) => {
      const { method = 'GET', headers = {} } = more;
      asked.push(`${method} ${path} ${JSON.stringify(headers)}`);
      const answer = await answers(method, path);
      return { ok: !('detail' in answer), json: async () => answer };
    },
    EventSource: class {
      static readonly CLOSED = 2;
      readyState = 1;
      readonly url: string;
      constructor(url: string) {
        this.url = url;
        streams.push(this);
      }
      close(): void {
        this.readyState = 2;
      }
    },
    setInterval: () => undefined,
    setTimeout: (call: () => void) => timers.push(call),
  });
  runInContext(pageScript, context);
  await settled();
  return { find, asked, streams, timers };
}

const nobody = { name: 'anonymous', role: 'none', by: 'nothing' };
const somebody = { name: 'token:anna', role: 'operator', by: 'session' };
const page = { items: [], nextCursor: null };

test('who is not logged in sees the form, and nothing is asked for them', async () => {
  const { find, asked, streams } = await openPage((_, path) =>
    path === '/api/v1/session' ? nobody : { status: 'healthy' },
  );
  assert.deepEqual(
    [find('login').hidden, find('list').hidden, find('who').hidden],
    [false, true, true],
  );
  assert.equal(streams.length, 0);
  assert.deepEqual(asked, ['GET /api/v1/session {}', 'GET /api/v1/health {}']);
});

test('the token goes into one request and out of the form; then the alerts are followed', async () => {
  let isIn = false;
  const { find, asked, streams } = await openPage((method, path) => {
    isIn ||= method === 'POST';
    if (path === '/api/v1/session') return isIn ? somebody : nobody;
    return path === '/api/v1/health' ? { status: 'healthy' } : page;
  });
  find('token').value = ' toc_a_b ';
  find('login').fire('submit');
  await settled();
  assert.ok(asked.includes('POST /api/v1/session {"Authorization":"Bearer toc_a_b"}'));
  assert.equal(find('token').value, '');
  assert.deepEqual(
    [find('login').hidden, find('list').hidden, find('who').hidden],
    [true, false, false],
  );
  assert.equal(find('name').textContent, 'token:anna, operator');
  assert.equal(streams.length, 1);
});

test('a wrong token is said to be one', async () => {
  const { find } = await openPage((method) =>
    method === 'POST' ? { detail: 'the token is not valid' } : nobody,
  );
  find('login').fire('submit');
  await settled();
  assert.equal(find('refused').textContent, 'the token is not valid');
  assert.equal(find('login').hidden, false);
});

test('logging out says so with the header of our page, and shows the form again', async () => {
  let isIn = true;
  const { find, asked, streams } = await openPage((method, path) => {
    if (method === 'DELETE') isIn = false;
    if (path === '/api/v1/session') return isIn ? somebody : nobody;
    return path === '/api/v1/health' ? { status: 'healthy' } : page;
  });
  find('leave').fire('click');
  await settled();
  assert.ok(asked.includes('DELETE /api/v1/session {"X-Tocsin-CSRF":"1"}'));
  assert.deepEqual([find('login').hidden, streams[0]?.readyState], [false, 2]);
});

test('a stream that is refused leads to the form when the session is over', async () => {
  let isIn = true;
  const { find, streams, timers } = await openPage((_, path) => {
    if (path === '/api/v1/session') return isIn ? somebody : nobody;
    return path === '/api/v1/health' ? { status: 'healthy' } : page;
  });
  isIn = false;
  const [stream] = streams;
  assert.ok(stream);
  stream.readyState = 2;
  stream.onerror?.();
  for (const call of timers) call();
  await settled();
  assert.equal(find('login').hidden, false);
});

/** As the stream tells it, and as the list holds it. */
const alertOf = (id: string, phase = 'firing') => ({
  id,
  phase,
  severity: 'info',
  title: id,
  resource: {},
  startsAt: '',
});

test('what the stream tells while the list is on its way is neither lost nor undone', async () => {
  const lists: ((page: object) => void)[] = [];
  const { find, streams } = await openPage((_, path) => {
    if (path === '/api/v1/session') return somebody;
    if (path === '/api/v1/health') return { status: 'healthy' };
    return new Promise((resolve) => lists.push(resolve));
  });
  const tell = (type: string, data: object): void =>
    streams[0]?.onmessage?.({ data: JSON.stringify({ type, data }) });
  const drawn: string[] = [];
  find('tbody').replaceChildren = () => drawn.splice(0);
  find('tbody').insertRow = () => {
    const row = new Element();
    drawn.push('');
    row.insertCell = () => {
      const cell = new Element();
      cell.append = (text) => {
        drawn[drawn.length - 1] += `${String(text)} `;
      };
      return cell;
    };
    return row;
  };
  tell('alert', alertOf('old'));
  tell('system', { event: 'hello' });
  tell('alert', alertOf('new'));
  tell('alert', alertOf('ended', 'resolved'));
  lists[1]?.({ items: [alertOf('old'), alertOf('ended')], nextCursor: null });
  await settled();
  // The answer to what was asked before comes last, and is out of date.
  lists[0]?.({ items: [], nextCursor: null });
  await settled();
  assert.deepEqual(
    drawn.map((row) => row.split(' ')[1]),
    ['new', 'old'],
  );
});

test('a list that cannot be had is said so, whatever comes meanwhile, and asked for again', async () => {
  let page: object = { detail: 'too many requests' };
  const { find, streams, timers } = await openPage((_, path) => {
    if (path === '/api/v1/session') return somebody;
    return path === '/api/v1/health' ? { status: 'healthy' } : page;
  });
  const data = JSON.stringify({ type: 'alert', data: alertOf('one') });
  streams[0]?.onmessage?.({ data });
  page = { items: [alertOf('one'), alertOf('two')], nextCursor: null };
  const [again, drawing] = timers;
  drawing?.();
  assert.equal(find('state').textContent, 'too many requests');
  again?.();
  await settled();
  assert.equal(find('state').textContent, '2 firing');
});

test('of more alerts than are drawn the worst are, and how many there are is said', async () => {
  const old = { ...alertOf('old'), severity: 'critical' };
  const many = Array.from({ length: 2100 }, (_, i) => alertOf(`a${i}`));
  const { find, streams, timers } = await openPage((_, path) => {
    if (path === '/api/v1/session') return somebody;
    if (path === '/api/v1/health') return { status: 'healthy' };
    return path.endsWith('cursor=x')
      ? { items: [old], nextCursor: null }
      : { items: many, nextCursor: 'x' };
  });
  const rows: Element[] = [];
  find('tbody').insertRow = () => {
    const row = new Element();
    rows.push(row);
    return row;
  };
  streams[0]?.onmessage?.({ data: JSON.stringify({ type: 'alert', data: old }) });
  for (const call of timers) call();
  assert.equal(find('state').textContent, '2101 firing, the worst 2000 are shown');
  assert.equal(rows.length, 2000);
  assert.partialDeepStrictEqual(rows[0], { className: 'critical', id: 'alert-old' });
});

test('a tocsin that does not answer is not said to be well', async () => {
  const { find } = await openPage((_, path) =>
    path === '/api/v1/session' ? nobody : { status: 503 },
  );
  assert.equal(find('health').textContent, 'health not known');
});

test('many alerts at once are drawn at once, and the one who left sees none of them', async () => {
  let isIn = true;
  const { find, streams, timers } = await openPage((method, path) => {
    if (method === 'DELETE') isIn = false;
    if (path === '/api/v1/session') return isIn ? somebody : nobody;
    return path === '/api/v1/health' ? { status: 'healthy' } : page;
  });
  const drawn: string[] = [];
  find('tbody').replaceChildren = () => drawn.push('');
  find('tbody').insertRow = () => {
    drawn[drawn.length - 1] += 'row ';
    return new Element();
  };
  const tell = (id: string): void =>
    streams[0]?.onmessage?.({ data: JSON.stringify({ type: 'alert', data: alertOf(id) }) });
  for (const id of ['a', 'b', 'c']) tell(id);
  assert.deepEqual(drawn, []);
  for (const call of timers.splice(0)) call();
  assert.deepEqual(drawn, ['row row row ']);
  tell('d');
  find('leave').fire('click');
  await settled();
  for (const call of timers) call();
  assert.deepEqual(drawn.slice(1), ['', '']);
});

test('the page needs no inline script or style, and allows none', async (t) => {
  assert.doesNotMatch(pageHtml, /<script(?![^>]*src=)|<style|\son\w+=|\sstyle=|javascript:/i);
  assert.doesNotMatch(
    pageScript,
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b/,
  );
  const answer = await (await serve(t)).askAt('api', '/');
  const policy = String(answer.headers['content-security-policy']);
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|data:/);
});
