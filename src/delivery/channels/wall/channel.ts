/** Tells everybody who is logged in on a terminal of this machine. */

import { oneOf, someOf, type ValuesOf } from '../../../config/readers.ts';
import { severities } from '../../../domain/alert.ts';
import { drillMark, type Message, withoutMark } from '../../../domain/message.ts';
import { defineChannel } from '../../channel.ts';
import { wall, wallThroughJournal } from './wall.ts';

/** The rest is counted: a terminal is no place for lists. */
const alertsShownMax = 5;

export function renderWall(message: Message): string {
  const { items, omitted, lines, title, type } = message;
  const mark = message.drill ? drillMark : '';
  if (type !== 'alerts' && type !== 'digest')
    return [`tocsin on ${message.host}: ${mark}${title}`, ...lines].join('\n');
  const told = items.slice(0, alertsShownMax).flatMap(({ alert, victims }) => {
    const word = alert.phase === 'resolved' ? 'OVER' : alert.severity.toUpperCase();
    const hurt = victims > 0 ? ` (${victims} more because of it)` : '';
    const advice = alert.phase === 'resolved' ? [] : [`  ${alert.advice}`];
    return [
      `[${word}] ${withoutMark(alert.title)}${hurt}`,
      ...advice.filter((line) => line.trim() !== ''),
    ];
  });
  const rest = items.length - Math.min(items.length, alertsShownMax) + omitted;
  const why = message.why === null ? '' : ` (${message.why})`;
  return [
    `${mark}tocsin on ${message.host}${why}:`,
    ...told,
    ...(rest > 0 ? [`and ${rest} more`] : []),
    'See: tocsin alert list',
  ].join('\n');
}

const settings = {
  severities: someOf(
    severities,
    ['critical'],
    'Severities that are worth interrupting whoever is at work on a terminal.',
  ),
  through: oneOf(
    ['journald', 'wall'],
    'journald',
    'Who writes to the terminals. journald does it for entries of priority emerg (ForwardToWall= in journald.conf), ' +
      'and reaches everybody; rsyslog may write them once more. wall, run by tocsind, reaches only terminals that ' +
      'take messages (mesg): those of ssh mostly, consoles and shells of root not.',
  ),
};

export const wallChannel = defineChannel({
  type: 'wall',
  title: 'all terminals on which somebody is logged in',
  place: 'core',
  settings,
  open: (name, { through }: ValuesOf<typeof settings>, ports) => ({
    send(message, signal) {
      const text = renderWall(message);
      if (through === 'wall') return wall(ports.command, text, signal);
      const fields = { TOCSIN_CHANNEL: name, TOCSIN_MESSAGE_KEY: message.key };
      return wallThroughJournal(ports, text, fields, signal);
    },
    close: async () => {},
  }),
});
