/** The daemon's command line and environment -> where everything is. One table, also for --help. */
import { parseArgs } from 'node:util';
import { didYouMean } from '../domain/nearest.ts';

interface Option {
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
  'check-config': { help: 'Check settings and rules, print complaints, and end.' },
  version: { help: 'Print the version and end.' },
  help: { help: 'Print this and end.' },
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
  readonly mode: 'run' | 'check-config' | 'version' | 'help';
}

export type OptionsAnswer =
  | { readonly type: 'options'; readonly options: Options }
  | { readonly type: 'usage'; readonly message: string };

type Environment = Readonly<Record<string, string | undefined>>;

const variableOf = (name: string): string => `TOCSIN_${name.replaceAll('-', '_').toUpperCase()}`;

/** Loopback only: the daemon speaks no TLS, and a token must not cross a network in the clear. */
function parseListen(text: string): Options['listen'] {
  const match = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) return undefined;
  return { host: (match[1] ?? '').replace(/[[\]]/g, ''), port };
}

export function parseOptions(argv: readonly string[], environment: Environment): OptionsAnswer {
  const names = Object.keys(optionTable) as OptionName[];
  const table: Readonly<Record<string, Option>> = optionTable;
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
    if (token.kind === 'positional') return usage(`unexpected argument "${token.value}"`);
    if (token.kind !== 'option') continue;
    if (!names.includes(token.name as OptionName))
      return usage(`unknown option ${token.rawName}${didYouMean(token.name, names)}`);
    if (isText(token.name) && token.value === undefined)
      return usage(`${token.rawName} needs a value: ${table[token.name]?.value}`);
  }
  const text = (name: OptionName): string => {
    const given = values[name] ?? environment[variableOf(name)];
    return typeof given === 'string' && given !== '' ? given : (table[name]?.default ?? '');
  };
  const listen = text('listen') === '' ? undefined : parseListen(text('listen'));
  if (text('listen') !== '' && listen === undefined)
    return usage(`--listen ${text('listen')}: must be a loopback address, such as 127.0.0.1:9470`);
  const mode = (['help', 'version', 'check-config'] as const).find((m) => values[m] === true);
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
      mode: mode ?? 'run',
    },
  };
}

const usage = (message: string): OptionsAnswer => ({
  type: 'usage',
  message: `${message}\nTry "tocsind --help".`,
});

export function renderHelp(): string {
  const rows = Object.entries(optionTable as Readonly<Record<string, Option>>).map(([name, o]) => {
    const left = `  --${name}${o.value === undefined ? '' : ` ${o.value}`}`;
    const preset = o.default === undefined ? '' : ` [${o.default}]`;
    return `${left.padEnd(28)} ${o.help}${preset}`;
  });
  return [
    'tocsind: watches this machine, evaluates alert rules, keeps and tells alerts.',
    '',
    'Options (each also as an environment variable: --state-dir is TOCSIN_STATE_DIR):',
    ...rows,
    '',
  ].join('\n');
}
