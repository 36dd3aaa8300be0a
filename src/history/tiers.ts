/**
 * The tiers: how finely and in which pieces numbers are kept. Every tier lies on one grid that
 * begins at the epoch, so that an instant has one slot whatever the clock does.
 */
import { days, hours, type Ms, minutes, seconds } from '../domain/time.ts';

export interface Tier {
  readonly name: 'raw' | 'medium' | 'long';
  /** As it is written in the file. */
  readonly number: 0 | 1 | 2;
  /** One point stands for this long. */
  readonly step: Ms;
  /** One chunk of one series holds the points of this long. */
  readonly span: Ms;
}

export const raw: Tier = { name: 'raw', number: 0, step: seconds(30), span: hours(1) };
export const medium: Tier = { name: 'medium', number: 1, step: minutes(5), span: days(1) };
export const long: Tier = { name: 'long', number: 2, step: hours(1), span: days(16) };

/** From fine to coarse. */
export const tiers: readonly Tier[] = [raw, medium, long];

export const hour: Ms = raw.span;
export const day: Ms = medium.span;

/** The multiple of `step` at or before the instant. */
export const floorTo = (at: number, step: Ms): number => Math.floor(at / step) * step;
export const ceilTo = (at: number, step: Ms): number => Math.ceil(at / step) * step;
