/** Where the operations of tocsind are, and how their paths are made. */
import { Stop } from './exit.ts';

/** Where each operation is; a test holds this against the operations themselves. */
export const routes = {
  'health.status': ['GET', '/api/v1/health'],
  'alert.list': ['GET', '/api/v1/monitoring/alerts'],
  'alert.get': ['GET', '/api/v1/monitoring/alerts/:id'],
  'alert.timeline': ['GET', '/api/v1/monitoring/alerts/:id/timeline'],
  'alert.explain': ['GET', '/api/v1/monitoring/alerts/:id/explain'],
  'alert.raise': ['POST', '/api/v1/monitoring/alerts'],
  'alert.acknowledgeMany': ['POST', '/api/v1/monitoring/alerts/acknowledge'],
  'alert.unacknowledge': ['POST', '/api/v1/monitoring/alerts/:id/unacknowledge'],
  'alert.resolve': ['POST', '/api/v1/monitoring/alerts/:id/resolve'],
  'alert.comment': ['POST', '/api/v1/monitoring/alerts/:id/comment'],
  'metrics.show': ['GET', '/api/v1/monitoring/metrics'],
  'event.list': ['GET', '/api/v1/events'],
  'resource.list': ['GET', '/api/v1/resources'],
  'topology.show': ['GET', '/api/v1/topology'],
  'task.list': ['GET', '/api/v1/tasks'],
  'task.report': ['POST', '/api/v1/tasks'],
  'rule.list': ['GET', '/api/v1/rules'],
  'rule.get': ['GET', '/api/v1/rules/:id'],
  'rule.create': ['POST', '/api/v1/rules'],
  'rule.change': ['PATCH', '/api/v1/rules/:id'],
  'rule.remove': ['DELETE', '/api/v1/rules/:id'],
  'rule.delta': ['GET', '/api/v1/rules/delta'],
  'rule.drill': ['POST', '/api/v1/rules/:id/drill'],
  'channel.list': ['GET', '/api/v1/channels'],
  'channel.test': ['POST', '/api/v1/channels/:name/test'],
  'delivery.list': ['GET', '/api/v1/deliveries'],
  'alert.bundle': ['GET', '/api/v1/monitoring/alerts/:id/bundle'],
  'rule.backtest': ['POST', '/api/v1/rules/backtest'],
  'rule.backtestProgress': ['GET', '/api/v1/backtest'],
  'recording.start': ['POST', '/api/v1/recordings'],
  'recording.read': ['GET', '/api/v1/recordings/:id'],
  'recording.stop': ['DELETE', '/api/v1/recordings/:id'],
  'silence.list': ['GET', '/api/v1/silences'],
  'silence.save': ['POST', '/api/v1/silences'],
  'silence.expire': ['DELETE', '/api/v1/silences/:id'],
  'silence.preview': ['POST', '/api/v1/silences/preview'],
  'maintenance.list': ['GET', '/api/v1/maintenance'],
  'maintenance.add': ['POST', '/api/v1/maintenance'],
  'maintenance.end': ['DELETE', '/api/v1/maintenance/:id'],
  'stream.follow': ['GET', '/api/v1/monitoring/events'],
} as const;
export type RouteName = keyof typeof routes;

/** Values of the query; a list is a name that comes more than once. */
export type Query = Readonly<
  Record<string, string | readonly string[] | number | boolean | undefined>
>;

/** What a path may hold: tocsind refuses a path with a percent sign. */
const plainId = /^(?!\.{1,2}$)[A-Za-z0-9._~:@!$&'()*+,;=-]+$/;

export function pathOf(name: RouteName, query: Query = {}, id?: string): string {
  if (id !== undefined && !plainId.test(id)) throw new Stop('unknown', `there is no "${id}"`);
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) search.append(key, String(one));
    }
  }
  const path = routes[name][1].replace(/:(?:id|name)/, () => id ?? '');
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}
