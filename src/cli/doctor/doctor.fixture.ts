/** For tests: a healthy appliance as the doctor sees it, of which a test makes a sick one. */
import type { Files } from '../../platform/files.ts';
import type { ChannelView, HealthView, RuleView } from '../views.ts';
import { type CheckedFinding, runChecks } from './checks.ts';
import type { CommandAnswer, Machine, PathFacts } from './machine.ts';
import { createScene, type Daemon } from './scene.ts';

/** What each command answers, by its line; a text alone is a success. */
export type Answers = Record<string, string | CommandAnswer | undefined>;

export interface Sick {
  readonly commands?: Answers;
  readonly files?: Readonly<Record<string, string | undefined>>;
  readonly facts?: Readonly<Record<string, Partial<PathFacts> | Error | undefined>>;
  /** Properties of units over the healthy ones. */
  readonly units?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly daemon?: Partial<Daemon>;
  readonly asked?: number | string;
  readonly uid?: number;
}

export const refused = (stderr: string, exitStatus = 1): CommandAnswer => ({
  exitStatus,
  stdout: '',
  stderr,
});

const running = {
  LoadState: 'loaded',
  UnitFileState: 'enabled',
  ActiveState: 'active',
  SubState: 'running',
  Result: 'success',
  NRestarts: '0',
  NeedDaemonReload: 'no',
  StatusText: '',
  MainPID: '77',
  ExecMainStatus: '0',
};
const healthyUnits: NonNullable<Sick['units']> = {
  'tocsin.service': running,
  'tocsin-local.socket': { ...running, SubState: 'running' },
  'tocsin-api.socket': { ...running, SubState: 'running' },
  'tocsin-relay.socket': { ...running, SubState: 'running' },
  'tocsin-relay.service': running,
  'polkit.service': running,
  'nginx.service': running,
};

const uid = 990;
const wwwData = 33;
const relayGroup = 989;
const file: PathFacts = { type: 'file', mode: 0o644, uid: 0, gid: 0, sizeBytes: 4096 };
const folder: PathFacts = { ...file, type: 'directory', mode: 0o755 };
const socket: PathFacts = { ...file, type: 'socket', mode: 0o660 };
const healthyFacts: Readonly<Record<string, PathFacts>> = {
  '/run/tocsin/local.sock': { ...socket, mode: 0o666 },
  '/run/tocsin/api.sock': { ...socket, gid: wwwData },
  '/run/tocsin/relay.sock': { ...socket, gid: relayGroup },
  '/etc/tocsin': folder,
  '/etc/tocsin/tocsin.yaml': file,
  '/etc/tocsin/rules.d': { ...folder, uid, gid: uid },
  '/var/lib/tocsin': { ...folder, mode: 0o750, uid, gid: uid },
  '/var/lib/tocsin/tocsin.db': { ...file, mode: 0o600, uid, gid: uid },
  '/etc/credstore/tocsin.token': { ...file, mode: 0o600 },
  '/usr/share/dbus-1/system.d/org.tocsin1.conf': file,
  '/usr/share/dbus-1/system-services/org.tocsin1.service': file,
  '/usr/share/dbus-1/interfaces/org.tocsin1.xml': file,
  '/usr/share/polkit-1/actions/org.tocsin1.policy': file,
  '/usr/share/polkit-1/rules.d/50-tocsin.rules': file,
  '/etc/nginx/snippets/tocsin.conf': file,
};

const ownRules = '/usr/lib/tocsin/rules.d/systemd.yaml';
export const noOwnRules = { [ownRules]: undefined };
const healthyFiles: Readonly<Record<string, string>> = {
  [ownRules]: `rules:
  - { id: unit-failed, kind: systemd.unit, when: unit.activeState == "failed", severity: critical,
      source: system, title: a, message: b, advice: c }
`,
  '/etc/tocsin/tocsin.yaml':
    'channels:\n  hook: { type: webhook, url: "https://hook.test/", token: { credential: tocsin.token } }\n',
  '/etc/nginx/nginx.conf': 'user www-data;\nhttp { include /etc/nginx/sites-enabled/*; }\n',
  '/etc/nginx/sites-enabled/tocsin': 'server {\n  include snippets/tocsin.conf;\n}\n',
};

const bus = 'busctl --system call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus';
export const busCall = (member: string): string => `${bus} ${member} s org.tocsin1`;
export const packageQuery = `dpkg-query --show --showformat=\${db:Status-Abbrev}\\t\${Version} tocsin`;

