/** `tocsin rule check`: what tocsind would say of rule files, without it. */
import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import { tellVerdicts, type Verdict } from '../output/verdict.ts';

export async function checkRules(context: Context): Promise<ExitName> {
  // Loaded here: the commands that ask tocsind start without the rule language.
  const { foldersOf, loadWith, readGiven } = await import('./rule-files.ts');
  const { files } = context.io;
  const folders = foldersOf(context);
  const given = readGiven(files, context.args);
  const { loaded, paths, complaints } = loadWith(files, folders, given);
  const shown = given.length > 0 ? given.map(({ path }) => path) : paths;
  const rulesIn = (path: string): number =>
    loaded.compiled.filter(({ summary }) => summary.file === path).length;
  const verdicts = shown.map((file): Verdict => {
    const own = complaints.filter((complaint) => complaint.file === file);
    const count = rulesIn(file);
    return { file, complaints: own, holds: `${count} rule${count === 1 ? '' : 's'}` };
  });
  // A folder that cannot be read, or a rule in force that a given file takes the id of.
  const elsewhere = complaints.filter(({ file }) => !shown.includes(file));
  const others = [...new Set(elsewhere.map(({ file }) => file))].map((file): Verdict => {
    const own = elsewhere.filter((complaint) => complaint.file === file);
    return { file, complaints: own, holds: '' };
  });
  const all = [...verdicts, ...others];
  if (all.length === 0) await context.printer.note(`no rule files in ${folders.join(', ')}`);
  return tellVerdicts('Checking', all, context.printer);
}
