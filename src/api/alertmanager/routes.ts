/**
 * The channels as Alertmanager's routes and receivers. An alert that no channel takes belongs to
 * a receiver that tells nobody: Karma and Grafana show only what a receiver has.
 */
import type { Alert, Severity } from '../../domain/alert.ts';
import type { House } from '../../operations/house.ts';
import type { ChannelStatus } from '../../operations/house-delivery.ts';
import { type Matcher, matchesAlert, parseMatchers, renderMatcher } from '../../rules/matchers.ts';

/** One channel: which alerts it takes, and how it groups them. */
export interface Route {
  readonly receiver: string;
  readonly matchers: readonly Matcher[];
  /** Undefined: all. */
  readonly severities: readonly string[] | undefined;
  /** Names of labels. */
  readonly groupBy: readonly string[];
  /** In the spelling of durations; undefined: Alertmanager's default. */
  readonly groupWait: number | undefined;
  readonly groupInterval: number | undefined;
  readonly repeatInterval: number | undefined;
}

export interface Routing {
  readonly routes: readonly Route[];
  /** The receiver of what no route takes. */
  readonly nobody: string;
}

/** What groups have in common where no channel says otherwise. */
export const groupByDefault: readonly string[] = ['alertname'];

/**
 * Names of labels for our words. What Alertmanager takes for no name, or finds twice, would make
 * its whole configuration invalid.
 */
const labelNames = (words: readonly string[]): readonly string[] => {
  const names = words.map((word) => (word === 'rule' ? 'alertname' : word));
  return [...new Set(names.filter((name) => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)))];
};

const textsIn = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined;
const numberIn = (value: unknown): number | undefined =>
  typeof value === 'number' && value > 0 ? value : undefined;

function routeOf({ name, settings }: ChannelStatus): Route {
  const parsed = parseMatchers(textsIn(settings.matchers) ?? []);
  return {
    receiver: name,
    matchers: parsed.type === 'ok' ? parsed.matchers : [],
    severities: textsIn(settings.severities),
    groupBy: labelNames(textsIn(settings.groupBy) ?? groupByDefault),
    groupWait: numberIn(settings.groupWait),
    groupInterval: numberIn(settings.groupInterval),
    repeatInterval: numberIn(settings.repeatInterval),
  };
}

export function routingOf({ delivery }: House): Routing {
  const routes = delivery
    .channels()
    .filter(({ enabled }) => enabled)
    .map(routeOf);
  const isTaken = (name: string): boolean => routes.some(({ receiver }) => receiver === name);
  const nobody = ['default', 'nobody', 'tocsin.nobody'].find((name) => !isTaken(name));
  return { routes, nobody: nobody ?? 'default' };
}

const takes = ({ severities, matchers }: Route, alert: Alert): boolean =>
  severities?.includes(alert.severity) !== false && matchesAlert(matchers, alert);

/** Names of the receivers that an alert goes to: at least one. */
export function receiversOf({ routes, nobody }: Routing, alert: Alert): readonly string[] {
  const names = routes.filter((route) => takes(route, alert)).map(({ receiver }) => receiver);
  return names.length === 0 ? [nobody] : names;
}

export const receiverNames = ({ routes, nobody }: Routing): readonly string[] => [
  nobody,
  ...routes.map(({ receiver }) => receiver),
];

/** The matchers of a route, with its severities, as one would write them. */
export function matcherTexts({ severities, matchers }: Route): readonly string[] {
  const all: readonly Severity[] = ['info', 'warning', 'critical'];
  const isLimited = severities !== undefined && all.some((one) => !severities.includes(one));
  const value = severities?.join('|') ?? '';
  const bySeverity = isLimited ? [{ name: 'severity', operator: '=~', value } as const] : [];
  return [...bySeverity, ...matchers].map(renderMatcher);
}
