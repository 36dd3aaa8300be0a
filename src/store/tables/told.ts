/** What each channel remembers, and what it was told of each alert. */
import type { Db } from '../../platform/sqlite/connection.ts';
import type { ChannelRow, DeliveryWrites } from '../delivery-writes.ts';

interface StoredTold {
  readonly channel: string;
  readonly alertId: string;
  readonly doc: string;
  /** 1: the alert has ended. */
  readonly isOver: number;
}

export function toldTable(db: Db) {
  const upsertChannel = db.prepare<[string, string]>(
    'INSERT INTO channels (name, doc) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET doc = excluded.doc',
  );
  const forget = db.prepare<[string]>('DELETE FROM told WHERE channel = ?');
  const upsert = db.prepare<[string, string, string]>(
    `INSERT INTO told (channel, alert_id, doc) VALUES (?, ?, ?)
     ON CONFLICT (channel, alert_id) DO UPDATE SET doc = excluded.doc`,
  );
  const remove = db.prepare<[string, string]>(
    'DELETE FROM told WHERE channel = ? AND alert_id = ?',
  );
  const channels = db.prepare<[], Omit<ChannelRow, 'forgets'>>('SELECT name, doc FROM channels');
  const rows = db.prepare<[], StoredTold>(
    `SELECT t.channel, t.alert_id AS alertId, t.doc, coalesce(a.phase = 'resolved', 0) AS isOver
     FROM told t LEFT JOIN alerts a ON a.id = t.alert_id`,
  );
  return {
    write(writes: DeliveryWrites): void {
      for (const { name, doc, forgets } of writes.channels) {
        if (forgets) forget.run(name);
        upsertChannel.run(name, doc);
      }
      for (const { channel, alertId, doc } of writes.told) {
        if (doc === null) remove.run(channel, alertId);
        else upsert.run(channel, alertId, doc);
      }
    },
    listChannels: (): readonly Omit<ChannelRow, 'forgets'>[] => channels.all(),
    list: (): readonly StoredTold[] => rows.all(),
  };
}
