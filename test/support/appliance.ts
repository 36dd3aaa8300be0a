/**
 * An appliance for the system tests: our package on a real systemd in a container, and what a test
 * asks of it.
 *
 * The package is installed once into a copy of the container's base, kept in .cache under a digest
 * of what went into it; each appliance boots an overlay over that, which takes a second. Everything
 * is looked at from outside, as root, through the real socket.
 */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { bootContainer, type Container, ensureBase, type Release } from './container.ts';
import { type Answer, ask } from './daemon.ts';
import { type Follower, type FollowOptions, follow } from './follower.ts';
import type { Json } from './gathering.ts';

const project = join(import.meta.dirname, '../..');
/** No fact that a test waits for takes this long, on a busy machine neither. */
const patienceMs = 30_000;

const unitFolder = 'etc/systemd/system';

/** Debian 12 has the oldest systemd that we run on; TOCSIN_TEST_RELEASE=trixie tries Debian 13. */
const release: Release = process.env.TOCSIN_TEST_RELEASE === 'trixie' ? 'trixie' : 'bookworm';

export interface ApplianceOptions {
  /** Unit files by name, there before systemd starts. */
  readonly units?: Readonly<Record<string, string>>;
  /** Other files by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** `host`: it shares our network, so that it reaches a receiver on our loopback. */
  readonly network?: 'host';
}

export interface Appliance extends AsyncDisposable {
  readonly container: Container;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  /** All items of a list, over all its pages. */
  list(path: string): Promise<readonly Json[]>;
  /** Listens to the stream from now on, or from `since`. */
  follow(options?: FollowOptions): Promise<Follower>;
  /** Goes on where a stream was lost; fails when something in between is missing. */
  followOn(lost: Follower): Promise<Follower>;
  /** Writes unit files and lets systemd read them. */
  addUnits(units: Readonly<Record<string, string>>): Promise<void>;
  /** `systemctl ARGUMENTS`, whatever it exits with. */
  systemctl(...argv: readonly string[]): Promise<void>;
  property(unit: string, name: string): Promise<string>;
  /** When systemd saw the unit's last state change, as the milliseconds of an alert's times. */
  changedAt(unit: string): Promise<number>;
  /** Waits until the daemon answers: it may just be starting. */
  answers(): Promise<void>;
  /** Resolves when everything that systemd has announced so far has been told by the stream. */
  settled(follower: Follower): Promise<void>;
  stop(): Promise<void>;
}

