/** The settings of flap detection as the engine takes them. */
import type { Settings } from '../config/settings.ts';
import { hours, minutes } from '../domain/time.ts';
import type { FlapSettings } from '../rules/engine.ts';

/** What the store remembers over a restart reaches back a day; a shorter window counts nothing. */
const windowMin = minutes(1);
const windowMax = hours(24);

/** null: switched off. It must become calm at fewer changes than it takes to flap. */
export function flapSettingsOf({ flapping }: Pick<Settings, 'flapping'>): FlapSettings | null {
  const { enabled, window, enter, exit } = flapping;
  if (!enabled) return null;
  const within = Math.min(Math.max(window, windowMin), windowMax);
  return { window: within, enter, exit: Math.min(exit, enter) };
}
