/** What inotify announces of a real folder. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { systemFolders } from './folders.ts';

/** Watches until the test ends; `until` resolves when a hint fits. */
function follow(t: { after(call: () => void): void }, paths: readonly string[]) {
  const stop = new AbortController();
  const seen: string[] = [];
  let wake = (): void => {};
  t.after(() => stop.abort());
  const changed = (path: string): void => {
    seen.push(path);
    wake();
  };
  const failed = (why: string): void => assert.fail(why);
  systemFolders.watch(paths, { changed, failed }, stop.signal);
  return async (fits: (path: string) => boolean): Promise<void> => {
    while (!seen.some(fits)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

/** A watch is set in the background: makes one thing after the other until one is announced. */
async function makeUntil(make: (n: number) => void, announced: Promise<void>): Promise<void> {
  let n = 0;
  const timer = setInterval(() => make(n++), 20);
  await announced;
  clearInterval(timer);
}

test('what appears is announced, in a folder that comes later and comes again too', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'tocsin-folders-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const tape = join(home, 'dev/tape');
  const byId = join(tape, 'by-id');
  mkdirSync(dirname(tape));
  const until = follow(t, [dirname(tape), byId]);
  await makeUntil(
    (n) => writeFileSync(join(dirname(tape), `st${n}`), ''),
    until((path) => path.includes('/st')),
  );
  for (const name of ['scsi', 'again']) {
    mkdirSync(byId, { recursive: true });
    await makeUntil(
      (n) => symlinkSync('../st0', join(byId, `${name}-${n}`)),
      until((path) => path.startsWith(join(byId, name))),
    );
    rmSync(tape, { recursive: true });
    await until((path) => path === tape);
  }
});