/** Looks every few milliseconds until `look` finds something. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`${what}: not within ${patienceMs / 1000} s`);
    await pause(10);
  }
}

/** The package; packed anew when something in it has changed. */
export function packageFile(): string {
  const said = execFileSync(join(project, 'tools/deb'), ['--if-older'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return join(project, said.trim());
}

/** The folder of a base with our package installed; made anew for another package or base. */
async function ensureInstalled(): Promise<string> {
  const base = await ensureBase(release);
  const deb = packageFile();
  const digest = createHash('sha256')
    .update(readFileSync(`${base}.complete`))
    .update(readFileSync(deb))
    .digest('hex')
    .slice(0, 16);
  const home = dirname(base);
  const installed = join(home, `installed-${release}-${digest}`);
  if (existsSync(installed)) return installed;
  removeOlder(home);
  const mine = join(home, `installing-${release}-${process.pid}`);
  try {
    await install(base, deb, mine);
    renameSync(mine, installed);
  } catch (error) {
    rmSync(mine, { recursive: true, force: true });
    // Another test was faster: theirs is the same.
    if (!existsSync(installed)) throw error;
  }
  return installed;
}

async function install(base: string, deb: string, target: string): Promise<void> {
  const run = promisify(execFile);
  mkdirSync(target);
  await run('cp', ['-a', '--reflink=auto', `${base}/.`, target]);
  copyFileSync(deb, join(target, 'root/tocsin.deb'));
  await run('chroot', [target, 'dpkg', '-i', '/root/tocsin.deb']);
  rmSync(join(target, 'root/tocsin.deb'));
}

/** Removes trees of older packages, and what a test that was killed left unfinished. */
function removeOlder(home: string): void {
  for (const name of readdirSync(home)) {
    const [, word, pid] = new RegExp(`^(installed|installing)-${release}-(\\w+)$`).exec(name) ?? [];
    const isInWork = word === 'installing' && existsSync(`/proc/${pid}`);
    if (word !== undefined && !isInWork) rmSync(join(home, name), { recursive: true, force: true });
  }
}

function lay(root: string, options: ApplianceOptions): void {
  const files = { ...options.files };
  for (const [name, text] of Object.entries(options.units ?? {})) {
    files[join(unitFolder, name)] = text;
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** Boots one; resolves when systemd has started everything, tocsin included. */
export async function bootAppliance(options: ApplianceOptions = {}): Promise<Appliance> {
  const base = await ensureInstalled();
  const container = await bootContainer({
    base,
    ...(options.network === undefined ? {} : { network: options.network }),
    prepare: (upper) =>
      lay(upper, {
        ...options,
        units: {
          'fence@.service': '[Service]\nType=oneshot\nExecStart=/bin/false\n',
          ...options.units,
        },
      }),
  });
  return applianceOf(container);
}

function applianceOf(container: Container): Appliance {
  const socket = (): string => `${container.root}/run/tocsin/local.sock`;
  let fences = 0;
  const appliance: Appliance = {
    container,
    get: (path) => ask(socket(), 'GET', path),
    post: (path, body) => ask(socket(), 'POST', path, body),
    list: (path) => listAll(appliance, path),
    follow: (options) => follow(socket(), options),
    async followOn(lost) {
      lost.close();
      await appliance.answers();
      const next = await appliance.follow({ since: lost.seq });
      if (next.messages.some(({ data }) => data.event === 'resync'))
        throw new Error(`changes after ${lost.seq} are missing`);
      return next;
    },
    async addUnits(units) {
      lay(container.root, { units });
      await container.run(['systemctl', 'daemon-reload']);
    },
    async systemctl(...argv) {
      await container.exec(['systemctl', ...argv]);
    },
    async property(unit, name) {
      return (await container.run(['systemctl', 'show', '-P', name, unit])).trim();
    },
    async changedAt(unit) {
      const label = unit.replaceAll(/[^A-Za-z0-9]/g, (c) => `_${c.charCodeAt(0).toString(16)}`);
      const path = `/org/freedesktop/systemd1/unit/${label}`;
      const name = ['org.freedesktop.systemd1.Unit', 'StateChangeTimestamp'];
      const text = await container.run([
        'busctl',
        'get-property',
        'org.freedesktop.systemd1',
        path,
        ...name,
      ]);
      return Math.floor(Number(text.trim().split(' ')[1]) / 1000);
    },
    async answers() {
      await eventually('tocsin answers', async () => {
        try {
          return (await appliance.get('/livez')).status === 200 || undefined;
        } catch {
          return undefined;
        }
      });
    },
    async settled(follower) {
      fences += 1;
      const fence = `fence@${fences}.service`;
      await appliance.systemctl('start', fence);
      await follower.alert(fence, 'unit-failed', 'raised');
      await appliance.systemctl('reset-failed', fence);
      await follower.alert(fence, 'unit-failed', 'resolved');
    },
    stop: () => container.stop(),
    [Symbol.asyncDispose]: () => container.stop(),
  };
  return appliance;
}

async function listAll(appliance: Appliance, path: string): Promise<readonly Json[]> {
  const items: Json[] = [];
  let cursor: string | null = null;
  do {
    const separator = path.includes('?') ? '&' : '?';
    const more = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await appliance.get(`${path}${separator}limit=1000${more}`);
    if (answer.status !== 200) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    items.push(...answer.body.items);
    cursor = answer.body.nextCursor;
  } while (cursor !== null);
  return items;
}
