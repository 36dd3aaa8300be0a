/** What must hold: of a process that lives, and of everything that was told when all is over. */
import { isDeepStrictEqual } from 'node:util';
import { type Profile, routes } from '../../src/delivery/profile.ts';
import { type Alert, rankOf } from '../../src/domain/alert.ts';
import type { Message } from '../../src/domain/message.ts';
import { hours, minutes } from '../../src/domain/time.ts';
import { silenceStateOf } from '../../src/operations/silence-plan.ts';
import type { Network } from './channels.ts';
import type { Disk } from './disk.ts';
import type { House } from './house.ts';
import type { Life } from './timeline.ts';
import { isTellable, type Truth } from './truth.ts';

/** Timers of one process: each channel has some, and nothing grows. */
const timersMax = 60;
/** Edges of the wall clock are seen within this time. */
const seenWithin = minutes(1) + 1000;

function checkAlert(alert: Alert, known: ReadonlySet<string>, now: number): string[] {
  const { id, mutedBy, cause, phase, acknowledged, acknowledgedUntil } = alert;
  const wrong: string[] = [];
  for (const muter of mutedBy)
    if (!known.has(muter)) wrong.push(`${id} is muted by ${muter}, which is not in force`);
  if (cause !== null && !known.has(cause)) wrong.push(`${id} has a cause that does not fire`);
  if (phase === 'pending' && mutedBy.length > 0) wrong.push(`${id} waits and is muted`);
  if (acknowledged && acknowledgedUntil !== null && acknowledgedUntil < now - seenWithin)
    wrong.push(`${id} is acknowledged until ${acknowledgedUntil}, and it is ${now}`);
  if (new Set(mutedBy).size < mutedBy.length) wrong.push(`${id} is muted twice by the same`);
  return wrong;
}

/** Cause and victim name each other; of very many victims the cause lists the first. */
function checkBlame(active: readonly Alert[]): string[] {
  const byId = new Map(active.map((alert) => [alert.id, alert]));
  return active.flatMap(({ id, victims, cause }) => {
    const wrong: string[] = [];
    for (const victim of victims) {
      const named = byId.get(victim);
      if (named?.cause !== id && named?.mutedBy.includes(id) !== true)
        wrong.push(`${id} lists ${victim}, which does not blame it`);
    }
    const blamed = cause === null ? undefined : byId.get(cause);
    if (blamed !== undefined && blamed.victims.length < 1000 && !blamed.victims.includes(id))
      wrong.push(`${id} blames ${cause}, which does not list it`);
    return wrong;
  });
}

const idsOf = (alerts: readonly Alert[]): ReadonlyMap<string, unknown> =>
  new Map(alerts.map((alert) => [alert.id, JSON.parse(JSON.stringify(alert))]));

function differences(where: string, there: readonly Alert[], here: readonly Alert[]): string[] {
  const [kept, held] = [idsOf(there), idsOf(here)];
  return [...new Set([...kept.keys(), ...held.keys()])]
    .filter((id) => !isDeepStrictEqual(kept.get(id), held.get(id)))
    .map(
      (id) => `${where}: ${JSON.stringify(kept.get(id))}, engine: ${JSON.stringify(held.get(id))}`,
    );
}

/** Of a house in which everything that was begun has become durable. */
export function checkHouse({ heart, pump }: House, life: Life, disk: Disk): readonly string[] {
  const { engine, mutes, taps, publication } = heart;
  const now = life.now();
  const active = engine.active();
  const firing = active.filter(({ phase }) => phase === 'firing').map(({ id }) => id);
  const known = new Set([...firing, ...taps.mutes.map(({ id }) => id)]);
  const wrong = active.flatMap((alert) => checkAlert(alert, known, now));
  wrong.push(...checkBlame(active));
  for (const { id, startsAt, endsAt } of mutes.silences()) {
    const isGiven = taps.mutes.some((one) => one.id === id);
    const states = [now - seenWithin, now].map((at) => silenceStateOf({ startsAt, endsAt }, at));
    if (states.every((state) => (state === 'active') !== isGiven))
      wrong.push(`silence ${id} is ${states.join(', ')}, and ${isGiven ? '' : 'not '}in force`);
  }
  const stored = disk.remembered().alerts.filter(({ phase }) => phase !== 'resolved');
  wrong.push(...differences('stored', stored, active));
  wrong.push(...differences('published', publication.active(), active));
  if (life.waiting > timersMax) wrong.push(`${life.waiting} timers wait`);
  const lanes = pump.dispatcher.lanes();
  for (const { profile, entries } of lanes)
    for (const id of firing)
      if (entries.find(id) === undefined && isOwed(profile, publication.find(id)))
        wrong.push(`${profile.name} does not know of ${id}`);
  return wrong;
}

