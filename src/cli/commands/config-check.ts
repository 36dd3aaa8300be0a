/** `tocsin config check`: what tocsind would say of settings files, without it. */
import { optionTable } from '../../config/options.ts';
import type { Context } from '../command.ts';
import { type ExitName, Stop } from '../exit.ts';
import { tellVerdicts, type Verdict } from '../output/verdict.ts';
import { textOf } from '../values.ts';

export async function checkConfig(context: Context): Promise<ExitName> {
  const { loadSettings, readSettingsFiles } = await import('../../config/load.ts');
  const { sections } = await import('../../collectors/registry.ts');
  const { deliverySections } = await import('../../delivery/sections.ts');
  const { args, io, values, printer } = context;
  const main =
    textOf(values, 'config') ?? io.environment.TOCSIN_CONFIG ?? optionTable.config.default;
  const named = args.map((path) => {
    const text = io.files.readText(path);
    if (text === undefined) throw new Stop('unknown', `there is no file ${path}`);
    return { path, text };
  });
  const files = named.length > 0 ? named : readSettingsFiles(io.files, main);
  const verdicts = files.map((file): Verdict => {
    const { complaints } = loadSettings([file], { ...sections, ...deliverySections });
    return { file: file.path, complaints, holds: '' };
  });
  if (files.length === 0) await printer.note(`no settings in ${main}: the defaults are in force`);
  return tellVerdicts('Checking', verdicts, printer);
}
