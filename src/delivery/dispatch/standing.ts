/**
 * How one channel stands to one alert: what it should know, against what it was told. Everything
 * follows from changes and from messages; time only makes due what is written here.
 */
import { type Alert, rankOf, type Severity } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';
import { type Profile, routes } from '../profile.ts';

export interface Told {
  /** As it was told last. */
  readonly severity: Severity;
  readonly seq: number;
  readonly at: EpochMs;
  readonly count: number;
  /** The severity with which the channel has surely taken it; null: it has not. */
  readonly accepted: Severity | null;
  /** The last message about it was refused for good. */
  readonly refused: boolean;
  /** It was muted or acknowledged since: when that is over, it is told anew. */
  readonly lapsed: boolean;
}

export interface Standing {
  /** Since when it is to be told: it fires, nothing mutes it, nobody has acknowledged it. */
  readonly wantedSince: EpochMs | null;
  /** What kept it from being told last. */
  readonly away: 'muted' | 'acknowledged' | null;
  /** It was to be told, and then no more, and never was. */
  readonly missed: boolean;
  /** Since when its severity is above what was told. */
  readonly roseAt: EpochMs | null;
  readonly overSince: EpochMs | null;
  readonly told: Told | null;
  /** Its end is in the message on its way. */
  readonly closing: boolean;
}

export const unknownStanding: Standing = {
  wantedSince: null,
  away: null,
  missed: false,
  roseAt: null,
  overSince: null,
  told: null,
  closing: false,
};

export const isTellable = (alert: Alert): boolean =>
  alert.phase === 'firing' && alert.mutedBy.length === 0 && !alert.acknowledged;

const isVictim = ({ cause, mutedBy }: Alert): boolean => cause !== null && mutedBy.includes(cause);

/** Whether the channel has taken it, in whatever state. */
export const isHeard = ({ told }: Standing): boolean => told !== null && told.accepted !== null;

/** Whether it was due at `at` and is not told: what ends then has to be told afterwards. */
function isMissed(standing: Standing, { after }: Profile, at: EpochMs): boolean {
  const { wantedSince, told, missed } = standing;
  if (missed) return true;
  if (wantedSince === null || (told !== null && !told.refused)) return false;
  return after === 0 || at - wantedSince >= after;
}

function end(standing: Standing, alert: Alert, at: EpochMs, profile: Profile): Standing {
  if (standing.overSince !== null) return standing;
  // A victim is told of with its cause, in whatever order the two have ended.
  const missed = !isVictim(alert) && isMissed(standing, profile, at);
  return { ...standing, wantedSince: null, roseAt: null, missed, overSince: at };
}

function want(standing: Standing, alert: Alert, at: EpochMs): Standing {
  const { told } = standing;
  const isHigher = told !== null && rankOf(alert.severity) > rankOf(told.severity);
  const roseAt = isHigher ? (standing.roseAt ?? at) : null;
  const wantedSince = standing.wantedSince ?? at;
  if (wantedSince === standing.wantedSince && roseAt === standing.roseAt) return standing;
  return { ...standing, wantedSince, roseAt };
}

function unwant(standing: Standing, alert: Alert, at: EpochMs, profile: Profile): Standing {
  const isMuted = alert.mutedBy.length > 0;
  const isKept = isMuted || alert.acknowledged;
  const away = isMuted ? 'muted' : alert.acknowledged ? 'acknowledged' : standing.away;
  const missed = isMissed(standing, profile, at);
  const told =
    standing.told !== null && isKept && !standing.told.lapsed
      ? { ...standing.told, lapsed: true }
      : standing.told;
  const same =
    standing.wantedSince === null &&
    away === standing.away &&
    missed === standing.missed &&
    told === standing.told;
  return same ? standing : { ...standing, wantedSince: null, roseAt: null, away, missed, told };
}

/** The standing once the alert is as it is; the same object where nothing is different. */
export function follow(standing: Standing, alert: Alert, at: EpochMs, profile: Profile): Standing {
  if (alert.phase === 'resolved') return end(standing, alert, at, profile);
  return isTellable(alert) && routes(profile, alert)
    ? want(standing, alert, at)
    : unwant(standing, alert, at, profile);
}

/** The standing once the alert is in a message. */
export function tell(standing: Standing, alert: Alert, at: EpochMs): Standing {
  if (alert.phase === 'resolved') return { ...standing, closing: true };
  const { told } = standing;
  return {
    ...standing,
    away: null,
    missed: false,
    roseAt: null,
    told: {
      severity: alert.severity,
      seq: alert.seq,
      at,
      count: (told?.count ?? 0) + 1,
      accepted: told?.accepted ?? null,
      refused: false,
      lapsed: false,
    },
  };
}

/** The standing once the message with it is surely with them, or never will be. */
export function settle(standing: Standing, outcome: 'accepted' | 'refused'): Standing {
  const { told } = standing;
  if (told === null) return standing;
  if (outcome === 'accepted') return { ...standing, told: { ...told, accepted: told.severity } };
  const missed = standing.missed || told.accepted === null;
  return { ...standing, missed, told: { ...told, refused: true } };
}

/** The standing as if the message had never been made: it surely never arrived. */
export function untell(standing: Standing, before: Told | null): Standing {
  const lapsed = before !== null && (before.lapsed || standing.told?.lapsed === true);
  return {
    ...standing,
    closing: false,
    missed: standing.missed || before === null || before.accepted === null,
    told: before === null ? null : { ...before, lapsed },
  };
}

/** The standing with every instant moved: the wall clock was set. */
export function move(standing: Standing, by: (at: EpochMs) => EpochMs): Standing {
  const moved = (at: EpochMs | null): EpochMs | null => (at === null ? null : by(at));
  const { told } = standing;
  return {
    ...standing,
    wantedSince: moved(standing.wantedSince),
    roseAt: moved(standing.roseAt),
    overSince: moved(standing.overSince),
    told: told === null ? null : { ...told, at: by(told.at) },
  };
}
