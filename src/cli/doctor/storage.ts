/** What tocsind keeps, and what it keeps it on; and the clock, by which it tells when. */
import type { Check } from './check.ts';
import { type Finding, notApplicable, ok, orOk, problem, reinstall } from './finding.ts';
import { getSettings, type Scene } from './scene.ts';

const mebibyte = 1024 ** 2;
const inMebibytes = (bytes: number): string => `${Math.ceil(bytes / mebibyte)} MiB`;

/** Pages that wait to be written back: more than this means that a reader never ends. */
const walBytesMax = 64 * mebibyte;
/** Retention works in steps, and a file does not shrink by itself. */
const sizeOverMost = 1.5;

/** Sizes and leftovers, as far as we may see the folder: it is closed to others. */
async function judgeFiles(scene: Scene): Promise<readonly Finding[]> {
  const { stateDir } = scene.places;
  const path = `${stateDir}/tocsin.db`;
  const size = scene.facts(path)?.sizeBytes ?? 0;
  const wal = scene.facts(`${path}-wal`)?.sizeBytes ?? 0;
  const { retention } = await getSettings(scene);
  const aside = (scene.files.list(stateDir) ?? []).filter(({ name }) => /\.corrupt-/.test(name));
  return [
    ...(size > retention.size * sizeOverMost
      ? [
          problem(
            `${path} has ${inMebibytes(size)}, and retention.size is ${inMebibytes(retention.size)}`,
            'What is old is not deleted.',
            'tocsin health; journalctl -u tocsin -g database -n 20',
          ),
        ]
      : []),
    ...(wal > walBytesMax
      ? [
          problem(
            `${path}-wal has ${inMebibytes(wal)}`,
            'A program holds the database open and reads without an end.',
            `fuser -v ${path}; end what is not tocsind`,
          ),
        ]
      : []),
    ...aside.map(({ name }) =>
      problem(
        `${stateDir}/${name} was set aside as corrupt`,
        'The disk or its memory may be failing, and older alerts are in that file alone.',
        `look at the disk (smartctl -a), then: mv ${stateDir}/${name} /root/`,
      ),
    ),
  ];
}

export const databaseCheck: Check = {
  name: 'database',
  async look(scene) {
    const { components = {} } = await scene.health();
    const { database, history } = components;
    const found: Finding[] = [];
    for (const [name, state] of Object.entries({ database, history })) {
      if (state === undefined || state.status === 'healthy') continue;
      const what = `${name} is ${state.status}: ${state.reason ?? 'no reason is known'}`;
      const why = 'What happens is not, or may soon not be, kept.';
      found.push(
        problem(what, why, `df -h ${scene.places.stateDir}; tocsin rule show database-failing`),
      );
    }
    // Ours to open alone: uid 0 and tocsin.
    const files = scene.uid === 0 ? await judgeFiles(scene) : [];
    const size = scene.uid === 0 ? scene.facts(`${scene.places.stateDir}/tocsin.db`) : undefined;
    const shown = size === undefined ? '' : `, ${inMebibytes(size.sizeBytes)}`;
    return orOk([...found, ...files], `tocsind reads and writes it${shown}`);
  },
};

/** Below, the next backup of the database before an upgrade may not fit. */
const freeBytesMin = 128 * mebibyte;
const freeRatioMin = 0.02;
const freeInodesMin = 1000;

/** stat -f: block size, blocks, those free for others than root, inodes, free inodes. */
async function readRoom(scene: Scene, folder: string) {
  const said = await scene.read(['stat', '-f', '-c', '%S %b %a %c %d', folder]);
  const [block = 0, blocks = 0, free = 0, inodes = 0, freeInodes = 0] = said
    .trim()
    .split(' ')
    .map(Number);
  return { sizeBytes: block * blocks, freeBytes: block * free, inodes, freeInodes };
}

