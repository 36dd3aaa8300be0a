/**
 * The command lines of tocsind and tocsin-relay and their environment -> where everything is. One
 * table for each, also for --help and the man page.
 */
import { parseArgs } from 'node:util';
import { didYouMean } from '../domain/nearest.ts';

export interface Option {
  readonly help: string;
  readonly value?: string;
  readonly default?: string;
}

/** Each has an environment variable too: --state-dir is TOCSIN_STATE_DIR. */
export const optionTable = {
  config: {
    value: 'FILE',
    default: '/etc/tocsin/tocsin.yaml',
    help: 'Settings; FILE.d/*.yaml are read after it.',
  },
  'rules-dir': {
    value: 'DIR[:DIR…]',
    default: '/usr/lib/tocsin/rules.d:/run/tocsin/rules.d:/etc/tocsin/rules.d',
    help: 'Folders of rules; a file in a later one replaces the same name in an earlier one.',
  },
  'state-dir': {
    value: 'DIR',
    default: '/var/lib/tocsin',
    help: 'Where tocsin.db, history.db and the spool are.',
  },
  'runtime-dir': { value: 'DIR', default: '/run/tocsin', help: 'Where the sockets are made.' },
  'sysfs-root': { value: 'DIR', default: '/sys', help: 'Root of sysfs.' },
  'proc-root': { value: 'DIR', default: '/proc', help: 'Root of procfs.' },
  'dev-root': { value: 'DIR', default: '/dev', help: 'Root of the device nodes.' },
  'etc-root': { value: 'DIR', default: '/etc', help: 'Root of other programs’ settings.' },
  'system-bus': {
    value: 'ADDRESS',
    default: 'unix:path=/run/dbus/system_bus_socket',
    help: 'Address of the system bus.',
  },
  listen: {
    value: '127.0.0.1:PORT',
    help: 'Also listen on loopback TCP, for development, with a token.',
  },
  'with-relay': {
    help: 'Also run tocsin-relay, as a child: for a checkout or a container without systemd.',
  },
  'check-config': { help: 'Check settings and rules, print complaints, and end.' },
  version: { help: 'Print the version and end.' },
  help: { help: 'Print this and end.' },
} as const satisfies Readonly<Record<string, Option>>;

export const relayOptionTable = {
  config: optionTable.config,
  'runtime-dir': { ...optionTable['runtime-dir'], help: 'Where relay.sock is.' },
  needed: {
    help: 'Tell by the exit status whether the settings give it anything to do (0) or not (1), and end.',
  },
  tied: { help: 'End when standard input ends: what tocsind --with-relay uses.' },
  version: optionTable.version,
  help: optionTable.help,
} as const satisfies Readonly<Record<string, Option>>;

export type OptionName = keyof typeof optionTable;

export interface Options {
  readonly config: string;
  readonly rulesDirs: readonly string[];
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly roots: {
    readonly sysfs: string;
    readonly proc: string;
    readonly dev: string;
    readonly etc: string;
  };
  readonly systemBus: string;
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  readonly withRelay: boolean;
  readonly mode: 'run' | 'check-config' | 'version' | 'help';
}

export interface RelayOptions {
  readonly config: string;
  readonly runtimeDir: string;
  readonly tied: boolean;
  readonly mode: 'run' | 'needed' | 'version' | 'help';
}

export type OptionsAnswer<O = Options> =
  | { readonly type: 'options'; readonly options: O }
  | { readonly type: 'usage'; readonly message: string };

type OptionTable = Readonly<Record<string, Option>>;

type Environment = Readonly<Record<string, string | undefined>>;

const variableOf = (name: string): string => `TOCSIN_${name.replaceAll('-', '_').toUpperCase()}`;

/** Loopback only: the daemon speaks no TLS, and a token must not cross a network in the clear. */
function parseListen(text: string): Options['listen'] {
  const match = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) return undefined;
  return { host: (match[1] ?? '').replace(/[[\]]/g, ''), port };
}

