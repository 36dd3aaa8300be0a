/** The page in Debian's own Chromium, through Debian's real nginx with the example site and TLS. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { type BehindNginx, startBehindNginx } from '../support/behind-nginx.ts';
import {
  assertAccessible,
  assertFits,
  type Kept,
  startBrowser,
  type Visitor,
  visit,
} from '../support/browser.ts';
import { askSite } from '../support/web.ts';

/** Of the page itself: a stream that breaks off, and what is then refused, is not. */
const ownComplaints = ({ complaints }: { readonly complaints: readonly string[] }) =>
  complaints.filter((text) => !text.startsWith('Failed to load resource: '));

const refusedLogin = 'Failed to load resource: the server responded with a status of 401 ()';

// nginx takes six logins at once and one more each six seconds: there are five here.
describe('the page in a browser', { timeout: 120_000 }, () => {
  let house: BehindNginx;
  let browser: Browser;
  let address: string;
  let kept: Kept;
  async function open(withCookies?: Kept): Promise<Visitor> {
    const visitor = await visit(browser, withCookies);
    await visitor.page.goto(address);
    return visitor;
  }
  /** Gives a token to the form, and waits for the list. */
  async function logIn({ page }: Visitor, { authorization }: { readonly authorization: string }) {
    await page.getByLabel('Token').fill(authorization.slice('Bearer '.length));
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'Firing alerts' }).waitFor();
  }
  async function enter(name: string) {
    const { id, headers } = await house.makeToken(name, 'operator');
    const visitor = await open();
    await logIn(visitor, headers);
    return { id, ...visitor };
  }
  /** A visitor who has been here before. */
  async function comeBack(): Promise<Visitor> {
    const visitor = await open(kept);
    await visitor.page.getByRole('heading', { name: 'Firing alerts' }).waitFor();
    return visitor;
  }
  async function change(id: string, what: 'acknowledge' | 'resolve'): Promise<void> {
    const { status } = await house.daemon().post(`/api/v1/monitoring/alerts/${id}/${what}`, {});
    assert.equal(status, 200);
  }
  const rowOf = ({ page }: Visitor, title: string) =>
    page.getByRole('row').filter({ hasText: title });

  before(async () => {
    house = await startBehindNginx({ serve: 'site' });
    address = `https://localhost:${house.nginx.port}/`;
    browser = await startBrowser({ trusted: [house.nginx.ca] });
    kept = await (await enter('person')).context.storageState();
  });
  after(async () => {
    await browser?.close();
    await house?.end();
  });

  it('the browser keeps the session where no script, no other site and no plain HTTP has it', async () => {
    const { context, page } = await comeBack();
    const cookies = await context.cookies();
    assert.equal(cookies.length, 1);
    assert.partialDeepStrictEqual(cookies[0], {
      name: '__Host-tocsin',
      domain: 'localhost',
      path: '/',
      // With the browser.
      expires: -1,
      httpOnly: true,
      secure: true,
      sameSite: 'Strict',
    });
    assert.equal(await page.evaluate('document.cookie'), '');
    assert.equal(await page.evaluate('localStorage.length + sessionStorage.length'), 0);
  });

  it('a wrong token is said to be one', async () => {
    const { page, complaints } = await open();
    await page.getByLabel('Token').fill('toc_wrong_wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'the token is not valid' }).waitFor();
    assert.equal(await page.getByLabel('Token').inputValue(), '');
    assert.deepEqual(complaints, [refusedLogin]);
  });

  it('an alert appears, is acknowledged and goes while somebody looks on', async () => {
    const visitor = await comeBack();
    await visitor.page.evaluate('globalThis.isStillThis = true');
    const { id } = await house.raise('the library does not answer');
    const row = rowOf(visitor, 'the library does not answer');
    await row.waitFor();
    await change(id, 'acknowledge');
    await row.filter({ hasText: 'warning (acknowledged)' }).waitFor();
    await change(id, 'resolve');
    await row.waitFor({ state: 'detached' });
    assert.equal(await visitor.page.evaluate('isStillThis'), true);
    assert.deepEqual(visitor.complaints, []);
  });

  it('a script of the page follows the stream by WebSocket', async () => {
    const { page, complaints } = await comeBack();
    await page.evaluate(`new Promise((resolve) => {
      globalThis.told = '';
      const socket = new WebSocket('/api/v1/monitoring/events?types=alert');
      socket.onmessage = ({ data }) => { told += data; resolve(); };
    })`);
    await house.raise('told by WebSocket');
    await page.waitForFunction(`told.includes('told by WebSocket')`);
    assert.deepEqual(complaints, []);
  });

  it('who loads the page again is still logged in', async () => {
    const visitor = await comeBack();
    await house.raise('there before and after');
    await rowOf(visitor, 'there before and after').waitFor();
    await visitor.page.reload();
    await rowOf(visitor, 'there before and after').waitFor();
    assert.deepEqual(visitor.complaints, []);
  });

  it('what an alert says is shown as it is, and nothing of it runs', async () => {
    const visitor = await comeBack();
    const title = '<img src=x onerror="alert(1)"> \u202egnp.exe \u200b\u2066<b>שלום</b>\u2069';
    await house.raise(title);
    const row = rowOf(visitor, 'gnp.exe');
    await row.waitFor();
    assert.equal(await row.getByRole('cell').nth(1).textContent(), title);
    assert.equal(await visitor.page.locator('img, b').count(), 0);
    assert.deepEqual(visitor.complaints, []);
  });

  it('a script that somebody gets into the page does not run, and the browser says so', async () => {
    const { page, complaints } = await comeBack();
    await page.evaluate(`{
      const script = document.createElement('script');
      script.textContent = 'globalThis.hasRun = true';
      document.body.append(script);
    }`);
    assert.equal(await page.evaluate('globalThis.hasRun'), undefined);
    assert.match(String(complaints), /inline script.*Content Security Policy directive/);
  });

  it('with the keyboard alone one logs in, reaches the first alert and stays there', async () => {
    await house.raise('first by keyboard');
    const { headers } = await house.makeToken('keyboard', 'viewer');
    const { page, complaints } = await open();
    await page.getByLabel('Token').waitFor();
    await page.keyboard.type(headers.authorization.slice('Bearer '.length));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('row').nth(1).waitFor();
    await page.keyboard.press('Tab');
    const focused = () => page.evaluate<string>('document.activeElement.innerText');
    assert.match(await focused(), /first by keyboard/);
    await house.raise('comes meanwhile');
    await page.getByText('comes meanwhile').waitFor();
    assert.match(await focused(), /first by keyboard/);
    assert.deepEqual(complaints, []);
  });

  it('a reload of nginx, the end of its workers and a restart of tocsin hide no alert', async () => {
    const visitor = await comeBack();
    const { nginx } = house;
    await visitor.page.evaluate('globalThis.isStillThis = true');
    const old = nginx.workers();
    await nginx.reload();
    await house.raise('after the reload');
    await rowOf(visitor, 'after the reload').waitFor();
    assert.equal(visitor.complaints.join(), '');
    for (const pid of old) if (nginx.workers().includes(pid)) process.kill(pid, 'SIGKILL');
    await house.raise('after the end of the workers');
    await rowOf(visitor, 'after the end of the workers').waitFor();
    await house.restart();
    await house.raise('after the restart');
    await rowOf(visitor, 'after the restart').waitFor();
    await visitor.page
      .getByRole('status')
      .filter({ hasText: /^\d+ firing$/ })
      .waitFor();
    assert.equal(await visitor.page.evaluate('isStillThis'), true);
    assert.deepEqual(ownComplaints(visitor), []);
  });

  // Each waits until the stream is looked at again.
  describe('a session that ends', { concurrency: true }, () => {
    it('by logging out is over here and in another window, and shows no alert any more', async () => {
      await house.raise('not for the next person');
      const visitor = await enter('leaving');
      const { context, page } = visitor;
      const other = await context.newPage();
      await other.goto(address);
      await other.getByText('not for the next person').waitFor();
      const cookies = await context.cookies();
      await page.getByRole('button', { name: 'Log out' }).click();
      await page.getByLabel('Token').waitFor();
      assert.deepEqual(await context.cookies(), []);
      await other.getByText('your session is over: log in again').waitFor();
      for (const left of [page, other])
        assert.doesNotMatch(await left.content(), /not for the next person/);
      // Also for who has kept the cookie.
      await context.addCookies(cookies);
      await page.reload();
      await page.getByLabel('Token').waitFor();
      assert.deepEqual(visitor.complaints, []);
    });

    it('by the token being revoked says so within 30 s', async () => {
      const visitor = await enter('revoked');
      const { id, page } = visitor;
      const began = performance.now();
      const answer = await askSite(house.nginx, `/api/v1/tokens/${id}`, {
        method: 'DELETE',
        headers: house.admin,
      });
      assert.equal(answer.status, 200);
      await page.getByRole('alert').filter({ hasText: 'your session is over' }).waitFor();
      assert.ok(performance.now() - began < 30_000);
      assert.equal(await page.getByRole('heading', { name: 'Firing alerts' }).isVisible(), false);
      assert.deepEqual(ownComplaints(visitor), []);
    });
  });

  it('keeps nobody out: axe finds nothing, and a narrow window shows all of it', async () => {
    const stranger = await open();
    await stranger.page.getByLabel('Token').waitFor();
    const { id } = await house.raise('known already');
    await change(id, 'acknowledge');
    await house.raise('w'.repeat(200));
    const visitor = await comeBack();
    await rowOf(visitor, 'www').waitFor();
    for (const each of [stranger, visitor]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await each.page.emulateMedia({ colorScheme });
        await assertFits(each, 1280);
        await assertAccessible(each);
        await assertFits(each, 360);
        await assertAccessible(each);
      }
      assert.deepEqual(each.complaints, []);
    }
    // A narrow list is still a table to who hears it.
    assert.ok((await visitor.page.getByRole('row').count()) > 2);
  });
});
