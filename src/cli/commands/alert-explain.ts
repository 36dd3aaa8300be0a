/** `tocsin alert explain`: why an alert is there, in words. */
import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import { plainLines } from '../output/text.ts';
import { createIdFinder } from './find-alert.ts';

export async function explainAlert({ args, api, printer }: Context): Promise<ExitName> {
  const [given = ''] = args;
  const id = await createIdFinder(api)(given);
  const explanation = await api.explain(id);
  await printer.one(explanation, id, () => plainLines(explanation.text));
  return 'done';
}
