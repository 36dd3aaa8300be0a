/** Groups: alerts that are told in one message, by what a channel's `groupBy` names. */
import type { Alert } from '../../domain/alert.ts';
import { labelOf } from '../../rules/matchers.ts';

export interface Group {
  /** The same over all its messages: what a thread of mails hangs on. */
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A drill is never in one message with what is real. */
export function groupOf(alert: Alert, groupBy: readonly string[]): Group {
  const pairs = groupBy.map((name) => [name, labelOf(alert, name)] as const);
  const inner = pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',');
  const key = `${alert.origin === 'drill' ? 'drill' : ''}{${inner}}`;
  return { key, labels: Object.fromEntries(pairs) };
}

/** The same, reckoned once for each alert as it is: a storm is looked at again and again. */
export function rememberGroups(groupBy: readonly string[]): (alert: Alert) => Group {
  const known = new WeakMap<Alert, Group>();
  return (alert) => {
    const group = known.get(alert) ?? groupOf(alert, groupBy);
    known.set(alert, group);
    return group;
  };
}
