/**
 * The report at the end of a maintenance window: what it has muted, what of that is over, and what
 * still fires. Read from the changes that were made meanwhile, so that a restart loses nothing.
 */

import type { Alert, Change } from '../domain/alert.ts';
import type { Note } from '../domain/message.ts';
import type { Maintenance } from '../domain/mute.ts';
import { plural } from '../domain/plural.ts';
import { rfc3339 } from '../domain/time.ts';
import type { Feed } from '../operations/house.ts';
import type { StoredOpening } from '../store/tables/mutes.ts';

/** Changes read at once. */
const pageChanges = 1000;
/** Changes looked at for one report; what came after them is not in it, and it says so. */
const changesMax = 200_000;
/** Alerts named in a report. */
const linesMax = 50;
/** Characters of the window's comment in the title. */
const nameLengthMax = 80;

type Muted = Pick<Alert, 'title' | 'severity' | 'phase' | 'acknowledged' | 'resolvedBy'> & {
  /** By others than the window. */
  readonly isMutedStill: boolean;
};

const firedOf = ({ firingAt, phase }: Alert): boolean => firingAt !== null && phase !== 'pending';

/** What the window has muted, as it was last. */
class Tally {
  readonly #id: string;
  readonly #muted = new Map<string, Muted>();

  constructor(id: string) {
    this.#id = id;
  }

  take({ alert }: Change): void {
    const isMuted = alert.mutedBy.includes(this.#id);
    if (!firedOf(alert) || (!isMuted && !this.#muted.has(alert.id))) return;
    const { title, severity, phase, acknowledged, resolvedBy, mutedBy } = alert;
    const isMutedStill = mutedBy.some((id) => id !== this.#id);
    this.#muted.set(alert.id, { title, severity, phase, acknowledged, resolvedBy, isMutedStill });
  }

  list(): readonly Muted[] {
    return [...this.#muted.values()];
  }
}

function cut(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > nameLengthMax ? `${line.slice(0, nameLengthMax - 1)}…` : line;
}

const isFiring = ({ phase }: Muted): boolean => phase === 'firing';
const isAnnounced = (one: Muted): boolean =>
  isFiring(one) && !one.isMutedStill && !one.acknowledged;

/** `2 still firing, announced now`; `3 still firing, 1 of them announced now`. */
function describeFiring(muted: readonly Muted[]): readonly string[] {
  const firing = muted.filter(isFiring).length;
  const announced = muted.filter(isAnnounced).length;
  if (firing === 0) return [];
  const said =
    announced === firing
      ? 'announced now'
      : announced === 0
        ? 'acknowledged or muted otherwise'
        : `${announced} of them announced now`;
  return [`${firing} still firing`, said];
}

function lineOf(one: Muted): string {
  const state = isFiring(one)
    ? isAnnounced(one)
      ? 'still firing'
      : one.acknowledged
        ? 'still firing, acknowledged'
        : 'still firing, muted otherwise'
    : (one.resolvedBy ?? 'recovered');
  return `${state}: ${one.severity}: ${one.title}`;
}

/** Undefined where it has muted nothing: nobody wants to read that. */
export async function reportOf(
  window: Maintenance,
  { startsAt, endsAt, openedAfter }: StoredOpening,
  feed: Pick<Feed, 'after' | 'lastSeq'>,
): Promise<Note | undefined> {
  const tally = new Tally(window.id);
  const last = feed.lastSeq();
  let seq = openedAfter ?? last;
  const stopAt = Math.min(last, seq + changesMax);
  while (seq < stopAt) {
    const changes = await feed.after(seq, pageChanges);
    for (const change of changes) tally.take(change);
    seq = changes.at(-1)?.seq ?? stopAt;
  }
  const muted = tally.list();
  if (muted.length === 0) return undefined;
  const recovered = muted.length - muted.filter(isFiring).length;
  const counts = [
    plural(muted.length, 'alert'),
    ...(recovered > 0 ? [`${recovered} recovered`] : []),
    ...describeFiring(muted),
  ];
  const lines = muted.toSorted((a, b) => Number(isFiring(b)) - Number(isFiring(a))).map(lineOf);
  const left = lines.length - linesMax;
  return {
    type: 'report',
    key: `maintenance ${window.id} ${startsAt}`,
    title: `Maintenance “${cut(window.comment)}” is over: ${counts.join(', ')}`,
    lines: [
      `Open from ${rfc3339(startsAt)} to ${rfc3339(endsAt)}.`,
      ...lines.slice(0, linesMax),
      ...(left > 0 ? [`and ${left} more`] : []),
      ...(stopAt < last ? ['More happened than could be counted here.'] : []),
    ],
  };
}
