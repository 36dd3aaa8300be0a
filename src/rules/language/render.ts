/** Values as people read them, in titles and messages. */
import type { Value } from '../../domain/reading.ts';
import { type Ms, minutes, renderDuration, rfc3339, seconds } from '../../domain/time.ts';
import type { ExpressionType } from './evaluation.ts';

/** Whole numbers as they are, others with two decimals at most (more where the number is tiny). */
export function renderNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 0.01 ? String(Number(value.toFixed(2))) : value.toPrecision(2);
}

/** `95.3%`, one decimal at most, and never 100% or 0% by rounding alone. */
export function renderPercent(ratio: number): string {
  const exact = ratio * 100;
  let rounded = Math.round(exact * 10) / 10;
  if (rounded === 100 && exact < 100) rounded = 99.9;
  if (rounded === 0 && exact > 0) return '<0.1%';
  return `${rounded}%`;
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** `1.5 GiB`: powers of 1024, one decimal at most. */
export function renderBytes(bytes: number): string {
  let rest = Math.abs(bytes);
  let unit = 0;
  while (rest >= 1024 && unit < byteUnits.length - 1) {
    rest /= 1024;
    unit++;
  }
  const sign = bytes < 0 ? '-' : '';
  return `${sign}${unit === 0 ? Math.round(rest) : Math.round(rest * 10) / 10} ${byteUnits[unit]}`;
}

/** `2d4h`, `5m12s`, `250ms`: as exact as a reader wants it. */
export function renderAge(length: Ms): string {
  const sign = length < 0 ? '-' : '';
  const size = Math.abs(length);
  const grain = size >= 48 * minutes(60) ? minutes(60) : size >= minutes(60) ? minutes(1) : 1000;
  const whole = size < seconds(10) ? Math.round(size) : Math.floor(size / grain) * grain;
  return `${sign}${renderDuration(whole)}`;
}

export function renderValue(value: Value, type: ExpressionType): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (type === 'instant') return Math.abs(value) <= 8.64e15 ? rfc3339(value) : 'unknown';
  return type === 'duration' ? renderAge(value) : renderNumber(value);
}
