/** `tocsin drill`: an exercise with an alert of a rule. */
import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import { plainLine } from '../output/text.ts';
import { textOf } from '../values.ts';

export async function drillRule({ args, values, api, printer }: Context): Promise<ExitName> {
  const [rule = ''] = args;
  const body = { resource: textOf(values, 'id'), for: textOf(values, 'expires') };
  const answer = await api.act('rule.drill', body, rule);
  const { alert, channels } = answer;
  await printer.one(answer, alert.id, () => [
    plainLine(`${alert.severity}  ${alert.title}`),
    `Alert ${alert.id} fires now and ends by itself; "tocsin delivery ${alert.id}" shows who was told.`,
    ...(channels.length === 0 ? ['No channel is configured: nobody will be told.'] : []),
    ...channels.map(({ channel, tells, why }) =>
      plainLine(`  ${channel}: ${tells ? 'is told' : 'is not told'}: ${why}`),
    ),
  ]);
  return 'done';
}
