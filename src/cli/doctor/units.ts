/** The units: are they there, do they start with the machine, do they run, and why not. */
import type { Check } from './check.ts';
import { type Finding, ok, orOk, problem, reinstall } from './finding.ts';
import type { Scene, Unit } from './scene.ts';

const service = 'tocsin.service';

/** Of the log, beside a service that does not run. */
const logLinesMax = 8;
/** sysexits(3): settings, rules or the database are wrong, and starting again cannot help. */
const exitConfiguration = '78';

/** What is wrong with the unit as systemd has loaded it; undefined where nothing is. */
export function judgeLoading(name: string, unit: Unit): Finding | undefined {
  const { LoadState = '', NeedDaemonReload } = unit;
  if (LoadState === 'not-found') {
    return problem(
      `there is no ${name}`,
      'The package is not, or not wholly, installed.',
      reinstall,
    );
  }
  if (LoadState === 'masked') {
    const mend = `systemctl unmask ${name} && systemctl enable --now ${name}`;
    return problem(`${name} is masked`, 'systemd refuses to start it.', mend);
  }
  if (LoadState !== 'loaded') {
    const what = `systemd cannot load ${name} (${LoadState})`;
    return problem(what, 'It cannot be started.', `systemd-analyze verify ${name}`);
  }
  if (NeedDaemonReload !== 'yes') return undefined;
  return problem(
    `the files of ${name} have changed since systemd read them`,
    'What runs is not what is written.',
    `systemctl daemon-reload && systemctl restart ${name}`,
  );
}

const judgeEnabled = (name: string, { UnitFileState = '' }: Unit, mend: string): Finding[] =>
  UnitFileState === 'enabled'
    ? []
    : [
        problem(
          `${name} is ${UnitFileState || 'not enabled'}`,
          'It does not start with the machine: after the next boot nobody watches.',
          mend,
        ),
      ];

/** The last lines of its log, as far as we may see it. */
export async function readLog(scene: Scene, name: string): Promise<readonly string[]> {
  const answer = await scene.run([
    'journalctl',
    '--quiet',
    '--no-pager',
    '--output=cat',
    `--lines=${logLinesMax}`,
    `--unit=${name}`,
  ]);
  const lines = (answer?.stdout ?? '').split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 ? lines : ['(its log cannot be seen: run this as root)'];
}

/** Why a service that should run does not, in words. */
export function reasonOf({
  ActiveState,
  SubState,
  Result,
  ExecMainStatus,
  StatusText,
}: Unit): string {
  const said = StatusText ? `, it said: ${StatusText}` : '';
  if (ExecMainStatus === exitConfiguration) {
    return `ended with status 78: its settings, rules or database are wrong${said}`;
  }
  const how = Result === 'success' || Result === undefined ? '' : `, ${Result}`;
  const status = ExecMainStatus === '0' || ExecMainStatus === undefined ? '' : ` ${ExecMainStatus}`;
  return `${ActiveState ?? '?'} (${SubState ?? '?'}${how}${status})${said}`;
}

export const isRunning = ({ ActiveState }: Unit): boolean =>
  ActiveState === 'active' || ActiveState === 'reloading';

async function judgeRunning(scene: Scene, unit: Unit): Promise<readonly Finding[]> {
  if (isRunning(unit)) return [];
  const isWrong = unit.ExecMainStatus === exitConfiguration;
  const mend = isWrong
    ? 'tocsin config check; tocsin rule check; then: systemctl restart tocsin'
    : 'systemctl restart tocsin; what it says then: journalctl -u tocsin -n 20';
  return [
    problem(
      `${service} does not run: ${reasonOf(unit)}`,
      'Nothing is watched and nobody is told. (apt reports success even so.)',
      mend,
      await readLog(scene, service),
    ),
  ];
}

