/** Unit names: their object paths, their types, and which of them the settings say to watch. */
import type { ValuesOf } from '../../config/readers.ts';
import { createMatcher, isPattern } from '../../domain/glob.ts';
import type { systemdSettings } from './settings.ts';

export const busName = 'org.freedesktop.DBus';
export const systemdName = 'org.freedesktop.systemd1';
export const managerPath = '/org/freedesktop/systemd1';
export const managerInterface = `${systemdName}.Manager`;
export const unitInterface = `${systemdName}.Unit`;
export const propertiesInterface = 'org.freedesktop.DBus.Properties';
const unitPathPrefix = `${managerPath}/unit/`;

const unitTypes = [
  'service',
  'socket',
  'target',
  'device',
  'mount',
  'automount',
  'swap',
  'timer',
  'path',
  'slice',
  'scope',
] as const;
/** Shown even when nobody watches them; the others are many and say little. */
const shownTypes: ReadonlySet<string> = new Set([
  'service',
  'socket',
  'target',
  'mount',
  'timer',
  'path',
]);

export const typeOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

/** As systemd writes it: every byte that is no letter or digit becomes _xx, a first digit too. */
export function unitPath(name: string): string {
  let label = '';
  for (const byte of new TextEncoder().encode(name)) {
    const letter = (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
    const digit = byte >= 48 && byte <= 57 && label !== '';
    label += letter || digit ? String.fromCharCode(byte) : `_${byte.toString(16).padStart(2, '0')}`;
  }
  return unitPathPrefix + (label || '_');
}

/** The unit an object path stands for, undefined when it stands for none. */
export function unitName(path: string): string | undefined {
  if (!path.startsWith(unitPathPrefix)) return undefined;
  const label = path.slice(unitPathPrefix.length);
  if (label.includes('/')) return undefined;
  const bytes: number[] = [];
  for (let i = 0; i < label.length; i++) {
    if (label[i] === '_') {
      bytes.push(Number.parseInt(label.slice(i + 1, i + 3), 16) || 0);
      i += 2;
    } else bytes.push(label.charCodeAt(i));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** A name without a type means a service, as everywhere in systemd. */
const fullName = (text: string): string =>
  unitTypes.some((type) => text.endsWith(`.${type}`)) ? text : `${text}.service`;

export interface Watching {
  /** The settings say to watch it. */
  watched(name: string): boolean;
  /** It is a resource at all. */
  shown(name: string): boolean;
  /** Exact names in the settings: these must exist. */
  readonly declared: ReadonlySet<string>;
}

export function createWatching(settings: ValuesOf<typeof systemdSettings>): Watching {
  const declared = new Set(settings.watch.filter((w) => !isPattern(w)).map(fullName));
  const fits = createMatcher(settings.watch.filter(isPattern));
  const ignored = createMatcher(settings.ignore);
  const watched = (name: string): boolean => declared.has(name) || (fits(name) && !ignored(name));
  return {
    declared,
    watched,
    shown: (name) => shownTypes.has(typeOf(name)) || watched(name),
  };
}
