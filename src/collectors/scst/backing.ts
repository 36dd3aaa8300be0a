/**
 * Do the files behind the devices exist? They may lie on a mount that does not answer, so a child
 * process asks, one for each folder: a dead mount takes no other folder's answer away. A file is
 * gone only where the kernel says so and tocsin would see it if it were there.
 */
import { unreadable } from '../../domain/reading.ts';
import { seconds } from '../../domain/time.ts';
import type { ProbeOutcome, Probes } from '../../platform/probes.ts';
import type { Fact } from './attribute.ts';
import type { Backing } from './facts.ts';

const timeout = seconds(10);
/** Children at once. */
const foldersAtOnce = 4;
/** Names on one command line. */
const filesAtOnce = 500;

/** With PrivateTmp= and ProtectHome= these are others than those that SCST opened. */
const hiddenFolders = /^\/(tmp|var\/tmp|home|root|run\/user)\//;

export interface Places {
  /** Where /dev is. */
  readonly dev: string;
  /** The block devices of the machine are to be seen there (PrivateDevices=no). */
  readonly devicesVisible: boolean;
  /** Before every other path where a captured machine is looked at; empty for this machine. */
  readonly tree: string;
  /** The names in the tree's first folder; undefined for this machine, which has them all. */
  readonly captured?: ReadonlySet<string>;
}

interface Asked {
  readonly filename: string;
  /** The same where a captured machine is looked at. */
  readonly path: string;
}

const folderOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

function backingOfType(type: string): Backing {
  return type === 'block special file' ? 'block' : 'other';
}

/** stat says why on standard error, with the name in quotes. */
function whyMissing({ path, filename }: Asked, stderr: string, places: Places): Fact<Backing> {
  const line = stderr.split('\n').find((one) => one.includes(`'${path}': `));
  if (line === undefined) return unreadable('stat gave no answer');
  const why = line.slice(line.lastIndexOf(': ') + 2);
  if (why !== 'No such file or directory' && why !== 'Not a directory') return unreadable(why);
  if (filename.startsWith('/dev/') && !places.devicesVisible)
    return unreadable('the devices of the machine are hidden from tocsin (PrivateDevices)');
  if (places.captured?.has(filename.split('/')[1] ?? '') === false)
    return unreadable('this folder of the machine was not captured');
  if (hiddenFolders.test(filename))
    return unreadable('this folder is hidden from tocsin (PrivateTmp, ProtectHome)');
  return 'absent';
}

function answersOf(
  asked: readonly Asked[],
  outcome: ProbeOutcome,
  places: Places,
): ReadonlyMap<string, Fact<Backing>> {
  const same = (why: string): ReadonlyMap<string, Fact<Backing>> =>
    new Map(asked.map(({ filename }) => [filename, unreadable(why)]));
  if (outcome.type === 'timeout') return same('its folder does not answer (stat took over 10 s)');
  if (outcome.type === 'busy') return same('its folder does not answer (stat has not come back)');
  if (outcome.type === 'missing') return same(outcome.why);
  const types = new Map<string, string>();
  for (const line of outcome.stdout.split('\n')) {
    const tab = line.indexOf('\t');
    if (tab > 0) types.set(line.slice(tab + 1), line.slice(0, tab));
  }
  return new Map(
    asked.map((one) => {
      const type = types.get(one.path);
      const missing = (): Fact<Backing> => whyMissing(one, outcome.stderr, places);
      return [one.filename, type === undefined ? missing() : backingOfType(type)];
    }),
  );
}

/** The answer for each file name. Only absolute names are asked: others mean nothing to us. */
export async function readBacking(
  probes: Probes,
  filenames: readonly string[],
  places: Places,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Fact<Backing>>> {
  const asked = [...new Set(filenames)]
    .filter((name) => name.startsWith('/'))
    .map((filename): Asked => {
      const inDev = filename.startsWith('/dev/');
      return {
        filename,
        path: inDev ? `${places.dev}${filename.slice(4)}` : `${places.tree}${filename}`,
      };
    });
  const folders = [...Map.groupBy(asked, ({ path }) => folderOf(path))];
  const answers = new Map<string, Fact<Backing>>();
  const askFolder = async (folder: string, files: readonly Asked[]): Promise<void> => {
    for (let i = 0; i < files.length; i += filesAtOnce) {
      const some = files.slice(i, i + filesAtOnce);
      const argv = ['stat', '-L', '--printf=%F\\t%n\\n', '--'] as const;
      const names = some.map(({ path }) => path);
      const outcome = await probes.run(`files in ${folder}`, [...argv, ...names], {
        timeout,
        signal,
      });
      for (const [name, fact] of answersOf(some, outcome, places)) answers.set(name, fact);
    }
  };
  for (let i = 0; i < folders.length; i += foldersAtOnce) {
    const some = folders.slice(i, i + foldersAtOnce);
    await Promise.all(some.map(([folder, files]) => askFolder(folder, files)));
  }
  return answers;
}