interface Given {
  readonly type: 'given';
  /** As given, else from the environment, else the default; empty where there is none. */
  readonly text: (name: string) => string;
  readonly has: (name: string) => boolean;
}

type GivenAnswer = Given | { readonly type: 'usage'; readonly message: string };

function readGiven(table: OptionTable, argv: readonly string[], env: Environment): GivenAnswer {
  const names = Object.keys(table);
  const isText = (name: string): boolean => table[name]?.value !== undefined;
  const { values, tokens } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      names.map((name) => [name, { type: isText(name) ? 'string' : 'boolean' } as const]),
    ),
  });
  for (const token of tokens) {
    if (token.kind === 'positional') return usage(table, `unexpected argument "${token.value}"`);
    if (token.kind !== 'option') continue;
    if (!names.includes(token.name))
      return usage(table, `unknown option ${token.rawName}${didYouMean(token.name, names)}`);
    if (isText(token.name) && token.value === undefined)
      return usage(table, `${token.rawName} needs a value: ${table[token.name]?.value}`);
  }
  return {
    type: 'given',
    text(name) {
      const given = values[name] ?? env[variableOf(name)];
      return typeof given === 'string' && given !== '' ? given : (table[name]?.default ?? '');
    },
    has: (name) => values[name] === true,
  };
}

export function parseRelayOptions(
  argv: readonly string[],
  environment: Environment,
): OptionsAnswer<RelayOptions> {
  const given = readGiven(relayOptionTable, argv, environment);
  if (given.type === 'usage') return given;
  const { text, has } = given;
  const mode = (['help', 'version', 'needed'] as const).find(has) ?? 'run';
  const runtimeDir = text('runtime-dir');
  return {
    type: 'options',
    options: { config: text('config'), runtimeDir, tied: has('tied'), mode },
  };
}

export function parseOptions(argv: readonly string[], environment: Environment): OptionsAnswer {
  const given = readGiven(optionTable, argv, environment);
  if (given.type === 'usage') return given;
  const { text, has } = given;
  const listen = text('listen') === '' ? undefined : parseListen(text('listen'));
  if (text('listen') !== '' && listen === undefined)
    return usage(
      optionTable,
      `--listen ${text('listen')}: must be a loopback address, such as 127.0.0.1:9470`,
    );
  const mode = (['help', 'version', 'check-config'] as const).find(has);
  return {
    type: 'options',
    options: {
      config: text('config'),
      rulesDirs: text('rules-dir')
        .split(':')
        .filter((dir) => dir !== ''),
      stateDir: text('state-dir'),
      runtimeDir: text('runtime-dir'),
      roots: {
        sysfs: text('sysfs-root'),
        proc: text('proc-root'),
        dev: text('dev-root'),
        etc: text('etc-root'),
      },
      systemBus: text('system-bus'),
      listen,
      withRelay: has('with-relay'),
      mode: mode ?? 'run',
    },
  };
}

const programOf = (table: OptionTable): string =>
  table === relayOptionTable ? 'tocsin-relay' : 'tocsind';

function usage(table: OptionTable, message: string): { readonly type: 'usage'; message: string } {
  return { type: 'usage', message: `${message}\nTry "${programOf(table)} --help".` };
}

function renderTable(table: OptionTable, purpose: string): string {
  const rows = Object.entries(table).map(([name, o]) => {
    const left = `  --${name}${o.value === undefined ? '' : ` ${o.value}`}`;
    const preset = o.default === undefined ? '' : ` [${o.default}]`;
    return `${left.padEnd(28)} ${o.help}${preset}`;
  });
  return [
    `${programOf(table)}: ${purpose}`,
    '',
    'Options (each also as an environment variable: --config is TOCSIN_CONFIG):',
    ...rows,
    '',
  ].join('\n');
}

export const renderHelp = (): string =>
  renderTable(optionTable, 'watches this machine, evaluates alert rules, keeps and tells alerts.');

export const renderRelayHelp = (): string =>
  renderTable(relayOptionTable, 'sends the alerts of tocsind over the network.');
