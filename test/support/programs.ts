/**
 * tocsind and tocsin-relay as they ship (bundled), as processes that a test may kill at any moment,
 * on folders of their own and a machine of which nothing is to be seen.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithProcess } from './ending.ts';

const project = join(import.meta.dirname, '../..');

export interface TestProgram {
  /** Starts it; it must not run. Resolves at once. */
  start(): void;
  /** SIGKILL where nothing else is said. Resolves when it has ended, with exit status or signal. */
  end(signal?: NodeJS.Signals): Promise<number | string | undefined>;
  /** All that it has logged, over all its lives. */
  log(): string;
  isRunning(): boolean;
}

export interface TestPrograms {
  readonly folder: string;
  readonly socket: string;
  readonly relaySocket: string;
  readonly daemon: TestProgram;
  readonly relay: TestProgram;
  writeSettings(text: string): void;
}

/** The end of a log that is kept; what a killed program said long ago explains nothing. */
const logCharsMax = 100_000;

function program(argv: readonly string[], env: NodeJS.ProcessEnv): TestProgram {
  let child: ChildProcess | undefined;
  let ended: Promise<number | string> = Promise.resolve(0);
  let log = '';
  endWithProcess(() => child?.kill('SIGKILL'));
  return {
    start() {
      if (child !== undefined) throw new Error(`${argv[0]} runs already`);
      const started = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'], env });
      child = started;
      started.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (process.env.TEST_LOG) process.stderr.write(text);
        log = (log + text).slice(-logCharsMax);
      });
      ended = once(started, 'exit').then(([status, signal]) => {
        if (child === started) child = undefined;
        return (status ?? signal) as number | string;
      });
    },
    async end(signal = 'SIGKILL') {
      if (child === undefined) return undefined;
      child.kill(signal);
      return ended;
    },
    log: () => log,
    isRunning: () => child !== undefined,
  };
}

/** Builds both, and lays out their folders. Everything goes with this process. */
export function preparePrograms(): TestPrograms {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-programs-'));
  endWithProcess(() => rmSync(folder, { recursive: true, force: true }));
  const at = (path: string): string => join(folder, path);
  execFileSync(process.execPath, [join(project, 'tools/build.ts'), at('dist')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const path of ['etc', 'machine/sys', 'machine/proc/self', 'machine/dev', 'machine/etc']) {
    mkdirSync(at(path), { recursive: true });
  }
  writeFileSync(at('machine/dev/kmsg'), '');
  writeFileSync(at('machine/proc/self/mountinfo'), '');
  const env = { ...process.env, NODE_COMPILE_CACHE: at('compiled') };
  const common = ['--config', at('etc/tocsin.yaml'), '--runtime-dir', at('run')];
  const roots = Object.entries({ sysfs: 'sys', proc: 'proc', dev: 'dev', etc: 'etc' });
  const core = [
    '--state-dir',
    at('state'),
    '--rules-dir',
    at('dist/rules.d'),
    '--system-bus',
    `unix:path=${at('no-bus')}`,
    ...roots.flatMap(([name, path]) => [`--${name}-root`, at(`machine/${path}`)]),
  ];
  return {
    folder,
    socket: at('run/local.sock'),
    relaySocket: at('run/relay.sock'),
    daemon: program([at('dist/tocsind.mjs'), ...common, ...core], env),
    relay: program([at('dist/tocsin-relay.mjs'), ...common], env),
    writeSettings: (text) => writeFileSync(at('etc/tocsin.yaml'), text),
  };
}
