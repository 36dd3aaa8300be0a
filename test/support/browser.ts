/**
 * Debian's own Chromium without a window, and what a page in it complains of. It trusts the
 * certificates that it is given, by their keys, and ends with this process.
 */
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const program = '/usr/bin/chromium-headless-shell';
/** Longer than anything that a page waits for; a revoked session is seen within 30 s. */
const waitMsMax = 40_000;

export interface BrowserOptions {
  /** Certificates as PEM, also for a name that they are not made for. */
  readonly trusted: readonly string[];
  /** Names that are this machine's. */
  readonly names?: readonly string[];
}

function fingerprintOf(pem: string): string {
  const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}

/** Through a pipe of its own: when this process goes, however it does, the browser goes too. */
export function startBrowser({ trusted, names = [] }: BrowserOptions): Promise<Browser> {
  const rules = names.map((name) => `MAP ${name} 127.0.0.1`).join(',');
  return chromium.launch({
    executablePath: program,
    args: [
      `--ignore-certificate-errors-spki-list=${trusted.map(fingerprintOf).join(',')}`,
      ...(rules === '' ? [] : [`--host-resolver-rules=${rules}`]),
    ],
  });
}

/** What a visitor has kept: cookies. */
export type Kept = Awaited<ReturnType<BrowserContext['storageState']>>;

export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser has said against the page: errors, warnings, exceptions, dialogs. */
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;
}

/** Somebody with cookies of their own, and one page. */
export async function visit(browser: Browser, kept?: Kept): Promise<Visitor> {
  const context = await browser.newContext(kept === undefined ? {} : { storageState: kept });
  context.setDefaultTimeout(waitMsMax);
  // By the debugger: the policy of a page says nothing about it.
  await context.addInitScript({ content: axe.source });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => undefined);
  });
  return { context, page, complaints, close: () => context.close() };
}

interface AxeResults {
  readonly passes: readonly object[];
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** Fails with what axe-core finds that keeps people out; all its rules count. */
export async function assertAccessible({ page }: Visitor): Promise<void> {
  const { passes, violations } = await page.evaluate<AxeResults>('axe.run()');
  assert.ok(passes.length > 10, `axe has looked at little: ${passes.length} rules`);
  assert.deepEqual(
    violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]),
    [],
  );
}

/** Fails when a window of this width (in CSS pixels) shows a part of the page only. */
export async function assertFits({ page }: Visitor, width: number): Promise<void> {
  await page.setViewportSize({ width, height: 640 });
  const shown = await page.evaluate<number>('document.documentElement.scrollWidth');
  assert.equal(shown, width, `${shown} pixels in a window of ${width}`);
}
