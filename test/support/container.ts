/**
 * A real systemd in a container, for tests, measurements and `make appliance`. Needs root.
 *
 * A copy of a small Debian (tools/base) boots in about half a second. It has no network unless
 * asked, its own bus, journal and boot id. It ends with the process that booted it, however that
 * ends.
 */
import {
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
  execFile,
  spawn,
} from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { endWithProcess } from './ending.ts';
import { noteKept } from './kept.ts';
import {
  children,
  exitStatusReboot,
  findInit,
  kill,
  type Machine,
  removeMachine,
  removeOrphans,
  startMachine,
} from './nspawn.ts';

export type Release = 'bookworm' | 'trixie';

export interface ContainerOptions {
  /** The folder that `ensureBase` returned. */
  readonly base: string;
  readonly name?: string;
  /** PATH or PATH:TARGET of the host, read-only inside. */
  readonly bind?: readonly string[];
  /** `host`: this machine's network, for apt-get inside. Default `none`: loopback only. */
  readonly network?: 'none' | 'host';
  /** Called before systemd starts, with the folder that becomes the root: put units there. */
  readonly prepare?: (upper: string) => void;
  /** Keep it in this folder and let it live on after this process: end it with `endKept`. */
  readonly keepIn?: string;
}

export interface ExecOptions {
  /** Default root. */
  readonly user?: string;
  /** Default 60 s; then it is killed, and `exitStatus` is null. */
  readonly timeoutMs?: number;
  readonly input?: string;
}

export interface ExecResult {
  /** null when a signal ended it. */
  readonly exitStatus: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An argument list, or a line for /bin/sh. */
export type ExecCommand = readonly [string, ...string[]] | string;

export interface Container extends AsyncDisposable {
  readonly name: string;
  /** pid of its process 1 on this machine; another one after `reboot`. */
  readonly initPid: number;
  /** Its root, seen from the host. Absolute links inside lead out of it: do not follow them. */
  readonly root: string;
  /** Its system bus, for connections from the host (the caller is root there). */
  readonly busAddress: string;
  /** Runs a command inside and waits for it. Does not throw when it fails. */
  exec(command: ExecCommand, options?: ExecOptions): Promise<ExecResult>;
  /** Like `exec`, but throws with what it printed unless it exits with 0; returns its stdout. */
  run(command: ExecCommand, options?: ExecOptions): Promise<string>;
  /** Starts a command inside; it ends with the container at the latest. Use `end`, not `kill`. */
  spawn(command: ExecCommand, options?: { readonly user?: string }): ChildProcessWithoutNullStreams;
  /** Kills a command that `spawn` started. */
  end(child: ChildProcessWithoutNullStreams): void;
  /** Copies a file or folder of the host into the container; returns its path inside. */
  copyIn(source: string, target?: string): string;
  writeFile(path: string, text: string, mode?: number): void;
  /** An orderly `systemctl reboot`; resolves when it is up again. */
  reboot(): Promise<void>;
  /** Pulls the plug and starts it again. */
  powerCycle(): Promise<void>;
  /** Ends everything in it at once and removes it. */
  stop(): Promise<void>;
}

const project = join(import.meta.dirname, '../..');
const prefix = 'tocsin-container';
const bootTimeoutMs = 60_000;
const execTimeoutMs = 60_000;

/** Makes the base once (about 40 s), and returns its folder. */
export async function ensureBase(release: Release = 'bookworm'): Promise<string> {
  requireRoot();
  const { stdout } = await promisify(execFile)(join(project, 'tools/base'), [release]);
  return stdout.trim();
}

function requireRoot(): void {
  if (process.getuid?.() !== 0) {
    throw new Error('a container with a real systemd needs root: sudo -E make test');
  }
  const found = (process.env.PATH ?? '')
    .split(':')
    .some((folder) => existsSync(join(folder, 'systemd-nspawn')));
  if (!found) throw new Error('systemd-nspawn is missing: apt-get install systemd-container');
}

/** Looks every few milliseconds until `look` finds something. */
async function until<T>(what: string, look: () => T | undefined, detail: () => string): Promise<T> {
  const end = performance.now() + bootTimeoutMs;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`${what}: not within a minute\n${detail()}`);
    await pause(5);
  }
}

function enter(initPid: number, command: ExecCommand, user: string | undefined): string[] {
  const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const as = user === undefined ? [] : ['runuser', '-u', user, '--'];
  return ['-t', String(initPid), '-m', '-u', '-i', '-n', '-p', '-C', '--'].concat(
    ['env', '-i', path, 'HOME=/root', 'LANG=C.UTF-8', 'TERM=dumb'],
    as,
    argv,
  );
}

let booted = 0;

/** Boots a copy of the base; resolves when systemd has started everything (running or degraded). */
export async function bootContainer(options: ContainerOptions): Promise<Container> {
  requireRoot();
  removeOrphans(tmpdir(), prefix);
  booted += 1;
  const name = options.name ?? `${prefix}-${process.pid}-${booted}`;
  const machine: Machine = {
    name,
    home: options.keepIn ?? join(tmpdir(), `${prefix}-${process.pid}-${booted}`),
    base: options.base,
    network: options.network ?? 'none',
    bind: options.bind ?? [],
    detached: options.keepIn !== undefined,
  };
  mkdirSync(join(machine.home, 'upper'), { recursive: true });
  options.prepare?.(join(machine.home, 'upper'));
  const container = new RunningContainer(machine);
  await container.start();
  return container;
}

