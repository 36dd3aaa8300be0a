/** The door over D-Bus: who has the name, and whether the files that open it are there. */
import type { Check } from './check.ts';
import { type Finding, notApplicable, ok, orOk, problem, reinstall, unknown } from './finding.ts';
import { complaintOf, type Scene } from './scene.ts';
import { isRunning } from './units.ts';

const name = 'org.tocsin1';

/** A call to the bus itself, as busctl(1) prints its answer: `s ":1.7"`. */
const callBus = (member: string): readonly [string, ...string[]] => [
  'busctl',
  '--system',
  'call',
  'org.freedesktop.DBus',
  '/org/freedesktop/DBus',
  'org.freedesktop.DBus',
  member,
  's',
  name,
];

/** What comes of it. */
export const noAnswer = 'Programs and desktops that ask over D-Bus get no answer.';

async function judgeOwner(scene: Scene, mainPid: string): Promise<readonly Finding[]> {
  const answer = await scene.run(callBus('GetNameOwner'));
  if (answer === undefined) return [unknown('there is no busctl to ask with')];
  if (answer.exitStatus !== 0) {
    const said = complaintOf(answer);
    if (!/no such name|NameHasNoOwner/i.test(said)) {
      const mend = 'systemctl start dbus.socket dbus.service';
      return [problem(`the system bus does not answer: ${said}`, noAnswer, mend)];
    }
    const mend = 'systemctl reload dbus && systemctl restart tocsin';
    return [problem(`nobody has the name ${name} on the system bus`, noAnswer, mend)];
  }
  const pid = (await scene.read(callBus('GetConnectionUnixProcessID'))).trim().split(' ')[1];
  if (pid === mainPid) return [ok(`tocsind has the name ${name}`)];
  const mend = `busctl status ${name}; end that process, then: systemctl restart tocsin`;
  return [problem(`${name} belongs to process ${pid}, not to tocsind`, noAnswer, mend)];
}

export const busNameCheck: Check = {
  name: 'bus-name',
  async look(scene) {
    const unit = await scene.unit('tocsin.service');
    if (!isRunning(unit)) return [unknown('tocsind does not run')];
    return judgeOwner(scene, unit.MainPID ?? '');
  },
};

/** What the bus and its activation read: debian/rules puts them there. */
const busFiles = [
  ['/usr/share/dbus-1/system.d/org.tocsin1.conf', 'The bus refuses the name to tocsind.'],
  ['/usr/share/dbus-1/system-services/org.tocsin1.service', 'A call does not start tocsind.'],
  ['/usr/share/dbus-1/interfaces/org.tocsin1.xml', 'Programs cannot be built against it.'],
] as const;

const judgeFiles = (
  scene: Scene,
  files: readonly (readonly [path: string, why: string])[],
): readonly Finding[] =>
  files
    .filter(([path]) => scene.facts(path) === undefined)
    .map(([path, result]) => problem(`${path} is missing`, result, reinstall));

export const busFilesCheck: Check = {
  name: 'bus-files',
  look: async (scene) => orOk(judgeFiles(scene, busFiles), 'policy, activation and interface'),
};

const polkitFiles = [
  [
    '/usr/share/polkit-1/actions/org.tocsin1.policy',
    'polkit knows none of our actions: over D-Bus only root may change anything.',
  ],
  [
    '/usr/share/polkit-1/rules.d/50-tocsin.rules',
    'Members of tocsin-admin are asked for a password that they need not know.',
  ],
] as const;

export const polkitCheck: Check = {
  name: 'polkit',
  async look(scene) {
    const missing = judgeFiles(scene, polkitFiles);
    const { LoadState } = await scene.unit('polkit.service');
    if (LoadState === 'not-found') {
      return [notApplicable('polkit is not installed: root and tocsin-admin act over D-Bus')];
    }
    return orOk(missing, 'our actions and the rule for tocsin-admin are there');
  },
};
