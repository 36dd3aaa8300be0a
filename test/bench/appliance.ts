/**
 * A container in which tocsin runs as the package lays it out and as its unit starts it: the
 * bundle, the pinned Node, users, sockets and the hardening of tocsin.service.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bootContainer, type Container, ensureBase } from '../support/container.ts';

const top = join(import.meta.dirname, '../..');

export interface Appliance extends AsyncDisposable {
  readonly container: Container;
  /** A path of at most 107 bytes, as connect(2) wants it. */
  readonly socket: string;
  /** The pid on this machine of a service's main process; another one after each start. */
  pidOf(unit: string): Promise<number>;
  startDaemon(): Promise<void>;
}

/** Where debian/tocsin.install and debian/rules put them. */
function layOut(upper: string, bundle: string): void {
  const put = (from: string, to: string): void => {
    mkdirSync(dirname(join(upper, to)), { recursive: true });
    cpSync(from, join(upper, to), { recursive: true });
  };
  const workers = ['store-worker.mjs', 'history-worker.mjs', 'backtest-worker.mjs'];
  for (const file of ['tocsind.mjs', ...workers, 'better_sqlite3.node', 'rules.d'])
    put(join(bundle, file), `usr/lib/tocsin/${file}`);
  const native = join(bundle, 'tocsin_native.node');
  if (existsSync(native)) put(native, 'usr/lib/tocsin/tocsin_native.node');
  put(join(top, 'debian/bin/tocsind'), 'usr/sbin/tocsind');
  for (const unit of ['tocsin.service', 'tocsin-local.socket', 'tocsin-api.socket'])
    put(join(top, 'systemd', unit), `usr/lib/systemd/system/${unit}`);
  put(join(top, 'systemd/tocsin.sysusers'), 'usr/lib/sysusers.d/tocsin.conf');
  // A copy and not a bind, so that PSS tells what a machine with one Node process has.
  mkdirSync(join(upper, 'usr/libexec/tocsin'), { recursive: true });
  copyFileSync(process.execPath, join(upper, 'usr/libexec/tocsin/node'));
}

/** The pid on this machine of a process of the container, by its pid inside. */
function hostPid(container: Container, unit: string, inside: number): number {
  const group = `${container.root}/sys/fs/cgroup/system.slice/${unit}/cgroup.procs`;
  const pids = readFileSync(group, 'utf8').trim().split('\n').map(Number);
  const found = pids.find((pid) => {
    const [line = ''] = /^NSpid:.*$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(line.split('\t').at(-1)) === inside;
  });
  if (found === undefined) throw new Error(`${unit} has no process ${inside}`);
  return found;
}

export async function bootAppliance(bundle: string): Promise<Appliance> {
  const base = await ensureBase();
  const container = await bootContainer({ base, prepare: (upper) => layOut(upper, bundle) });
  await container.run('systemd-sysusers && systemctl daemon-reload');
  const show = async (unit: string, property: string): Promise<string> =>
    (await container.run(['systemctl', 'show', '-P', property, unit])).trim();
  return {
    container,
    socket: `${container.root}/run/tocsin/local.sock`,
    pidOf: async (unit) => hostPid(container, unit, Number(await show(unit, 'MainPID'))),
    startDaemon: async () => {
      await container.run(['systemctl', 'start', 'tocsin.service']);
    },
    [Symbol.asyncDispose]: () => container.stop(),
  };
}