const isOwed = (profile: Profile, alert: Alert | undefined): boolean =>
  alert !== undefined && isTellable(alert) && routes(profile, alert);

interface Told {
  readonly truth: Truth;
  readonly network: Network;
}

/** Items that a channel has taken, oldest first, each message once. */
function itemsOf(network: Network, channel: string) {
  const byKey = new Map(network.arrivedAt(channel).map((one) => [one.key, one]));
  return Map.groupBy(
    [...byKey.values()].flatMap(({ items }) => items),
    ({ alert }) => alert.id,
  );
}

function checkKnown({ truth, network }: Told, profile: Profile): string[] {
  const { name, resolved } = profile;
  const items = itemsOf(network, name);
  const wrong: string[] = [];
  for (const alert of truth.alerts.values()) {
    const key = `${name} ${alert.id}`;
    const last = items.get(alert.id)?.at(-1);
    const about = `${name}: ${alert.rule} of ${alert.resource.id} (${alert.id})`;
    if (isOwed(profile, alert)) {
      if (last === undefined || last.alert.phase === 'resolved') wrong.push(`${about} untold`);
      else if (rankOf(last.alert.severity) < rankOf(alert.severity))
        wrong.push(`${about} told as ${last.alert.severity}`);
    }
    if (alert.phase !== 'resolved' || network.refused.has(key)) continue;
    const isVictim = alert.cause !== null && alert.mutedBy.includes(alert.cause);
    if (truth.owed.has(key) && last === undefined && !isVictim) wrong.push(`${about} never told`);
    if (last === undefined || truth.begun.has(name) || !resolved) continue;
    if (last.alert.phase !== 'resolved') wrong.push(`${about} never ended`);
  }
  return wrong;
}

function checkOnce({ truth, network }: Told, { name }: Profile): string[] {
  const most = 1 + (truth.begun.get(name) ?? 0);
  return [...itemsOf(network, name)].flatMap(([id, items]) =>
    network.refused.has(`${name} ${id}`)
      ? []
      : (['raised', 'brief', 'resolved'] as const).flatMap((reason) => {
          const count = items.filter((one) => one.reason === reason).length;
          return count > most ? [`${name}: ${reason} ${id} ${count} times`] : [];
        }),
  );
}

function checkOrder({ network }: Told, { name }: Profile): string[] {
  const order = network.arrivedAt(name).map(({ sequence }) => sequence);
  const isOrdered = order.every((one, i) => i === 0 || one >= (order[i - 1] ?? 0));
  return isOrdered ? [] : [`${name}: order ${order.join(' ')}`];
}

/** What was made in time may arrive in the hour that follows, one of it at most. */
function checkBudget({ network, truth }: Told, { name, budget }: Profile): string[] {
  if (budget === null || truth.begun.has(name)) return [];
  const firsts = new Map<string, number>();
  for (const { message, at } of network.arrived)
    if (message.channel === name && !firsts.has(message.key)) firsts.set(message.key, at);
  const times = [...firsts.values()];
  const late = times.findIndex((at, i) => {
    const before = times[i - budget - 1];
    return before !== undefined && at - before < hours(1);
  });
  return late < 0 ? [] : [`${name}: more than ${budget} messages in an hour`];
}

/** Nobody hears the same report or reminder twice. */
function checkNotes({ network, truth }: Told, { name }: Profile): string[] {
  const said = new Map<string, Message>();
  return network.arrivedAt(name).flatMap((message) => {
    if (message.type !== 'report' && message.type !== 'reminder') return [];
    const text = JSON.stringify([message.title, message.lines]);
    const before = said.get(text);
    said.set(text, message);
    const isTwice = before !== undefined && before.key !== message.key && !truth.begun.has(name);
    return isTwice ? [`${name}: told twice: ${text.slice(0, 200)}`] : [];
  });
}

/** When everything works again and time has passed. */
export function checkEnd(told: Told, house: House, disk: Disk): readonly string[] {
  const wrong = house.profiles.flatMap((profile) => [
    ...checkKnown(told, profile),
    ...checkOnce(told, profile),
    ...checkOrder(told, profile),
    ...checkBudget(told, profile),
    ...checkNotes(told, profile),
  ]);
  const entries = house.pump.dispatcher
    .lanes()
    .flatMap(({ entries: all, profile }) =>
      [...all.list()].map(({ alert }) => ({ name: profile.name, alert })),
    );
  for (const { name, alert } of entries)
    if (alert.phase === 'resolved') wrong.push(`${name} still keeps ${alert.id}, which is over`);
  const [told_] = disk.rows('SELECT count(*) AS count FROM told') as { readonly count: number }[];
  if ((told_?.count ?? 0) > entries.length)
    wrong.push(`${told_?.count} standings are stored, ${entries.length} are needed`);
  return wrong;
}
