/**
 * `tocsin check`: a Nagios plugin. One line, performance data behind a bar, and an exit status
 * that is Nagios' own (Monitoring Plugins Development Guidelines, 2.1 and 2.6).
 */

import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import { plainLine } from '../output/text.ts';
import { countOf } from '../values.ts';
import type { AlertView, HealthView } from '../views.ts';

const states = ['OK', 'WARNING', 'CRITICAL'] as const;
/** Statuses 0, 1 and 2 of a plugin, in our words. */
const exits: readonly ExitName[] = ['done', 'failed', 'usage'];

/** tocsin itself: what it cannot see, it must not call OK. */
function judgeHealth({ status, components = {} }: HealthView): { rank: number; why: string } {
  if (status === 'healthy') return { rank: 0, why: '' };
  const sick = Object.entries(components).filter(([, one]) => one.status !== 'healthy');
  const names = sick.map(([name, { reason }]) => (reason === null ? name : `${name} (${reason})`));
  const why = `tocsin is ${status}${names.length > 0 ? `: ${names.join(', ')}` : ''}`;
  return { rank: status === 'unhealthy' ? 2 : 1, why };
}

export async function checkAlerts({ api, values, printer }: Context): Promise<ExitName> {
  const most = {
    warning: countOf(values, 'warning') ?? 0,
    critical: countOf(values, 'critical') ?? 0,
  };
  const [health, { rows }] = await Promise.all([
    api.health(),
    api.list('alert.list', { phase: 'firing' }),
  ]);
  const count = (severity: AlertView['severity']): number =>
    rows.filter((alert) => alert.severity === severity).length;
  const counts = { warning: count('warning'), critical: count('critical') };
  const own = judgeHealth(health);
  const rank = Math.max(
    own.rank,
    counts.critical > most.critical ? 2 : 0,
    counts.warning > most.warning ? 1 : 0,
  );
  // The bar begins the performance data.
  const why = own.why === '' ? '' : `, ${plainLine(own.why).replaceAll('|', '/')}`;
  const text = `${counts.critical} critical, ${counts.warning} warning${why}`;
  const limit = most.warning > 0 ? `;${most.warning}` : '';
  const data = `critical=${counts.critical};${most.critical};${most.critical} warning=${counts.warning}${limit}`;
  await printer.lines([`TOCSIN ${states[rank] ?? 'UNKNOWN'} - ${text} | ${data}`]);
  return exits[rank] ?? 'problems';
}
