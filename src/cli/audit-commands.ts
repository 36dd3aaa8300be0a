/** The commands about who did what. */
import { minutes } from '../domain/time.ts';
import type { Command } from './command.ts';
import { listAudit, verifyAudit } from './commands/audit.ts';

export const auditCommands: readonly Command[] = [
  {
    name: 'audit list',
    isDefault: true,
    arguments: '',
    count: [0, 0],
    options: ['by', 'operation', 'since', 'until', 'limit'],
    summary: 'Who did what through which door, and what became of it.',
    operations: ['audit.list'],
    run: listAudit,
  },
  {
    name: 'audit verify',
    arguments: '',
    count: [0, 0],
    options: ['database'],
    summary:
      'Check that nobody has changed, removed or put in a row of the audit. Ends with 3 when somebody has.',
    operations: ['audit.verify'],
    patience: minutes(2),
    run: verifyAudit,
  },
];
