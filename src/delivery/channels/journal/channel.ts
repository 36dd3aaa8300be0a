/** Writes alerts into the journal of this machine: one structured entry for each alert. */
import type { Severity } from '../../../domain/alert.ts';
import {
  drillMark,
  type Message,
  type MessageItem,
  type Outcome,
  withoutMark,
} from '../../../domain/message.ts';
import { rfc3339 } from '../../../domain/time.ts';
import type { JournalFields } from '../../../platform/journal-write.ts';
import { defineChannel } from '../../channel.ts';
import { type EntryType, messageIds } from './message-ids.ts';

/** syslog(3): crit, warning, info. */
const priorities: Readonly<Record<Severity, number>> = { critical: 2, warning: 4, info: 6 };
/** notice */
const priorityOfEnd = 5;

const isOver = ({ alert }: MessageItem): boolean => alert.phase === 'resolved';

function sharedFields(message: Message, type: EntryType): JournalFields {
  return {
    MESSAGE_ID: messageIds[type].id,
    SYSLOG_IDENTIFIER: 'tocsin',
    TOCSIN_CHANNEL: message.channel,
    TOCSIN_MESSAGE_KEY: message.key,
    TOCSIN_SEQUENCE: message.sequence,
    TOCSIN_HOST: message.host,
    ...(message.drill ? { TOCSIN_DRILL: 1 } : {}),
  };
}

function lineOf({ alert, victims }: MessageItem, drill: boolean): string {
  const mark = drill ? drillMark : '';
  const word = alert.phase === 'resolved' ? 'over' : alert.severity;
  const hurt = victims > 0 ? ` (${victims} more because of it)` : '';
  return `${mark}${word}: ${withoutMark(alert.title)}${hurt}`;
}

function entryOf(message: Message, item: MessageItem): JournalFields {
  const { alert } = item;
  const over = isOver(item);
  return {
    MESSAGE: lineOf(item, message.drill),
    PRIORITY: over ? priorityOfEnd : priorities[alert.severity],
    ...sharedFields(message, over ? 'over' : 'firing'),
    TOCSIN_KEY: item.key,
    TOCSIN_REASON: item.reason,
    TOCSIN_ALERT_ID: alert.id,
    TOCSIN_RULE: alert.rule,
    TOCSIN_SEVERITY: alert.severity,
    TOCSIN_PHASE: alert.phase,
    TOCSIN_SOURCE: alert.source,
    TOCSIN_KIND: alert.resource.kind,
    TOCSIN_RESOURCE: alert.resource.id,
    TOCSIN_STARTS_AT: rfc3339(alert.startsAt),
    TOCSIN_VICTIMS: item.victims,
    ...(alert.resolvedBy === null ? {} : { TOCSIN_RESOLVED_BY: alert.resolvedBy }),
    TOCSIN_DETAIL: alert.message,
    TOCSIN_ADVICE: alert.advice,
  };
}

/** What is said beside the alerts: that it is a digest and why, or a report, reminder, test. */
function headOf(message: Message): JournalFields | undefined {
  if (message.type === 'alerts') return undefined;
  const left = message.omitted > 0 ? `, and ${message.omitted} more that have no room here` : '';
  const text =
    message.type === 'digest'
      ? `${message.items.length} alerts have news, collected: ${message.why ?? ''}${left}`
      : [message.title, ...message.lines].join('\n');
  return { MESSAGE: text, PRIORITY: priorityOfEnd, ...sharedFields(message, message.type) };
}

export const journalChannel = defineChannel({
  type: 'journal',
  title: 'the journal of this machine',
  place: 'core',
  settings: {},
  open: (_name, _settings, { journal }) => ({
    send: async (message): Promise<Outcome> => {
      const head = headOf(message);
      const entries = message.items.map((item) => entryOf(message, item));
      let printed = '';
      for (const fields of head === undefined ? entries : [head, ...entries]) {
        const outcome = journal.write(fields);
        // What is written already comes again, under the same TOCSIN_KEY.
        if (outcome.type === 'failed') return { type: 'retry', why: outcome.why, maybe: true };
        if (outcome.type === 'printed') printed = `to standard error: ${outcome.why}`;
      }
      return { type: 'delivered', detail: printed };
    },
    close: async () => {},
  }),
});
