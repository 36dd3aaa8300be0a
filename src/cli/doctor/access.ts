/** Who may do what: the door for local programs, the one for the web server, accounts and files. */
import { Stop } from '../exit.ts';
import type { Check } from './check.ts';
import { type Finding, ok, orOk, problem, unknown } from './finding.ts';
import type { PathFacts } from './machine.ts';
import type { Scene } from './scene.ts';

export const answerCheck: Check = {
  name: 'answer',
  async look({ daemon }) {
    try {
      const { status, components } = await daemon.health();
      if (components !== undefined) return [ok(`tocsind answers, and says that it is ${status}`)];
      return [unknown('tocsind answers; join tocsin-read to see more: adduser YOU tocsin-read')];
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      const [first = ''] = error.message.split('\n');
      if (error.exit === 'not-permitted') return [unknown(first)];
      const why = 'Neither people nor programs can see alerts.';
      return [problem(first, why, 'systemctl restart tocsin-local.socket tocsin.service')];
    }
  },
};

const users = ['tocsin', 'tocsin-relay'];
const groups = ['tocsin', 'tocsin-relay', 'tocsin-admin', 'tocsin-read'];
/** systemd/tocsin.sysusers says what for. */
const memberships = {
  'systemd-journal':
    'Alerts carry no lines of the journal, and what failed while it was down is missed.',
  tape: 'Tape commands are refused.',
  tty: 'The channel wall reaches no console.',
} as const;
const makeAccounts = 'systemd-sysusers && systemctl restart tocsin';

/** Those of the names that getent(1) does not know. */
async function readMissing(
  scene: Scene,
  table: 'passwd' | 'group',
  names: readonly string[],
): Promise<readonly string[]> {
  const answer = await scene.run(['getent', table, ...names]);
  const known = (answer?.stdout ?? '').split('\n').map((line) => line.split(':')[0]);
  return names.filter((name) => !known.includes(name));
}

async function judgeMemberships(scene: Scene): Promise<readonly Finding[]> {
  const own = (await scene.read(['id', '-nG', 'tocsin'])).trim().split(' ');
  return Object.entries(memberships)
    .filter(([group]) => !own.includes(group))
    .map(([group, why]) =>
      problem(`the user tocsin is not in the group ${group}`, why, makeAccounts),
    );
}

async function readMembers(scene: Scene, group: string): Promise<string> {
  const line = (await scene.read(['getent', 'group', group])).trim();
  return line.split(':')[3] || 'nobody but root';
}

export const accountsCheck: Check = {
  name: 'accounts',
  async look(scene) {
    const missing = [
      ...(await readMissing(scene, 'passwd', users)).map((name) => `user ${name}`),
      ...(await readMissing(scene, 'group', groups)).map((name) => `group ${name}`),
    ];
    if (missing.length > 0) {
      const why = 'Units do not start, or nobody can be let in.';
      return [problem(`there is no ${missing.join(', no ')}`, why, makeAccounts)];
    }
    const [admins, readers] = await Promise.all([
      readMembers(scene, 'tocsin-admin'),
      readMembers(scene, 'tocsin-read'),
    ]);
    const all = `all there; may do everything: ${admins}; may look: ${readers}`;
    return orOk(await judgeMemberships(scene), all);
  },
};

/** What must not be: bits of the mode that open a path to more than it is for. */
interface Place {
  readonly path: string;
  readonly owner: 'root' | 'tocsin';
  /** The mode that it is given by the package. */
  readonly mode: number;
  readonly mustExist: boolean;
  readonly isFolder: boolean;
  readonly why: string;
}

const placesOf = ({ config, stateDir, rulesDirs }: Scene['places']): readonly Place[] => [
  {
    path: config.replace(/\/[^/]*$/, ''),
    owner: 'root',
    mode: 0o755,
    mustExist: true,
    isFolder: true,
    why: 'Whoever can write there decides what is watched, and runs commands as tocsin.',
  },
  {
    path: config,
    owner: 'root',
    mode: 0o644,
    mustExist: false,
    isFolder: false,
    why: 'Whoever can write there decides what is watched, and runs commands as tocsin.',
  },
  {
    path: rulesDirs.at(-1) ?? '',
    owner: 'tocsin',
    mode: 0o755,
    mustExist: true,
    isFolder: true,
    why: 'Rules cannot be changed over the API, or by more people than should.',
  },
  {
    path: stateDir,
    owner: 'tocsin',
    mode: 0o750,
    mustExist: true,
    isFolder: true,
    why: 'tocsind cannot keep alerts, or others can read them.',
  },
  {
    path: `${stateDir}/tocsin.db`,
    owner: 'tocsin',
    mode: 0o600,
    mustExist: true,
    isFolder: false,
    why: 'tocsind cannot keep alerts, or others can read them.',
  },
];

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

function judgePlace(place: Place, facts: PathFacts | undefined, uid: number): readonly Finding[] {
  const { path, owner, mode, why, isFolder } = place;
  const right = `chown ${owner}:${owner} ${path} && chmod ${octal(mode)} ${path}`;
  if (facts === undefined) {
    if (!place.mustExist) return [];
    const make = isFolder ? `mkdir -p ${path} && ${right}` : 'systemctl restart tocsin';
    return [problem(`${path} is not there`, why, make)];
  }
  // A link is judged by what it leads to, which is the administrator's own doing.
  if (facts.type === 'link') return [];
  if (facts.uid !== uid) return [problem(`${path} does not belong to ${owner}`, why, right)];
  const tooMuch = facts.mode & ~mode & 0o777;
  const needed = owner === 'root' ? (isFolder ? 0o005 : 0o004) : mode & 0o700;
  const byGroup = owner === 'root' && facts.gid !== 0 ? needed << 3 : needed;
  const isOpen = (facts.mode & needed) === needed || (facts.mode & byGroup) === byGroup;
  if (tooMuch === 0 && isOpen) return [];
  const what = `${path} has mode ${octal(facts.mode)}, not ${octal(mode)}`;
  return [problem(what, why, right)];
}

export const permissionsCheck: Check = {
  name: 'permissions',
  async look(scene) {
    const uid = Number((await scene.read(['id', '-u', 'tocsin'])).trim());
    const found: Finding[] = [];
    for (const place of placesOf(scene.places)) {
      try {
        const own = place.owner === 'root' ? 0 : uid;
        found.push(...judgePlace(place, scene.facts(place.path), own));
      } catch (error) {
        // The state folder is closed to others: then its database is not seen either.
        found.push(unknown(`${place.path}: ${(error as NodeJS.ErrnoException).code}`));
      }
    }
    return orOk(found, 'settings belong to root, rules and state to tocsin, and to nobody else');
  },
};
