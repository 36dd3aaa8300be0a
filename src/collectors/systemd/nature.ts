/** What a unit is, as its file says: changes only when systemd reads the files anew. */
import { flagOf, listOf, namesOf, type Properties, textOf } from './facts.ts';

export interface Nature {
  /** `never`: a failure is final at once. `may`: one look tells whether it was. */
  readonly restart: 'never' | 'may';
  readonly oneshot: boolean;
  /** Active after its work is done: inactive means that something is wrong. */
  readonly remains: boolean;
  /** Its runs are tasks: a oneshot, a transient unit, or one that a timer starts. */
  readonly task: boolean;
  readonly requiredBy: readonly string[];
  /** Units that it cannot be without. `requiredBy` knows only units that were loaded then. */
  readonly needs: string | null;
  readonly startsAfter: string | null;
}

/**
 * What systemd itself puts before nearly every unit (systemd.exec(5), systemd.unit(5)): to blame
 * it would be to blame everything on it.
 */
const beforeAll: ReadonlySet<string> = new Set([
  '-.mount',
  'basic.target',
  'sysinit.target',
  'systemd-journald.socket',
]);
/** Slices only count what is in them. */
const isNeed = (name: string): boolean => !name.endsWith('.slice') && !beforeAll.has(name);
/** That it comes after a target says nothing of a fault: a target only groups. */
const doesWork = (name: string): boolean => isNeed(name) && !name.endsWith('.target');
/** Names kept of one unit; 30 bytes each. */
const namesMax = 64;

const strongProperties = ['Requires', 'Requisite', 'BindsTo', 'PartOf'] as const;

/** As an attribute holds them, made once: a unit is told far more often than its file changes. */
const listed = (names: readonly string[]): string | null =>
  [...new Set(names)].slice(0, namesMax).join(' ') || null;

const needsOf = (properties: Properties): readonly string[] =>
  strongProperties.flatMap((property) => namesOf(properties[property])).filter(isNeed);

export function natureOf(type: string, properties: Properties): Nature {
  const oneshot = properties.Type === 'oneshot';
  const forced = listOf(properties.RestartForceExitStatus).some((l) => listOf(l).length > 0);
  const byTimer = namesOf(properties.TriggeredBy).some((name) => name.endsWith('.timer'));
  const restart = textOf(properties.Restart) ?? 'no';
  const transient = flagOf(properties.Transient) === true || properties.LoadState === 'not-found';
  return {
    restart: type === 'service' && (restart !== 'no' || forced) ? 'may' : 'never',
    oneshot,
    remains: !oneshot || flagOf(properties.RemainAfterExit) === true,
    task: type === 'service' && (oneshot || byTimer || transient),
    requiredBy: [
      ...namesOf(properties.RequiredBy),
      ...namesOf(properties.RequisiteOf),
      ...namesOf(properties.BoundBy),
    ],
    needs: listed(needsOf(properties)),
    startsAfter: listed(namesOf(properties.After).filter(doesWork)),
  };
}

/** Remembers natures by name beyond the unloading of the unit; the oldest go first. */
export interface Natures {
  find(name: string): Nature | undefined;
  keep(name: string, nature: Nature): void;
  /** Files were read anew: nothing is known any more. */
  forget(): void;
}

// A loaded unit keeps its nature itself; these are the units that come and go. 600 bytes each.
export const naturesMax = 2048;

export function createNatures(): Natures {
  let natures = new Map<string, Nature>();
  return {
    find: (name) => natures.get(name),
    keep: (name, nature) => {
      natures.delete(name);
      natures.set(name, nature);
      const oldest = natures.size > naturesMax ? natures.keys().next().value : undefined;
      if (oldest !== undefined) natures.delete(oldest);
    },
    forget: () => {
      natures = new Map();
    },
  };
}
