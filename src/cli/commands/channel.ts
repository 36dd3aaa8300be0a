/** `tocsin channel`: where alerts are told, how that goes, and a test of it. */

import { plural } from '../../domain/plural.ts';
import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import type { Printer, View } from '../output/printer.ts';
import type { Tone } from '../output/table.ts';
import { plainLine } from '../output/text.ts';
import type { ChannelView } from '../views.ts';

const tones: Readonly<Record<ChannelView['health'], Tone>> = {
  healthy: 'good',
  failing: 'bad',
  unknown: 'dim',
};

const viewOf = (printer: Printer): View<ChannelView> => ({
  id: ({ name }) => name,
  columns: [
    { header: 'CHANNEL', of: ({ name }) => name },
    { header: 'TYPE', of: ({ type }) => type },
    {
      header: 'STATE',
      of: ({ enabled, health }) => (enabled ? health : 'disabled'),
      tone: ({ enabled, health }) => (enabled ? tones[health] : 'dim'),
    },
    { header: 'WAITING', align: 'right', of: ({ waiting }) => String(waiting) },
    {
      header: 'SENT/H',
      align: 'right',
      of: ({ sentLastHour, budget }) => `${sentLastHour}/${budget ?? '∞'}`,
    },
    { header: 'DELIVERED', of: ({ lastDeliveredAt }) => printer.age(lastDeliveredAt) },
    { header: 'PROCESS', wide: true, of: ({ place }) => place },
    { header: 'REASON', of: ({ reason }) => reason ?? '' },
  ],
});

export async function listChannels({ api, printer }: Context): Promise<ExitName> {
  const { rows } = await api.list('channel.list', {});
  const failing = rows.filter(({ health }) => health === 'failing').length;
  const legend =
    rows.length === 0
      ? 'no channel is configured: nobody is told of alerts; see tocsin.yaml(5), channels'
      : `${plural(rows.length, 'channel')}, ${failing} failing`;
  await printer.list(rows, viewOf(printer), legend);
  return 'done';
}

/** Not the dispatcher's word `retry`: a test is not sent again. */
const words = { delivered: 'delivered', retry: 'failed', refused: 'refused' } as const;

export async function testChannel({ args, api, printer }: Context): Promise<ExitName> {
  let arrived = true;
  for (const name of args) {
    const { result, detail, tookMs, channel } = await api.act('channel.test', {}, name);
    arrived &&= result === 'delivered';
    const answer = { channel, result, detail, tookMs };
    await printer.one(answer, channel, () => [
      plainLine(`${channel}: ${words[result]} after ${tookMs} ms: ${detail}`),
    ]);
  }
  return arrived ? 'done' : 'problems';
}