export const serviceCheck: Check = {
  name: 'service',
  async look(scene) {
    const unit = await scene.unit(service);
    const loading = judgeLoading(service, unit);
    if (loading !== undefined && unit.LoadState !== 'loaded') return [loading];
    const found = [
      ...(loading === undefined ? [] : [loading]),
      ...judgeEnabled(service, unit, 'systemctl enable tocsin.service'),
      ...(await judgeRunning(scene, unit)),
    ];
    const restarts = Number(unit.NRestarts ?? 0);
    const again = restarts > 0 ? `; systemd had to start it again ${restarts} times` : '';
    return orOk(found, `${service} runs, and starts with the machine${again}`);
  },
};

/** The sockets by systemd, and what stat(2) must say of each: systemd/*.socket. */
const sockets = [
  { name: 'local', mode: 0o666, group: 'root', why: 'The command tocsin and local programs' },
  { name: 'api', mode: 0o660, group: 'www-data', why: 'The web server' },
  { name: 'relay', mode: 0o660, group: 'tocsin-relay', why: 'tocsin-relay' },
] as const;

type SocketFacts = (typeof sockets)[number];

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

/** The number of a group by getent(1): groups can come from a directory too. */
async function groupNumber(scene: Scene, name: string): Promise<number> {
  return Number((await scene.read(['getent', 'group', name])).split(':')[2]);
}

async function judgeSocketFile(
  scene: Scene,
  { name, mode, group, why }: SocketFacts,
): Promise<Finding | undefined> {
  const path = `${scene.places.runtimeDir}/${name}.sock`;
  const mend = `systemctl stop tocsin && systemctl restart tocsin-${name}.socket && systemctl start tocsin`;
  const facts = scene.facts(path);
  if (facts?.type !== 'socket') {
    const what = facts === undefined ? `${path} is gone` : `${path} is no socket`;
    return problem(what, `${why} cannot reach tocsind.`, mend);
  }
  if (facts.mode !== mode) {
    const what = `${path} has mode ${octal(facts.mode)}, not ${octal(mode)}`;
    const isOpen = (facts.mode & ~mode) !== 0;
    const result = isOpen ? 'More may connect than should.' : `${why} may not connect.`;
    return problem(what, result, mend);
  }
  if (facts.uid === 0 && facts.gid === (await groupNumber(scene, group))) return undefined;
  return problem(`${path} is not of root:${group}`, `${why} may not connect.`, mend);
}

async function judgeSocket(scene: Scene, socket: SocketFacts): Promise<readonly Finding[]> {
  const name = `tocsin-${socket.name}.socket`;
  const unit = await scene.unit(name);
  const loading = judgeLoading(name, unit);
  if (loading !== undefined) return [loading];
  const enabled = judgeEnabled(name, unit, `systemctl enable ${name}`);
  if (unit.ActiveState !== 'active') {
    const mend = `systemctl stop tocsin && systemctl start ${name} tocsin`;
    const what = `${name} does not listen: ${reasonOf(unit)}`;
    return [...enabled, problem(what, `${socket.why} cannot reach tocsind.`, mend)];
  }
  const file = await judgeSocketFile(scene, socket);
  return file === undefined ? enabled : [...enabled, file];
}

export const socketsCheck: Check = {
  name: 'sockets',
  async look(scene) {
    const found: Finding[] = [];
    for (const socket of sockets) found.push(...(await judgeSocket(scene, socket)));
    return orOk(found, 'local, api and relay listen, and belong to whom they should');
  },
};

/** Of the Depends in debian/control; older ones lack what the units ask for. */
const systemdVersionMin = 252;

export const systemdCheck: Check = {
  name: 'systemd',
  async look(scene) {
    const said = await scene.read(['systemctl', '--version']);
    const version = Number(/^systemd (\d+)/.exec(said)?.[1]);
    if (version >= systemdVersionMin) return [ok(`systemd ${version}`)];
    const why = `tocsin needs ${systemdVersionMin} or newer: older ones ignore parts of its units.`;
    return [problem(`systemd ${version || 'of unknown version'}`, why, 'apt-get install systemd')];
  },
};
