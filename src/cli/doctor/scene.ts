/**
 * What the checks look at: the machine, the daemon, and facts that several of them need, each of
 * which is asked for once.
 */
import { loadSettings, readSettingsFiles } from '../../config/load.ts';
import type { Settings } from '../../config/settings.ts';
import { type Complaint, renderComplaint } from '../../domain/rule.ts';
import type { Api } from '../api.ts';
import { Stop } from '../exit.ts';
import type { ChannelView, HealthView, RuleView } from '../views.ts';
import { Unseen } from './finding.ts';
import type { CommandAnswer, Machine } from './machine.ts';

/** Properties of a unit by name: `systemctl show`. */
export type Unit = Readonly<Record<string, string>>;

export interface Places {
  readonly config: string;
  readonly rulesDirs: readonly string[];
  readonly stateDir: string;
  readonly runtimeDir: string;
}

export interface SettingsFacts {
  readonly settings: Settings | undefined;
  readonly complaints: readonly Complaint[];
}

/** What the checks ask of tocsind. */
export interface Daemon {
  health(): Promise<HealthView>;
  channels(): Promise<readonly ChannelView[]>;
  /** Those in force that are enabled. */
  rules(): Promise<readonly RuleView[]>;
  /** Whether there is a thing of this kind. */
  has(kind: string): Promise<boolean>;
}

export interface Scene extends Machine {
  readonly places: Places;
  readonly daemon: Daemon;
  /** The standard output of a command that must succeed; else it is Unseen why. */
  read(argv: readonly [string, ...string[]]): Promise<string>;
  /** Properties that the checks ask of a unit. */
  unit(name: string): Promise<Unit>;
  /** What the daemon answers: Unseen where it does not, or not to us. */
  health(): Promise<HealthView>;
  channels(): Promise<readonly ChannelView[]>;
  settings(): Promise<SettingsFacts>;
}

const properties =
  'LoadState UnitFileState ActiveState SubState Result NRestarts NeedDaemonReload StatusText MainPID ' +
  'ExecMainStatus';

/** `NAME=VALUE` lines; a name that comes again adds to its value. */
export function readProperties(text: string): Unit {
  const found: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at < 0) continue;
    const name = line.slice(0, at);
    const value = line.slice(at + 1);
    found[name] = found[name] === undefined ? value : `${found[name]}\n${value}`;
  }
  return found;
}

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';

/** What a command said of why it failed, in one line. */
export const complaintOf = ({ stderr, stdout }: CommandAnswer): string =>
  firstLine(stderr) || firstLine(stdout) || 'it said nothing';

/** Each is done once, however many ask. */
function once<T>(look: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined;
  return () => {
    found ??= look();
    return found;
  };
}

export const daemonOf = (api: Api): Daemon => ({
  health: () => api.health(),
  channels: async () => (await api.list('channel.list', {})).rows,
  rules: async () => (await api.list('rule.list', { enabled: true })).rows,
  has: async (kind) => (await api.list('resource.list', { kind }, 1)).rows.length > 0,
});

async function askHealth(daemon: Daemon): Promise<HealthView> {
  try {
    const health = await daemon.health();
    if (health.components !== undefined) return health;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const isUnreachable = error.exit === 'unreachable';
    throw new Unseen(isUnreachable ? 'tocsind does not answer' : firstLine(error.message));
  }
  throw new Unseen('tocsind tells its parts to members of tocsin-read and tocsin-admin alone');
}

async function readSettings(machine: Machine, { config }: Places): Promise<SettingsFacts> {
  // Not at the top: all collectors and channels with their tables come with them.
  const { sections } = await import('../../collectors/registry.ts');
  const { deliverySections } = await import('../../delivery/sections.ts');
  const files = readSettingsFiles(machine.files, config);
  return loadSettings(files, { ...sections, ...deliverySections });
}

export function createScene(machine: Machine, daemon: Daemon, places: Places): Scene {
  const units = new Map<string, () => Promise<Unit>>();
  async function read(argv: readonly [string, ...string[]]): Promise<string> {
    const answer = await machine.run(argv);
    if (answer === undefined) throw new Unseen(`there is no ${argv[0]} on this machine`);
    if (answer.exitStatus !== 0) throw new Unseen(`${argv[0]}: ${complaintOf(answer)}`);
    return answer.stdout;
  }
  const lookAt = (name: string) =>
    once(async () =>
      readProperties(
        await read(['systemctl', 'show', `--property=${properties.replaceAll(' ', ',')}`, name]),
      ),
    );
  const health = once(() => askHealth(daemon));
  return {
    ...machine,
    places,
    daemon,
    read,
    unit(name) {
      const known = units.get(name) ?? lookAt(name);
      units.set(name, known);
      return known();
    },
    health,
    channels: once(async () => {
      await health();
      return daemon.channels();
    }),
    settings: once(() => readSettings(machine, places)),
  };
}

/** The settings, where they are right; a check of its own tells where they are not. */
export async function getSettings(scene: Scene): Promise<Settings> {
  const { settings, complaints } = await scene.settings();
  if (settings !== undefined) return settings;
  const [first] = complaints;
  throw new Unseen(`the settings are wrong: ${first === undefined ? '' : renderComplaint(first)}`);
}
