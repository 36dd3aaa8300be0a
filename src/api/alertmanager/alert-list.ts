/** GET alerts and alerts/groups. Flags and matchers leave out; nothing is ever cut. */
import type { Alert } from '../../domain/alert.ts';
import type { House } from '../../operations/house.ts';
import type { Texts } from '../query.ts';
import { type AlertView, renderAlertView, type Sight, sightOf } from './alert-view.ts';
import type { Labels } from './labels.ts';
import { holdAll, type Read, readFilter, readFlag, readReceiver } from './params.ts';
import { done, type Reply, refused } from './reply.ts';
import { groupByDefault, routingOf } from './routes.ts';

interface Asked {
  readonly sight: Sight;
  readonly isReceiver: (name: string) => boolean;
  /** Those that flags and matchers let through, by fingerprint. */
  readonly views: readonly AlertView[];
}

const byFingerprint = (a: AlertView, b: AlertView): number =>
  a.fingerprint < b.fingerprint ? -1 : a.fingerprint > b.fingerprint ? 1 : 0;

/** `unprocessed` leaves out nothing: every alert has been looked at before it is shown. */
const passes = ({ status }: AlertView, query: Texts): boolean =>
  (status.state !== 'active' || readFlag(query, 'active')) &&
  (status.silencedBy.length === 0 || readFlag(query, 'silenced')) &&
  (status.inhibitedBy.length === 0 || readFlag(query, 'inhibited'));

function select(house: House, query: Texts, base: string): Read<Asked> {
  const filter = readFilter(query);
  if (filter.type === 'wrong') return filter;
  const receiver = readReceiver(query);
  if (receiver.type === 'wrong') return receiver;
  const byReceiver = readFilter(query, 'receiver_matchers');
  if (byReceiver.type === 'wrong') return byReceiver;
  const sight = sightOf(house, routingOf(house), base);
  // Our receivers have no labels.
  const isAny = holdAll(byReceiver.value, {});
  const isReceiver = (name: string): boolean => isAny && receiver.value(name);
  const views = sight.firing
    .map((alert: Alert) => renderAlertView(alert, sight))
    .filter((view) => passes(view, query) && holdAll(filter.value, view.labels))
    .filter(({ receivers }) => receivers.some(({ name }) => isReceiver(name)))
    .sort(byFingerprint);
  return { type: 'ok', value: { sight, isReceiver, views } };
}

export function listAlerts(house: House, query: Texts, base: string): Reply {
  const asked = select(house, query, base);
  return asked.type === 'wrong' ? refused(asked.why) : done(asked.value.views);
}

interface GroupView {
  readonly labels: Labels;
  readonly routeLabels: Labels;
  readonly receiver: { readonly name: string };
  readonly alerts: AlertView[];
}

/** Those of `names` that it has, in the order of names. */
function commonOf(labels: Labels, names: readonly string[]): Labels {
  const own = names.filter((name) => Object.hasOwn(labels, name)).sort();
  return Object.fromEntries(own.map((name) => [name, labels[name] ?? '']));
}

function groupsOf({ sight, isReceiver, views }: Asked): readonly GroupView[] {
  const groupBy = new Map(sight.routing.routes.map((route) => [route.receiver, route.groupBy]));
  const groups = new Map<string, GroupView>();
  for (const view of views) {
    for (const { name } of view.receivers) {
      if (!isReceiver(name)) continue;
      const labels = commonOf(view.labels, groupBy.get(name) ?? groupByDefault);
      const key = JSON.stringify([labels, name]);
      const group = groups.get(key) ?? { labels, routeLabels: {}, receiver: { name }, alerts: [] };
      groups.set(key, group);
      group.alerts.push(view);
    }
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

export function listGroups(house: House, query: Texts, base: string): Reply {
  const asked = select(house, query, base);
  if (asked.type === 'wrong') return refused(asked.why);
  const views = readFlag(query, 'muted')
    ? asked.value.views
    : asked.value.views.filter(({ status }) => status.mutedBy.length === 0);
  return done(groupsOf({ ...asked.value, views }));
}
