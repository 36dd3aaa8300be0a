/**
 * What may be silenced, and what becomes of a silence: the rules of Alertmanager's silences, kept
 * so that amtool, Karma and Grafana find what they expect. Pure; the desk makes it durable.
 */
import type { Maintenance, MatcherText, Silence } from '../domain/mute.ts';
import { type EpochMs, type Ms, renderDuration } from '../domain/time.ts';
import { compileMatchers } from '../rules/matchers.ts';
import type { MaintenanceDraft, MuteAnswer, Opening, SilenceDraft } from './house-mutes.ts';

/** Silences that are active or pending, and windows that are not over, each; more are refused. */
export const silencesMax = 1000;
export const windowsMax = 200;
/** Matchers of one silence or window. */
export const muteMatchersMax = 20;

export const muteStates = ['active', 'pending', 'expired'] as const;
export type MuteState = (typeof muteStates)[number];

export function silenceStateOf(
  { startsAt, endsAt }: Pick<Silence, 'startsAt' | 'endsAt'>,
  now: EpochMs,
): MuteState {
  if (now >= endsAt) return 'expired';
  return now < startsAt ? 'pending' : 'active';
}

/** From when on it is over for good; null: nobody knows. */
export const overAt = ({ endedAt, schedule }: Maintenance): EpochMs | null =>
  endedAt ?? (schedule.type === 'once' ? schedule.endsAt : null);

/** `opening`: its present or next one; null while nobody knows of one. */
export function windowStateOf(
  { endedAt, schedule }: Maintenance,
  opening: Opening | null,
  now: EpochMs,
): MuteState {
  if (endedAt !== null) return 'expired';
  if (schedule.type === 'once') return silenceStateOf(schedule, now);
  return opening !== null && now >= opening.startsAt && now < opening.endsAt ? 'active' : 'pending';
}

type Wrong = Extract<MuteAnswer<never>, { readonly type: 'wrong' }>;
const wrong = (field: string, why: string): Wrong => ({ type: 'wrong', field, why });

function refuseMatchers(texts: readonly MatcherText[]): Wrong | undefined {
  if (texts.length > muteMatchersMax) return wrong('matchers', `at most ${muteMatchersMax}`);
  const answer = compileMatchers(texts);
  if (answer.type === 'wrong') return wrong('matchers', answer.why);
  // Such a one would silence everything, also what nobody thought of.
  return texts.length > 0 && answer.matchers.every(({ holds }) => holds(''))
    ? wrong('matchers', 'at least one must not match the empty text')
    : undefined;
}

function refuseTimes({ startsAt, endsAt }: Opening, now: EpochMs, longest: Ms): Wrong | undefined {
  if (endsAt <= now) return wrong('endsAt', 'must lie in the future');
  if (endsAt <= startsAt) return wrong('endsAt', 'must lie after startsAt');
  return endsAt - Math.max(startsAt, now) > longest
    ? wrong('endsAt', `too long: at most ${renderDuration(longest)} (mutes.longest)`)
    : undefined;
}

const refuseComment = (comment: string): Wrong | undefined =>
  comment.trim() === '' ? wrong('comment', 'must say why') : undefined;

export interface MuteLimits {
  readonly now: EpochMs;
  readonly longest: Ms;
  /** How many there are that are not over. */
  readonly held: number;
}

/** Why this cannot be silenced; undefined when it can. */
export function refuseSilence(draft: SilenceDraft, { now, longest }: MuteLimits) {
  if (draft.matchers.length === 0) return wrong('matchers', 'at least one is needed');
  return (
    refuseMatchers(draft.matchers) ??
    refuseTimes(draft, now, longest) ??
    refuseComment(draft.comment)
  );
}

/** Why there cannot be such a window; undefined when there can. Its calendar is not looked at. */
export function refuseWindow(
  { matchers, schedule, comment }: MaintenanceDraft,
  { now, longest, held }: MuteLimits,
): Wrong | undefined {
  const times =
    schedule.type === 'once'
      ? refuseTimes(schedule, now, longest)
      : schedule.duration > longest
        ? wrong('duration', `too long: at most ${renderDuration(longest)} (mutes.longest)`)
        : undefined;
  return (
    refuseMatchers(matchers) ??
    times ??
    refuseComment(comment) ??
    (held >= windowsMax
      ? wrong('schedule', `there are ${held} windows already; end one first`)
      : undefined)
  );
}

/** Ended now. One that had not begun is over before it began. */
export function endSilence(silence: Silence, by: string, now: EpochMs): Silence {
  if (silenceStateOf(silence, now) === 'expired') return silence;
  const startsAt = Math.min(silence.startsAt, now);
  return { ...silence, startsAt, endsAt: now, updatedAt: now, endedBy: by };
}

/** Alertmanager compares starts by the second: its clients send them back rounded. */
const secondOf = (at: EpochMs): number => Math.floor(at / 1000);

/** Whether Alertmanager would keep the id: what it silences, and since when, stays the same. */
function keepsId(before: Silence, draft: SilenceDraft, now: EpochMs): boolean {
  if (JSON.stringify(before.matchers) !== JSON.stringify(draft.matchers)) return false;
  switch (silenceStateOf(before, now)) {
    case 'active':
      return secondOf(before.startsAt) === secondOf(draft.startsAt) && draft.endsAt > now;
    case 'pending':
      return draft.startsAt >= now;
    default:
      return false;
  }
}

export interface SilencePlan {
  readonly type: 'plan';
  readonly silence: Silence;
  /** The one before, where that has to end for it. */
  readonly ended: Silence | null;
}

/** What follows from a draft that is not refused; `before`: the silence it changes. */
export function planSilence(
  before: Silence | undefined,
  draft: SilenceDraft,
  who: { readonly by: string; readonly newId: () => string },
  limits: MuteLimits,
): SilencePlan | Wrong {
  const refused = refuseSilence(draft, limits);
  if (refused !== undefined) return refused;
  const { now, held } = limits;
  const { matchers, endsAt, comment } = draft;
  const createdBy = draft.createdBy ?? before?.createdBy ?? who.by;
  const told = { matchers, endsAt, comment, createdBy, setBy: who.by, updatedAt: now };
  if (before !== undefined && keepsId(before, draft, now)) {
    const isActive = silenceStateOf(before, now) === 'active';
    const startsAt = isActive ? before.startsAt : draft.startsAt;
    return { type: 'plan', silence: { ...before, ...told, startsAt }, ended: null };
  }
  const replaces = before !== undefined && silenceStateOf(before, now) !== 'expired';
  if (held - (replaces ? 1 : 0) >= silencesMax)
    return wrong('matchers', `there are ${held} silences already; end one first`);
  const startsAt = Math.max(draft.startsAt, now);
  const silence = { id: who.newId(), ...told, startsAt, createdAt: now, endedBy: null };
  return { type: 'plan', silence, ended: replaces ? endSilence(before, who.by, now) : null };
}

/** As Alertmanager sorts: the active by their end, the pending by their start, the latest ended. */
export function silenceOrder(
  one: Pick<Silence, 'startsAt' | 'endsAt'>,
  now: EpochMs,
): readonly [group: number, key: number] {
  const state = silenceStateOf(one, now);
  const keys = { active: one.endsAt, pending: one.startsAt, expired: -one.endsAt };
  return [muteStates.indexOf(state), keys[state]];
}
