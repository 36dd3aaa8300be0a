/** A whole daemon behind Debian's real nginx, and who may ask it. */
import { dirname, join } from 'node:path';
import { type DaemonOptions, startDaemon, type TestDaemon } from './daemon.ts';
import type { Json } from './gathering.ts';
import { type NginxOptions, startNginx, type TestNginx } from './nginx.ts';

/** As headers. */
export type Bearer = { readonly authorization: string };

export interface TestToken {
  readonly id: string;
  readonly headers: Bearer;
}

export interface BehindNginx {
  /** The daemon that runs now. */
  daemon(): TestDaemon;
  readonly nginx: TestNginx;
  /** tocsin's socket for web servers. */
  readonly apiSocket: string;
  /** The header of an administrator. */
  readonly admin: Bearer;
  /** A new token; its `id` revokes it. */
  makeToken(name: string, role: string): Promise<TestToken>;
  /** Raises an alert over local.sock: resolves with it when it is durable. */
  raise(title: string, message?: string): Promise<Json>;
  /** Ends the daemon and starts it again on the same folders. */
  restart(signal?: NodeJS.Signals): Promise<void>;
  end(): Promise<void>;
}

async function makeToken(daemon: TestDaemon, name: string, role: string): Promise<TestToken> {
  const { status, body } = await daemon.post('/api/v1/tokens', { name, role });
  if (status !== 201) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return { id: body.id, headers: { authorization: `Bearer ${body.secret}` } };
}

export async function startBehindNginx(
  options: Omit<NginxOptions, 'socket'> & { readonly daemon?: DaemonOptions } = {},
): Promise<BehindNginx> {
  let daemon = await startDaemon(options.daemon);
  const apiSocket = join(dirname(daemon.socket), 'api.sock');
  const nginx = await startNginx({ ...options, socket: apiSocket });
  const { headers: admin } = await makeToken(daemon, 'admin', 'admin');
  return {
    daemon: () => daemon,
    nginx,
    apiSocket,
    admin,
    makeToken: (name, role) => makeToken(daemon, name, role),
    async raise(title, message = '') {
      const alert = { severity: 'warning', source: 'system', title, message };
      const { status, body } = await daemon.post('/api/v1/monitoring/alerts', alert);
      if (status >= 300) throw new Error(`${status}: ${JSON.stringify(body)}`);
      return body;
    },
    async restart(signal) {
      await daemon.end(signal);
      daemon = await daemon.again();
    },
    async end() {
      await nginx.end();
      await daemon.end('SIGKILL');
    },
  };
}
