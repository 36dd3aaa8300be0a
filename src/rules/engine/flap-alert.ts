/** The alert which says that another one flaps: built in, so that no rule file can lose it. */
import type { Alert } from '../../domain/alert.ts';
import { type EpochMs, hours, type Ms, renderDuration, rfc3339 } from '../../domain/time.ts';
import { labelFingerprint, ulidOf } from '../../domain/ulid.ts';
import { blank } from './alert.ts';
import { type FlapCell, occurrenceKey } from './cells.ts';

/** Stands in `alert.rule`; the loader refuses a rule of this id. */
export const flappingRule = 'flapping';
/** The label that names the rule whose alert flaps: else two of one resource would be the same. */
const ruleLabel = 'flappingRule';

export const isOfFlaps = ({ origin, rule }: Alert): boolean =>
  rule === flappingRule && origin === 'rule';

/** Id of the rule whose alert flaps. */
export const stoodFor = ({ labels }: Alert): string => labels[ruleLabel] ?? '';

/** What flaps: `RULE KIND ID`. */
export const flapKeyOf = ({ rule, resource }: Alert): string =>
  occurrenceKey(rule, resource.kind, resource.id);

/** Id of the alert that mutes this one because it flaps. */
export function flapMuterOf(
  flapping: ReadonlyMap<string, FlapCell>,
  alert: Alert,
): string | undefined {
  if (flapping.size === 0 || alert.origin !== 'rule' || isOfFlaps(alert)) return undefined;
  const muter = flapping.get(flapKeyOf(alert))?.alert;
  return muter?.phase === 'firing' ? muter.id : undefined;
}

const spanText = (window: Ms): string => (window === hours(1) ? 'hour' : renderDuration(window));

/** `instants`: when it began or ended, oldest first. */
export function newFlapAlert(
  about: Alert,
  instants: readonly EpochMs[],
  window: Ms,
  at: { readonly now: EpochMs; readonly occurrence: number; readonly seq: number },
): Alert {
  const { now, occurrence, seq } = at;
  const { rule, resource } = about;
  const labels = { ...about.labels, [ruleLabel]: rule };
  const name = [flappingRule, rule, resource.kind, resource.id, String(occurrence), String(seq)];
  const span = `in the last ${spanText(window)}`;
  return {
    ...blank,
    id: ulidOf(now, name),
    rule: flappingRule,
    origin: 'rule',
    fingerprint: labelFingerprint({ ...labels, alertname: flappingRule }),
    severity: about.severity,
    source: about.source,
    phase: 'firing',
    title: `${rule} of ${resource.id} flaps: ${instants.length} changes ${span}`,
    message:
      `“${about.title}” comes and goes. While it does, it is not announced each time; every ` +
      'change of it is stored and shown as before. What it is at the end is announced.',
    advice:
      'Look at its timeline for what happens at each change. If it is harmless, give the rule ' +
      'a longer "for" or "keepFiringFor", or a "clear" that lies apart from "when".',
    resource,
    labels,
    startsAt: now,
    detectedAt: now,
    foundLate: false,
    firingAt: now,
    updatedAt: now,
    evidence: [{ type: 'note', title: `Its changes ${span}`, lines: instants.map(rfc3339) }],
    value: instants.length,
    occurrence,
  };
}
