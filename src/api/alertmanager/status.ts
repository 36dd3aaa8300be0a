/** GET status, receivers and metrics: what clients ask to learn whom they talk to. */
import { rfc3339 } from '../../domain/time.ts';
import type { House } from '../../operations/house.ts';
import { silenceStateOf } from '../../operations/silence-plan.ts';
import { Page, renderLabel } from '../metrics/page.ts';
import type { Texts } from '../query.ts';
import { statusOf } from './alert-view.ts';
import { renderConfig } from './config.ts';
import { holdAll, readFilter } from './params.ts';
import { done, type Reply, refused } from './reply.ts';
import { receiverNames, routingOf } from './routes.ts';
import { allSilences } from './silence-view.ts';

/** The Alertmanager whose API this is; clients choose by it what they may ask. */
export const likeVersion = '0.34.0';

/** What follows + in a semantic version may hold these characters alone. */
const ownVersion = (version: string): string => version.replace(/[^0-9A-Za-z.-]/g, '-');

export function showStatus(house: House): Reply {
  const version = `${likeVersion}+tocsin.${ownVersion(house.version)}`;
  return done({
    cluster: { name: '', status: 'disabled', peers: [] },
    config: { original: renderConfig(routingOf(house)) },
    uptime: rfc3339(house.startedAt),
    versionInfo: {
      version,
      revision: house.version,
      branch: 'tocsin',
      buildUser: 'tocsin',
      buildDate: '',
      goVersion: 'n/a',
    },
  });
}

export function listReceivers(house: House, query: Texts): Reply {
  const matchers = readFilter(query, 'receiver_matchers');
  if (matchers.type === 'wrong') return refused(matchers.why);
  const names = holdAll(matchers.value, {}) ? receiverNames(routingOf(house)) : [];
  return done(names.map((name) => ({ name, labels: {} })));
}

const alertStates = ['active', 'suppressed', 'unprocessed'] as const;
const silenceStates = ['active', 'expired', 'pending'] as const;

/** Counts of those that are in each of the states. */
function addCounts(page: Page, states: readonly string[], found: readonly string[]): void {
  for (const state of states) {
    page.add(renderLabel('state', state), found.filter((one) => one === state).length);
  }
}

export function renderMetrics(house: House): string {
  const firing = house.activeAlerts().filter(({ phase }) => phase === 'firing');
  const byId = new Map(firing.map((alert) => [alert.id, alert]));
  const now = house.now();
  const page = new Page('text', 100);
  page.begin({
    name: 'alertmanager_build_info',
    type: 'gauge',
    help: 'Always 1; the version of Alertmanager whose API this is.',
  });
  page.add(renderLabel('version', likeVersion), 1);
  page.begin({ name: 'alertmanager_alerts', type: 'gauge', help: 'Firing alerts by state.' });
  addCounts(
    page,
    alertStates,
    firing.map((alert) => statusOf(alert, byId).state),
  );
  page.begin({ name: 'alertmanager_silences', type: 'gauge', help: 'Silences by state.' });
  addCounts(
    page,
    silenceStates,
    allSilences(house).map((silence) => silenceStateOf(silence, now)),
  );
  return page.render();
}
