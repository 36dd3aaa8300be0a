/** All tables of one connection, with their statements prepared. */
import type { Db } from '../../platform/sqlite/connection.ts';
import { accessTable } from './access.ts';
import { alertsTable } from './alerts.ts';
import { auditTable } from './audit.ts';
import { blindTable } from './blind.ts';
import { changesTable } from './changes.ts';
import { cursorsTable } from './cursors.ts';
import { digestsTable } from './digests.ts';
import { eventsTable } from './events.ts';
import { expiriesTable } from './expiries.ts';
import { metaTable } from './meta.ts';
import { mutesTable } from './mutes.ts';
import { occurrencesTable } from './occurrences.ts';
import { outboxTable } from './outbox.ts';
import { repliesTable } from './replies.ts';
import { tasksTable } from './tasks.ts';
import { toldTable } from './told.ts';

export const prepareTables = (db: Db) => ({
  meta: metaTable(db),
  alerts: alertsTable(db),
  audit: auditTable(db),
  changes: changesTable(db),
  events: eventsTable(db),
  cursors: cursorsTable(db),
  blind: blindTable(db),
  digests: digestsTable(db),
  expiries: expiriesTable(db),
  occurrences: occurrencesTable(db),
  replies: repliesTable(db),
  tasks: tasksTable(db),
  mutes: mutesTable(db),
  access: accessTable(db),
  outbox: outboxTable(db),
  told: toldTable(db),
});

export type Tables = ReturnType<typeof prepareTables>;
