/**
 * Pages of others in Debian's own Chromium, opened by somebody who is logged in to tocsin: one of
 * another site, and one of another port of the same machine, to which the browser shows the cookie.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type BehindNginx, startBehindNginx } from '../support/behind-nginx.ts';
import { type Kept, startBrowser, visit } from '../support/browser.ts';
import { startNginx, type TestNginx } from '../support/nginx.ts';
import { askSite } from '../support/web.ts';

const alertsPath = '/api/v1/monitoring/alerts';
const forged = JSON.stringify({ severity: 'critical', source: 'system', title: 'forged' });

describe('a page of somebody else', { timeout: 120_000 }, () => {
  let house: BehindNginx;
  let foreign: TestNginx;
  let browser: Browser;
  let own: string;
  let kept: Kept;

  before(async () => {
    house = await startBehindNginx({ serve: 'site' });
    own = `https://localhost:${house.nginx.port}`;
    const body = '<!doctype html><title>foreign</title><body>';
    foreign = await startNginx({
      socket: '/run/tocsin-is-not-here/api.sock',
      more: `location = /foreign { default_type text/html; return 200 '${body}'; }`,
    });
    browser = await startBrowser({
      trusted: [house.nginx.ca, foreign.ca],
      names: ['evil.example'],
    });
    const { page, context, close } = await visit(browser);
    const { headers } = await house.makeToken('visitor', 'admin');
    await page.goto(own);
    await page.getByLabel('Token').fill(headers.authorization.slice('Bearer '.length));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Firing alerts' }).waitFor();
    kept = await context.storageState();
    await close();
  });
  after(async () => {
    await browser?.close();
    await foreign?.end();
    await house?.end();
  });

  for (const { where, host, showsCookie } of [
    { where: 'on another site', host: 'evil.example', showsCookie: false },
    { where: 'on another port of this machine', host: 'localhost', showsCookie: true },
  ]) {
    describe(where, () => {
      let page: Page;
      let end: () => Promise<void>;
      const open = async (): Promise<void> => {
        await page.goto(`https://${host}:${foreign.port}/foreign`);
      };
      beforeEach(async () => {
        ({ page, close: end } = await visit(browser, kept));
      });
      afterEach(() => end());

      /** What the script resolves with; it finds our address in `own`. */
      const run = async (script: string): Promise<unknown> => {
        await open();
        return page.evaluate(`{ const own = '${own}'; ${script} }`);
      };
      /** What of a fetch a script gets to know. */
      const fetched = (path: string, options: object): Promise<unknown> => {
        const more = JSON.stringify({ credentials: 'include', ...options });
        return run(`fetch(own + '${path}', ${more}).then(
          async (answer) => answer.type + ' ' + answer.status + ' ' + (await answer.text()),
          (error) => error.name)`);
      };

      it('a request shows the cookie only where the site is the same', async () => {
        await open();
        const answered = page.waitForResponse(`${own}${alertsPath}`);
        const more = "{ credentials: 'include', mode: 'no-cors' }";
        await page.evaluate(`fetch('${own}${alertsPath}', ${more})`);
        // Who shows nothing is unknown; who shows a cookie from elsewhere is refused.
        assert.equal((await answered).status(), showsCookie ? 403 : 401);
      });

      it('cannot read', async () => {
        for (const path of [alertsPath, '/api/v1/session', '/api/v1/tokens', '/metrics']) {
          assert.equal(await fetched(path, {}), 'TypeError', path);
          assert.equal(await fetched(path, { mode: 'no-cors' }), 'opaque 0 ', path);
          const loaded = `new Promise((resolve) => {
            const script = document.createElement('script');
            script.onload = () => resolve('loaded');
            script.onerror = () => resolve('refused');
            script.src = own + '${path}';
            document.body.append(script);
          })`;
          assert.equal(await run(loaded), 'refused', path);
        }
      });

      it('cannot write: no request of a script, no form', async () => {
        const json = { 'Content-Type': 'application/json', 'X-Tocsin-CSRF': '1' };
        const raise = { method: 'POST', body: forged };
        assert.equal(await fetched(alertsPath, { ...raise, headers: json }), 'TypeError');
        assert.equal(await fetched(alertsPath, { ...raise, mode: 'no-cors' }), 'opaque 0 ');
        assert.equal(
          await fetched('/api/v1/session', { method: 'DELETE', headers: json }),
          'TypeError',
        );
        for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
          await open();
          const answered = page.waitForResponse(`${own}${alertsPath}`);
          await page.evaluate(`{
            const form = document.createElement('form');
            Object.assign(form, { method: 'POST', enctype: '${type}', action: '${own}${alertsPath}' });
            const field = document.createElement('input');
            [field.name, field.value] = ['${forged.slice(0, -1)},"x":"', '"}'];
            form.append(field);
            document.body.append(form);
            form.submit();
          }`);
          const answer = await answered;
          assert.equal(answer.status(), 403, type);
          await answer.finished();
          await page.waitForLoadState();
        }
        const { body } = await house.daemon().get(alertsPath);
        assert.deepEqual(body.items, []);
        const cookie = kept.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
        const who = await askSite(house.nginx, '/api/v1/session', { headers: { cookie } });
        assert.equal(who.body.role, 'admin');
      });

      it('cannot open the stream', async () => {
        const bySocket = `new Promise((resolve) => {
          const socket = new WebSocket(own.replace('https', 'wss') + '/api/v1/monitoring/events');
          socket.onopen = () => resolve('open');
          socket.onclose = ({ code }) => resolve(code);
        })`;
        assert.equal(await run(bySocket), 1006);
        const byEvents = `new Promise((resolve) => {
          const source = new EventSource(own + '/api/v1/monitoring/events', { withCredentials: true });
          source.onmessage = () => resolve('told');
          source.onerror = () => resolve(source.readyState);
        })`;
        assert.equal(await run(byEvents), 2);
      });

      it('cannot frame the page', async () => {
        await run(`new Promise((resolve) => {
          const frame = document.createElement('iframe');
          frame.onload = resolve;
          frame.src = own + '/';
          document.body.append(frame);
        })`);
        const [frame] = page.mainFrame().childFrames();
        assert.ok(frame);
        assert.doesNotMatch(await frame.content(), /Firing alerts|Log out|Token/);
      });

      it('can link to the page, and who follows the link is logged in', async () => {
        await run(`{
          const link = document.createElement('a');
          link.href = own + '/';
          link.textContent = 'to tocsin';
          document.body.append(link);
        }`);
        await page.getByText('to tocsin').click();
        await page.getByRole('heading', { name: 'Firing alerts' }).waitFor();
        await page.getByText('token:visitor, admin').waitFor();
      });

      it('has got nothing but refusals', () => {
        // All that was asked with success is what the visitors' own pages have asked for.
        const wrote = house.nginx
          .requests()
          .split('\n')
          .filter((line) => /^2\d\d (POST|DELETE|OPTIONS)/.test(line));
        assert.deepEqual(wrote, ['200 POST /api/v1/session HTTP/2.0']);
      });
    });
  }
});
