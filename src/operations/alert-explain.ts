/** Why an alert is there: first sign, cause, victims, what changed before, who was told. */
import { type Static, Type } from 'typebox';
import type { Alert } from '../domain/alert.ts';
import { type EpochMs, minutes, rfc3339 } from '../domain/time.ts';
import { getExistingAlert } from './alert.ts';
import { discreetDelivery } from './discretion.ts';
import { explainBlame } from './explain-cause.ts';
import { changesBefore } from './explain-changes.ts';
import { type brief, type Explanation, explanation } from './explain-schema.ts';
import { sayState, tellingOf } from './explain-told.ts';
import { sayExplanation } from './explain-words.ts';
import type { Caller, House } from './house.ts';
import { nameMuter } from './mute-names.ts';
import { defineOperation } from './operation.ts';
import { renderAlert, renderInstant } from './render.ts';
import { alertId } from './schemas.ts';

/** Victims that are described; the others are counted. */
const victimsShownMax = 20;
const tellingsMax = 50;
/** A sign of the trouble lies at most so long before its alert. */
const signWithin = minutes(15);
const eventsMax = 100;

const briefOf = (one: Alert): Static<typeof brief> => ({
  id: one.id,
  rule: one.rule,
  severity: one.severity,
  phase: one.phase,
  title: one.title,
  resource: one.resource,
  startsAt: rfc3339(one.startsAt),
});

/** Those of the ids that are still known. */
async function findAll(house: House, ids: readonly string[]): Promise<readonly Alert[]> {
  const found = await Promise.all(ids.map((id) => house.findAlert(id)));
  return found.filter((one) => one !== undefined);
}

async function firstSignOf(house: House, found: Alert, cause: Alert | undefined) {
  const at: EpochMs = Math.min(found.startsAt, cause?.startsAt ?? Infinity);
  const resources = [found.resource, ...(cause === undefined ? [] : [cause.resource])];
  const events = await Promise.all(
    resources.map(({ kind, id }) =>
      house.listEvents({ kind, id, since: at - signWithin, until: at, limit: eventsMax }),
    ),
  );
  const first = events.flat().sort((a, b) => a.at - b.at || a.number - b.number)[0];
  if (first !== undefined && first.at < at) {
    const resource = { kind: first.kind, id: first.id };
    return { time: rfc3339(first.at), what: `${first.event} of ${first.id}`, resource };
  }
  const earliest = cause !== undefined && cause.startsAt < found.startsAt ? cause : found;
  const { title: what, resource } = earliest;
  return { time: rfc3339(earliest.startsAt), what, resource };
}

async function changedBefore(house: House, found: Alert, cause: Alert | undefined) {
  const concerned = [found, ...(cause === undefined ? [] : [cause])];
  const units = concerned
    .filter(({ resource }) => resource.kind === 'systemd.unit')
    .map(({ resource }) => resource.id);
  const until = Math.min(...concerned.map(({ startsAt }) => startsAt));
  const { items, since, omitted, unreadable } = await changesBefore(house, until, units);
  return {
    since: rfc3339(since),
    until: rfc3339(until),
    omitted,
    unreadable,
    items: items.map(({ at, type, what }) => ({ time: rfc3339(at), type, what })),
  };
}

async function toldOf(house: House, { id }: Alert, caller: Caller) {
  const deliveries = await house.delivery.list({ alertId: id, limit: tellingsMax + 1 });
  const items = deliveries.slice(0, tellingsMax).map((one) => ({
    number: one.number,
    channel: one.message.channel,
    time: rfc3339(one.message.at),
    reason: tellingOf(one, id).reason ?? ('counted' as const),
    attempts: one.attempts.length,
    state: sayState(discreetDelivery(caller, one)),
  }));
  return { told: items, toldMore: deliveries.length > tellingsMax };
}

async function mutersOf(house: House, found: Alert) {
  const muters = await Promise.all(found.mutedBy.map((id) => nameMuter(house, id, found)));
  return muters.map((muter) => ({ ...muter, until: renderInstant(muter.until) }));
}

async function explain(house: House, found: Alert, caller: Caller): Promise<Explanation> {
  const cause = found.cause === null ? undefined : await house.findAlert(found.cause);
  const [firstSign, changed, telling, mutedBy, blame, alternatives, victims, routes] =
    await Promise.all([
      firstSignOf(house, found, cause),
      changedBefore(house, found, cause),
      toldOf(house, found, caller),
      mutersOf(house, found),
      cause === undefined ? undefined : explainBlame(house, found, cause),
      findAll(house, found.alternatives),
      findAll(house, found.victims.slice(0, victimsShownMax)),
      house.delivery.routesOf(found.id),
    ]);
  return {
    alert: renderAlert(found),
    firstSign,
    cause: cause === undefined || blame === undefined ? null : { alert: briefOf(cause), ...blame },
    alternatives: alternatives.map(briefOf),
    victims: victims.map(briefOf),
    victimCount: found.victims.length,
    changed,
    mutedBy,
    ...telling,
    routes: routes ?? [],
  };
}

export const explainAlert = defineOperation({
  name: 'alert.explain',
  summary:
    'Why an alert is there: first sign, cause and how certain it is, victims, what changed in the ' +
    '24 hours before, what mutes it, who was told; and all that in plain words.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/monitoring/alerts/:id/explain',
  refusals: ['alert-unknown'],
  input: Type.Object({ id: alertId }, { additionalProperties: false }),
  output: Type.Object({
    ...explanation,
    text: Type.String({ description: 'the same in plain words' }),
  }),
  async run(house, { id }, caller) {
    const explained = await explain(house, await getExistingAlert(house, id), caller);
    return { ...explained, text: sayExplanation(explained) };
  },
});
