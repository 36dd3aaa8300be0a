/** Alerts through the outbox to three channels: the real store, pump and couriers; nothing is sent. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublication } from '../../src/daemon/publication.ts';
import type { Sender } from '../../src/delivery/channel.ts';
import { startCourier } from '../../src/delivery/courier.ts';
import { channelOf } from '../../src/delivery/dispatch/world.fixture.ts';
import { Pump } from '../../src/delivery/pump.ts';
import { seconds } from '../../src/domain/time.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openStore } from '../../src/store/client.ts';
import { alertOf, changeOf } from '../../src/store/samples.fixture.ts';
import type { Row } from './report.ts';

export interface DeliverySpeed {
  readonly alerts: number;
  /** Messages of one channel. */
  readonly messages: number;
  /** Each alert counts once, when all three channels have it. */
  readonly alertsPerSecond: number;
}

const quiet = { error: console.error, warning: () => {}, notice: () => {}, info: () => {} };
const names = ['one', 'two', 'three'];

/** `groupBy`: [] for one message that names as many as it can, [resourceId] for one each. */
export async function measureDelivery(
  alerts: number,
  groupBy: readonly string[],
): Promise<DeliverySpeed> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const store = await openStore(join(folder, 'tocsin.db'));
  const publication = createPublication(store, { alerts: [], lastSeq: 0 });
  const settings = { groupWait: 0, groupInterval: 0, budget: 0, groupBy };
  const clock = systemClock;
  const pump = new Pump({
    feed: publication,
    active: () => publication.active(),
    store,
    clock,
    log: quiet,
    host: 'bench',
    random: Math.random,
  });
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const taken = new Map(names.map((name) => [name, 0]));
  let messages = 0;
  const sender = (name: string): Sender => ({
    async send({ items, omitted }) {
      messages += 1;
      taken.set(name, (taken.get(name) ?? 0) + items.length + omitted);
      if ([...taken.values()].every((count) => count >= alerts)) resolve();
      return { type: 'delivered', detail: '' };
    },
    close: async () => {},
  });
  const couriers = names.map((name) =>
    startCourier(name, sender(name), { outbox: pump, clock, log: quiet, random: Math.random }),
  );
  await pump.start(names.map((name) => channelOf(name, settings)));
  // Channels that are new would tell all of it in one digest.
  await clock.sleep(seconds(0.2));
  const began = performance.now();
  for (let seq = 1; seq <= alerts; ) {
    const batch = Array.from({ length: Math.min(500, alerts - seq + 1) }, (_, i) =>
      changeOf(seq + i, alertOf(seq + i)),
    );
    await store.commit({ changes: batch, events: [], cursors: {}, blind: [] });
    publication.publish(batch);
    seq += batch.length;
  }
  await done;
  const took = (performance.now() - began) / 1000;
  await Promise.all(couriers.map((courier) => courier.stop()));
  await pump.stop();
  await store.close();
  rmSync(folder, { recursive: true });
  return { alerts, messages: messages / names.length, alertsPerSecond: alerts / took };
}

/** A storm, of which a channel makes few messages; and one message for each alert. */
export async function measureDeliveries(quick: boolean): Promise<readonly DeliverySpeed[]> {
  return [
    await measureDelivery(quick ? 1000 : 5000, []),
    await measureDelivery(quick ? 100 : 1000, ['resourceId']),
  ];
}

export const ofDeliveries = (speeds: readonly DeliverySpeed[]): readonly Row[] =>
  speeds.map(({ alerts, messages, alertsPerSecond }) => ({
    what: `delivery: ${alerts} alerts to 3 channels, ${Math.round(messages)} messages each`,
    value: `${Math.round(alertsPerSecond).toLocaleString('en')} alerts/s`,
  }));

if (process.argv[1] === import.meta.filename)
  for (const { what, value } of ofDeliveries(await measureDeliveries(process.argv[2] === 'quick')))
    console.log(`${what}: ${value}`);
