/**
 * Debian's real nginx as a child, on a port of its own on the loopback, with TLS and the files that
 * we ship: the snippet in a bare server block, or the whole example site. It ends with this process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeCertificate } from './certificate.ts';
import { endWithProcess } from './ending.ts';
import { findPort } from './port.ts';

const project = join(import.meta.dirname, '../..');

export interface NginxOptions {
  /** tocsin's socket for web servers; it need not be there. */
  readonly socket: string;
  /** `site`: nginx/site.conf. Default: a bare server block that includes the snippet. */
  readonly serve?: 'snippet' | 'site';
  /** More lines for the server block with the snippet. */
  readonly more?: string;
  /** How long workers that a reload has replaced may keep their streams; default: for ever. */
  readonly shutdownTimeout?: string;
}

export interface TestNginx {
  /** Of https://127.0.0.1:PORT. */
  readonly port: number;
  /** Of plain http, where the site has it. */
  readonly plainPort: number;
  /** What signs its certificate: for `ca`. */
  readonly ca: string;
  /** The same in a file. */
  readonly caFile: string;
  /** What it has logged. */
  log(): string;
  /** One line for each request: status, method and address as they came. */
  requests(): string;
  /** The processes that serve now; those that a reload has replaced may still be among them. */
  workers(): readonly number[];
  /** As `systemctl reload nginx`; resolves when new workers serve. */
  reload(): Promise<void>;
  /** As `systemctl stop nginx`: at once, whoever is being served. */
  end(): Promise<void>;
  /** Again, with the same files and ports, after it has ended. */
  start(): Promise<void>;
}

/** Replaces texts that must be there: a shipped file that has changed is not half replaced. */
export function replaceAll(text: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`the shipped file does not hold ${from}`);
    return changed.replaceAll(from, to);
  }, text);
}

const shipped = (name: string): string => readFileSync(join(project, 'nginx', name), 'utf8');

/** The shipped site, for other ports and another certificate. */
const siteText = (folder: string, port: number, plainPort: number): string =>
  replaceAll(shipped('site.conf'), {
    'listen 80;': `listen 127.0.0.1:${plainPort};`,
    'listen [::]:80;': '',
    'listen 443 ssl http2;': `listen 127.0.0.1:${port} ssl http2;`,
    'listen [::]:443 ssl http2;': '',
    'server_name appliance.example;': 'server_name localhost;',
    '/etc/ssl/certs/ssl-cert-snakeoil.pem': `${folder}/cert.pem`,
    '/etc/ssl/private/ssl-cert-snakeoil.key': `${folder}/key.pem`,
  });

const bareServer = (folder: string, port: number, more: string): string => `server {
  listen 127.0.0.1:${port} ssl http2;
  ssl_certificate ${folder}/cert.pem;
  ssl_certificate_key ${folder}/key.pem;
  ${more}
  include snippets/tocsin.conf;
}
`;

function mainText(folder: string, { shutdownTimeout }: NginxOptions): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
${process.getuid?.() === 0 ? 'user www-data;' : ''}
pid ${folder}/nginx.pid;
error_log stderr notice;
worker_processes 2;
worker_rlimit_nofile 20000;
${shutdownTimeout === undefined ? '' : `worker_shutdown_timeout ${shutdownTimeout};`}
events { worker_connections 4096; }
http {
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  include /etc/nginx/mime.types;
  log_format told '$status $request';
  access_log ${folder}/access.log told;
  gzip on;
  include ${folder}/site.conf;
}
`;
}

async function layOut(options: NginxOptions, folder: string) {
  const [port, plainPort] = [await findPort(), await findPort()];
  const { cert, key } = makeCertificate();
  mkdirSync(join(folder, 'snippets'));
  const snippet = replaceAll(shipped('tocsin.conf'), { '/run/tocsin/api.sock': options.socket });
  const site =
    options.serve === 'site'
      ? siteText(folder, port, plainPort)
      : bareServer(folder, port, options.more ?? '');
  const files = {
    'nginx.conf': mainText(folder, options),
    'site.conf': site,
    'snippets/tocsin.conf': snippet,
    'cert.pem': cert,
    'key.pem': key,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  // nginx's workers are www-data, and folders of tests are closed to all but their maker.
  chmodSync(folder, 0o711);
  const runtime = dirname(options.socket);
  if (dirname(dirname(runtime)) === tmpdir()) chmodSync(dirname(runtime), 0o711);
  return { port, plainPort, ca: cert };
}

export async function startNginx(options: NginxOptions): Promise<TestNginx> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-nginx-'));
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  // The master ends its workers; it would leave them behind if it were killed.
  endWithProcess(() => {
    child?.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });
  const { port, plainPort, ca } = await layOut(options, folder);
  let log = '';
  let waiting: { readonly met: () => boolean; readonly resolve: () => void }[] = [];
  const starts = (): number => log.match(/start worker processes/g)?.length ?? 0;
  const started = (count: number): Promise<void> => {
    const met = (): boolean => starts() >= count;
    return met() ? Promise.resolve() : new Promise((resolve) => waiting.push({ met, resolve }));
  };

  async function start(): Promise<void> {
    const before = starts();
    const argv = ['nginx', '-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'];
    // Also when this process is killed, and can end nobody.
    const own = spawn('setpriv', ['--pdeathsig', 'TERM', ...argv], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child = own;
    ended = once(own, 'exit');
    own.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      if (process.env.TEST_LOG) process.stderr.write(chunk);
      log += chunk;
      for (const { met, resolve } of waiting) if (met()) resolve();
      waiting = waiting.filter(({ met }) => !met());
    });
    const early = await Promise.race([started(before + 1).then(() => 'ready'), ended]);
    if (early !== 'ready') throw new Error(`nginx ended:\n${log}`);
  }

  await start();
  return {
    port,
    plainPort,
    ca,
    caFile: join(folder, 'cert.pem'),
    log: () => log,
    requests: () => readFileSync(join(folder, 'access.log'), 'utf8'),
    workers() {
      const pid = child?.pid ?? 0;
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
      return children.split(' ').map(Number);
    },
    async reload() {
      const before = starts();
      child?.kill('SIGHUP');
      await started(before + 1);
    },
    async end() {
      child?.kill('SIGTERM');
      await ended;
    },
    start,
  };
}
