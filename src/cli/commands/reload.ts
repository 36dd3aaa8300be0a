/** `tocsin reload`: settings and rules anew. */
import { plural } from '../../domain/plural.ts';
import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';

export async function reloadDaemon({ api, printer }: Context): Promise<ExitName> {
  const answer = await api.act('daemon.reload', {});
  await printer.one(answer, 'reloaded', () => [
    `Settings and ${plural(answer.rules, 'rule')} are read and in force.`,
  ]);
  return 'done';
}