const healthyCommands = (version: string): Answers => ({
  'systemctl --version': 'systemd 252 (252.39-1~deb12u1)\n+PAM\n',
  'getent passwd tocsin tocsin-relay': 'tocsin:x:990:\ntocsin-relay:x:989:\n',
  'getent group tocsin tocsin-relay tocsin-admin tocsin-read':
    'tocsin:x:990:\ntocsin-relay:x:989:\ntocsin-admin:x:988:ann\ntocsin-read:x:987:\n',
  'getent group tocsin-admin': 'tocsin-admin:x:988:ann\n',
  'getent group tocsin-read': 'tocsin-read:x:987:\n',
  'getent group root': 'root:x:0:\n',
  'getent group www-data': `www-data:x:${wwwData}:\n`,
  'getent group tocsin-relay': `tocsin-relay:x:${relayGroup}:\n`,
  'id -u tocsin': `${uid}\n`,
  'id -nG tocsin': 'tocsin systemd-journal tape tty\n',
  'id -nG www-data': 'www-data\n',
  'test -w': '',
  'stat -f -c %S %b %a %c %d /var/lib/tocsin': '4096 10000000 5000000 600000 500000\n',
  'systemd-detect-virt --container --quiet': refused(''),
  'timedatectl show --property=NTPSynchronized --value': 'yes\n',
  [packageQuery]: `ii \t${version}`,
  [busCall('GetNameOwner')]: 's ":1.7"\n',
  [busCall('GetConnectionUnixProcessID')]: 'u 77\n',
  'systemctl cat tocsin-relay.service': 'LoadCredential=tocsin.smtp\nLoadCredential=tocsin.token\n',
  'nginx -t -q': '',
});

export const healthyChannel: ChannelView = {
  name: 'hook',
  type: 'webhook',
  place: 'relay',
  enabled: true,
  health: 'healthy',
  reason: null,
  failingSince: null,
  lastDeliveredAt: '2026-11-22T06:00:00.000Z',
  waiting: 0,
  waitingSince: null,
  sentLastHour: 1,
  budget: 60,
  settings: {},
};

const since = '2026-11-22T05:00:00.000Z';
const component = { status: 'healthy', reason: null, since, blindSince: null } as const;
export const healthyHealth = (version: string): HealthView => ({
  status: 'healthy',
  version,
  ready: true,
  components: {
    systemd: component,
    scst: { ...component, reason: 'SCST is not loaded' },
    database: component,
    configuration: component,
  },
  blind: [],
});

export const siteRule = (kind: string): RuleView => ({
  id: 'mine',
  kind,
  form: 'condition',
  source: 'system',
  severities: ['warning'],
  title: 'Mine',
  enabled: true,
  file: '/etc/tocsin/rules.d/mine.yaml',
  line: 2,
  dropIns: [],
  digest: '',
  definition: {},
});

function plantFiles(texts: Readonly<Record<string, string | undefined>>): Files {
  return {
    readText: (path) => texts[path],
    readAttribute: (path) => texts[path],
    readBinary: () => undefined,
    readLink: () => undefined,
    stat: () => undefined,
    list(path) {
      const names = Object.keys(texts)
        .filter((one) => texts[one] !== undefined && one.startsWith(`${path}/`))
        .map((one) => one.slice(path.length + 1))
        .filter((name) => !name.includes('/'));
      return names.length === 0 ? undefined : names.map((name) => ({ name, type: 'file' }));
    },
  };
}

function plantMachine(sick: Sick, version: string): Machine {
  const commands = { ...healthyCommands(version), ...sick.commands };
  return {
    files: plantFiles({ ...healthyFiles, ...sick.files }),
    facts(path) {
      const wrong = sick.facts?.[path];
      if (wrong instanceof Error) throw wrong;
      if (sick.facts !== undefined && path in sick.facts && wrong === undefined) return undefined;
      const healthy = healthyFacts[path];
      return wrong === undefined ? healthy : { ...(healthy ?? file), ...wrong };
    },
    async run(argv) {
      const [program, verb] = argv;
      const name = argv.at(-1) ?? '';
      const line = argv.join(' ');
      if (program === 'systemctl' && verb === 'show' && commands['systemctl show'] === undefined) {
        const unit = { ...healthyUnits[name], ...sick.units?.[name] };
        return { exitStatus: 0, stdout: renderUnit(unit), stderr: '' };
      }
      const answer = commands[line] ?? commands[`${program} ${verb ?? ''}`];
      return typeof answer === 'string' ? { exitStatus: 0, stdout: answer, stderr: '' } : answer;
    },
    ask: async () => sick.asked ?? 200,
    uid: sick.uid ?? 0,
  };
}

const renderUnit = (unit: Readonly<Record<string, string>>): string =>
  Object.entries(unit)
    .flatMap(([name, value]) => value.split('\n').map((one) => `${name}=${one}`))
    .join('\n');

/** All that the doctor finds on such an appliance. */
export function examineSick(sick: Sick, version: string): Promise<readonly CheckedFinding[]> {
  const daemon: Daemon = {
    health: async () => healthyHealth(version),
    channels: async () => [healthyChannel],
    rules: async () => [],
    has: async () => true,
    ...sick.daemon,
  };
  const places = {
    config: '/etc/tocsin/tocsin.yaml',
    rulesDirs: ['/usr/lib/tocsin/rules.d', '/run/tocsin/rules.d', '/etc/tocsin/rules.d'],
    stateDir: '/var/lib/tocsin',
    runtimeDir: '/run/tocsin',
  };
  return runChecks(createScene(plantMachine(sick, version), daemon, places));
}