class RunningContainer implements Container {
  readonly name: string;
  #machine: Machine;
  #nspawn: ChildProcess | undefined;
  #ended: Promise<number | null> = Promise.resolve(null);
  #initPid = 0;
  #tie: ReturnType<typeof endWithProcess> | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.name = machine.name;
  }

  get initPid(): number {
    return this.#initPid;
  }

  get root(): string {
    return `/proc/${this.#initPid}/root`;
  }

  get busAddress(): string {
    return `unix:path=${this.root}/run/dbus/system_bus_socket`;
  }

  async start(): Promise<void> {
    const nspawn = startMachine(this.#machine);
    this.#nspawn = nspawn;
    this.#ended = new Promise((resolve) => {
      nspawn.once('exit', (status) => resolve(status));
      nspawn.once('error', () => resolve(null));
    });
    this.#tie ??= endWithProcess(() => {
      if (this.#machine.detached && this.#initPid !== 0) return;
      this.#kill();
      removeMachine(this.name, this.#machine.home);
    });
    try {
      const detail = () => this.#console();
      this.#initPid = await until('the container starts', () => this.#findInit(), detail);
      const manager = `${this.root}/run/systemd/private`;
      await until('systemd starts', () => existsSync(manager) || undefined, detail);
      const { stdout, stderr } = await this.exec(['systemctl', 'is-system-running', '--wait']);
      if (!/^(running|degraded)$/.test(stdout.trim())) {
        throw new Error(`the container does not come up: ${stdout}${stderr}\n${detail()}`);
      }
      const bus = `${this.root}/run/dbus/system_bus_socket`;
      await until('the system bus starts', () => existsSync(bus) || undefined, detail);
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (this.#machine.detached && nspawn.pid !== undefined) {
      noteKept(this.#machine.home, this.name, nspawn.pid);
      nspawn.unref();
    }
  }

  #findInit(): number | undefined {
    const nspawn = this.#nspawn;
    if (nspawn?.pid === undefined || nspawn.exitCode !== null) {
      throw new Error(`systemd-nspawn has ended\n${this.#console()}`);
    }
    return findInit(nspawn.pid);
  }

  #console(): string {
    const text = readFileSync(join(this.#machine.home, 'console.log'), 'utf8');
    return text.split('\n').slice(-30).join('\n');
  }

  async exec(command: ExecCommand, options: ExecOptions = {}): Promise<ExecResult> {
    const child = this.spawn(command, options);
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    // A command that does not read its input may close it first.
    child.stdin.on('error', () => undefined).end(options.input ?? '');
    const limit = setTimeout(() => {
      this.end(child);
      // What it started may still hold them.
      child.stdout.destroy();
      child.stderr.destroy();
    }, options.timeoutMs ?? execTimeoutMs);
    try {
      const exitStatus = await new Promise<number | null>((resolve, reject) => {
        child.once('close', (status) => resolve(status));
        child.once('error', reject);
      });
      return { exitStatus, ...output };
    } finally {
      clearTimeout(limit);
    }
  }

  async run(command: ExecCommand, options: ExecOptions = {}): Promise<string> {
    const { exitStatus, stdout, stderr } = await this.exec(command, options);
    if (exitStatus !== 0) {
      const line = typeof command === 'string' ? command : command.join(' ');
      throw new Error(`${line}: exit status ${exitStatus}\n${stdout}${stderr}`);
    }
    return stdout;
  }

  spawn(
    command: ExecCommand,
    options: { readonly user?: string } = {},
  ): ChildProcessWithoutNullStreams {
    if (this.#initPid === 0) throw new Error('the container is not running');
    const argv = enter(this.#initPid, command, options.user);
    return spawn('nsenter', argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  }

  end(child: ChildProcessWithoutNullStreams): void {
    if (child.pid === undefined || child.exitCode !== null) return;
    // Not nsenter itself: the command would live on, or stay a zombie that holds up a reboot
    // for 10 s.
    const inside = children(child.pid);
    for (const pid of inside) kill(pid);
    if (inside.length === 0) child.kill('SIGKILL');
  }

  copyIn(source: string, target = `/root/${basename(source)}`): string {
    mkdirSync(join(this.root, dirname(target)), { recursive: true });
    cpSync(source, join(this.root, target), { recursive: true });
    return target;
  }

  writeFile(path: string, text: string, mode = 0o644): void {
    mkdirSync(join(this.root, dirname(path)), { recursive: true });
    writeFileSync(join(this.root, path), text, { mode });
  }

  async reboot(): Promise<void> {
    await this.exec(['systemctl', 'reboot']);
    const status = await this.#ended;
    if (status !== exitStatusReboot) {
      throw new Error(`the container did not reboot but ended with ${status}\n${this.#console()}`);
    }
    await this.start();
  }

  async powerCycle(): Promise<void> {
    this.#kill();
    await this.#ended;
    await this.start();
  }

  #kill(): void {
    const launcherPid = this.#nspawn?.exitCode === null ? this.#nspawn.pid : undefined;
    const initPid = launcherPid === undefined ? undefined : findInit(launcherPid);
    // nspawn tidies up and ends when its process 1 has ended.
    if (initPid !== undefined) kill(initPid);
    else if (launcherPid !== undefined) kill(launcherPid);
    this.#initPid = 0;
  }

  async stop(): Promise<void> {
    this.#kill();
    await this.#ended;
    this.#tie?.takeBack();
    removeMachine(this.name, this.#machine.home);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
