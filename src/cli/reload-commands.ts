/** The commands about tocsind itself. */
import { minutes } from '../domain/time.ts';
import type { Command } from './command.ts';
import { reloadDaemon } from './commands/reload.ts';

/** Every collector looks once where the settings have changed. */
const reloadPatience = minutes(1);

export const reloadCommands: readonly Command[] = [
  {
    name: 'reload',
    arguments: '',
    count: [0, 0],
    options: [],
    summary:
      'Let tocsind read its settings and rules anew. Where one is wrong, nothing changes; it ends with 7.',
    operations: ['daemon.reload'],
    patience: reloadPatience,
    run: reloadDaemon,
  },
];
