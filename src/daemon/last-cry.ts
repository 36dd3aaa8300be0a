/**
 * The last cry: when critical alerts have reached nobody, it is said where no network, no relay
 * and no settings are needed: in the journal, which shows it on all terminals of this machine.
 */
import { messageIds } from '../delivery/channels/journal/message-ids.ts';
import { wallThroughJournal } from '../delivery/channels/wall/wall.ts';
import type { Alert } from '../domain/alert.ts';
import type { Command } from '../platform/command.ts';
import type { JournalWriter } from '../platform/journal-write.ts';
import type { Log } from '../platform/log.ts';

export interface LastCryParts {
  readonly command: Command;
  readonly journal: JournalWriter;
  readonly log: Log;
}

export async function cry(parts: LastCryParts, alert: Alert): Promise<void> {
  const look = 'Look: tocsin alert list --severity critical';
  const text = [`[CRITICAL] tocsin: ${alert.title}`, alert.message, look].join('\n');
  const outcome = await wallThroughJournal(parts, text, {
    MESSAGE_ID: messageIds.untold.id,
    TOCSIN_ALERT_ID: alert.id,
    TOCSIN_RULE: alert.rule,
  });
  if (outcome.type !== 'delivered') parts.log.error(`${alert.title} (${outcome.why})`);
}
