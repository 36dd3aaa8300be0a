/** Verdicts on files, as promtool gives them: a line for each, its complaints, and the counts. */
import { type Complaint, renderComplaint } from '../../domain/rule.ts';
import type { ExitName } from '../exit.ts';
import type { Printer } from './printer.ts';
import { plainLine } from './text.ts';

export interface Verdict {
  readonly file: string;
  /** What is good about it: `12 rules`. */
  readonly holds: string;
  readonly complaints: readonly Complaint[];
}

const isError = ({ level }: Complaint): boolean => level === 'error';

/** `problems` when one file has an error; warnings alone are told. */
export async function tellVerdicts(
  deed: string,
  verdicts: readonly Verdict[],
  printer: Printer,
): Promise<ExitName> {
  const failed = verdicts.filter(({ complaints }) => complaints.some(isError)).length;
  const exit = failed > 0 ? 'problems' : 'done';
  if (printer.format !== 'table' && printer.format !== 'wide') {
    const rows = verdicts.map((verdict) => ({
      file: verdict.file,
      valid: !verdict.complaints.some(isError),
      complaints: verdict.complaints,
    }));
    await printer.list(rows, { columns: [], id: ({ file }) => file }, '');
    return exit;
  }
  for (const { file, holds, complaints } of verdicts) {
    const isBad = complaints.some(isError);
    const word = isBad ? printer.paint('bad', 'FAILED') : printer.paint('good', 'SUCCESS');
    await printer.lines([
      `${deed} '${plainLine(file)}'  ${word}${isBad || holds === '' ? '' : ` (${holds})`}`,
      ...complaints.map((complaint) => `  ${plainLine(renderComplaint(complaint))}`),
    ]);
  }
  const count = `${verdicts.length} file${verdicts.length === 1 ? '' : 's'}`;
  if (printer.hasLegend) await printer.lines([`${count}, ${failed} failed`]);
  return exit;
}