/** Root may write wherever the file system takes it. */
async function judgeWriting(scene: Scene): Promise<readonly Finding[]> {
  const { stateDir } = scene.places;
  const answer = scene.uid === 0 ? await scene.run(['test', '-w', stateDir]) : undefined;
  if (answer === undefined || answer.exitStatus === 0) return [];
  const what = `the file system of ${stateDir} takes no writing`;
  const why = 'What happens is kept in memory (/run), and is lost when the machine stops.';
  const mend =
    `journalctl -k -p warning -n 20; findmnt -T ${stateDir}. If it is sound: mount -o remount,rw ` +
    'WHERE. If not: systemctl stop tocsin, unmount it, fsck, mount it, systemctl start tocsin';
  return [problem(what, why, mend)];
}

export const diskCheck: Check = {
  name: 'disk',
  async look(scene) {
    const { stateDir } = scene.places;
    const { sizeBytes, freeBytes, inodes, freeInodes } = await readRoom(scene, stateDir);
    const why = 'When it is full, alerts are kept in memory only, and a restart loses them.';
    const found: Finding[] = [...(await judgeWriting(scene))];
    if (freeBytes < freeBytesMin || freeBytes < sizeBytes * freeRatioMin) {
      const what = `the file system of ${stateDir} has ${inMebibytes(freeBytes)} left`;
      const mend = `df -h ${stateDir}; du -xh --max-depth=2 / | sort -h | tail; remove what is not needed`;
      found.push(problem(what, why, mend));
    }
    // Some file systems make inodes as they need them, and say 0.
    if (inodes > 0 && freeInodes < freeInodesMin) {
      const what = `the file system of ${stateDir} has ${freeInodes} inodes left`;
      const mend = `df -i ${stateDir}; du -x --inodes --max-depth=2 / | sort -n | tail; remove files`;
      found.push(problem(what, why, mend));
    }
    return orOk(found, `${inMebibytes(freeBytes)} free where ${stateDir} is`);
  },
};

export const clockCheck: Check = {
  name: 'clock',
  async look(scene) {
    const inside = await scene.run(['systemd-detect-virt', '--container', '--quiet']);
    if (inside?.exitStatus === 0) return [notApplicable('a container has the clock of its host')];
    const said = await scene.read(['timedatectl', 'show', '--property=NTPSynchronized', '--value']);
    if (said.trim() === 'yes') return [ok('synchronised')];
    const why = 'Times of alerts cannot be compared with those of other machines.';
    const mend =
      'timedatectl set-ntp true (apt-get install systemd-timesyncd, where it is missing)';
    return [problem('the clock is not synchronised', why, mend)];
  },
};

/** Of a Debian version what ours has too: a rebuild adds `+b1`, a backport `~bpo12+1`. */
const upstreamOf = (version: string): string => version.replace(/[+~-].*$/, '');

/** `ii ` and the version; undefined where dpkg does not know the package. */
async function readPackage(scene: Scene) {
  const format = `--showformat=\${db:Status-Abbrev}\\t\${Version}`;
  const answer = await scene.run(['dpkg-query', '--show', format, 'tocsin']);
  if (answer?.exitStatus !== 0) return undefined;
  const [state = '', version = ''] = answer.stdout.trim().split('\t');
  return { state: state.trim(), version };
}

export const versionsCheck = (own: string): Check => ({
  name: 'versions',
  async look(scene) {
    const installed = await readPackage(scene);
    const found: Finding[] = [];
    if (installed === undefined) {
      found.push(notApplicable(`dpkg knows no package tocsin; this is tocsin ${own}`));
    } else if (installed.state !== 'ii') {
      const what = `the package is in state "${installed.state}", not wholly installed`;
      const mend = 'dpkg --configure -a && apt-get -f install';
      found.push(problem(what, 'Its units or accounts may be missing.', mend));
    } else if (upstreamOf(installed.version) !== upstreamOf(own)) {
      const what = `this command is ${own}, the package is ${installed.version}`;
      const mend = `type -a tocsin, and remove the other one; or: ${reinstall}`;
      found.push(problem(what, 'Another tocsin is found first, or files were changed.', mend));
    }
    const { version: running = '' } = await scene.health();
    const wanted = upstreamOf(installed?.version ?? own);
    if (upstreamOf(running) !== wanted) {
      const what = `tocsind ${running} runs, and ${wanted} is installed`;
      const why = 'An upgrade has not come into force.';
      found.push(problem(what, why, 'systemctl restart tocsin'));
    }
    return orOk(found, `command, daemon and package are ${own}`);
  },
});
