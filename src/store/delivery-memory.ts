/** Reads what delivery needs to go on where it stopped. */
import type { Tables } from './tables/tables.ts';

/** Name of the cursor: the number of the last change that delivery has taken. */
export const deliveryCursor = 'delivery';

/** As JSON of DeliveryMemory. Alerts that go on are known already; those that ended are given. */
export function deliveryMemoryJson(tables: Tables): string {
  const told = tables.told.list().map(({ isOver, ...row }) => {
    const alert = isOver === 1 ? tables.alerts.find(row.alertId) : undefined;
    return `${JSON.stringify(row).slice(0, -1)},"alert":${alert ?? 'null'}}`;
  });
  const cursor = tables.cursors.list()[deliveryCursor];
  const rest = {
    cursor: cursor === undefined ? null : Number(cursor),
    channels: tables.told.listChannels(),
  };
  const open = JSON.stringify(rest).slice(0, -1);
  return `${open},"told":[${told.join(',')}],"waiting":${tables.outbox.listWaiting()}}`;
}
