/** `tocsin audit`: who did what, and whether anybody has changed the record of it. */
import type { AuditVerdict } from '../../domain/audit.ts';
import { plural } from '../../domain/plural.ts';
import type { Context } from '../command.ts';
import { type ExitName, Stop } from '../exit.ts';
import type { Printer, View } from '../output/printer.ts';
import { countOf, textOf } from '../values.ts';
import type { AuditVerdictView, AuditView } from '../views.ts';
import { instantOf } from './alert.ts';

const viewOf = (printer: Printer): View<AuditView> => ({
  id: ({ number }) => String(number),
  columns: [
    { header: 'NR', align: 'right', of: ({ number }) => String(number) },
    { header: printer.isUtc ? 'TIME' : 'AGE', of: ({ at }) => printer.age(at) },
    { header: 'BY', of: ({ by }) => by },
    { header: 'DOOR', of: ({ door }) => door },
    { header: 'CLIENT', wide: true, of: ({ client }) => client ?? '-' },
    {
      header: 'OUTCOME',
      of: ({ outcome }) => outcome,
      tone: ({ outcome }) => (outcome === 'done' ? 'good' : 'warn'),
    },
    { header: 'OPERATION', of: ({ operation }) => operation },
    { header: 'SUBJECT', of: ({ subject }) => subject ?? '-' },
    { header: 'HASH', wide: true, of: ({ hash }) => hash },
    { header: 'INPUT', wide: true, of: ({ input }) => input },
  ],
});

export async function listAudit(context: Context): Promise<ExitName> {
  const { values, api, printer } = context;
  const query = {
    by: textOf(values, 'by'),
    operation: textOf(values, 'operation'),
    since: instantOf(context, 'since'),
    until: instantOf(context, 'until'),
  };
  const { rows, more } = await api.list('audit.list', query, countOf(values, 'limit') ?? 100);
  const legend = plural(rows.length, 'deed');
  // Lists answer newest first; people read the end of a table first.
  await printer.list(
    rows.toReversed(),
    viewOf(printer),
    more ? `${legend}; there are more` : legend,
  );
  return 'done';
}

const viewOfVerdict = (verdict: AuditVerdict): AuditVerdictView =>
  verdict.type === 'sound'
    ? { result: 'sound', rows: verdict.rows, head: verdict.head, number: null, why: null }
    : { result: 'broken', rows: null, head: null, number: verdict.number, why: verdict.why };

/** Loaded here: no other command needs SQLite. */
async function verifyFile(path: string): Promise<AuditVerdictView> {
  const { verifyAuditFile } = await import('../../platform/sqlite/audit-file.ts');
  try {
    return viewOfVerdict(verifyAuditFile(path));
  } catch (error) {
    throw new Stop('failed', `${path} cannot be checked: ${(error as Error).message}`);
  }
}

export async function verifyAudit(context: Context): Promise<ExitName> {
  const { values, api, printer, io } = context;
  const path = textOf(values, 'database');
  if (path !== undefined && io.files.stat(path) === undefined)
    throw new Stop('unknown', `there is no file ${path}`);
  const verdict = path === undefined ? await api.auditVerdict() : await verifyFile(path);
  await printer.one(verdict, verdict.result, () =>
    verdict.result === 'sound'
      ? [
          `The audit is sound: ${plural(verdict.rows ?? 0, 'row')}, the newest with the hash`,
          `  ${verdict.head ?? ''}`,
          'The log has the number and the hash of each row, for comparison: journalctl -u tocsin -g "^audit "',
        ]
      : [`The audit is broken at row ${verdict.number}: ${verdict.why}.`],
  );
  return verdict.result === 'sound' ? 'done' : 'problems';
}
