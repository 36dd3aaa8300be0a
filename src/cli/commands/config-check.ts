/** `tocsin config check`: what tocsind would say of settings files, without it. */
import { optionTable } from '../../config/options.ts';
import type { Files } from '../../platform/files.ts';
import type { Context } from '../command.ts';
import { type ExitName, Stop } from '../exit.ts';
import { tellVerdicts, type Verdict } from '../output/verdict.ts';
import { textOf } from '../values.ts';

/** FILE and FILE.d/*.yaml in name order, as far as they are there: tocsin.yaml(5). */
function filesInForce(files: Files, path: string): readonly string[] {
  const entries = files.list(`${path}.d`) ?? [];
  const dropIns = entries.filter(({ name }) => name.endsWith('.yaml') && !name.startsWith('.'));
  return [path, ...dropIns.map(({ name }) => `${path}.d/${name}`)].filter(
    (one) => files.readText(one) !== undefined,
  );
}

export async function checkConfig(context: Context): Promise<ExitName> {
  const { loadSettings } = await import('../../config/load.ts');
  const { args, io, values, printer } = context;
  const main =
    textOf(values, 'config') ?? io.environment.TOCSIN_CONFIG ?? optionTable.config.default;
  const paths = args.length > 0 ? args : filesInForce(io.files, main);
  const verdicts = paths.map((path): Verdict => {
    const text = io.files.readText(path);
    if (text === undefined) throw new Stop('unknown', `there is no file ${path}`);
    const { complaints } = loadSettings([{ path, text }]);
    return { file: path, complaints, holds: '' };
  });
  if (paths.length === 0) await printer.note(`no settings in ${main}: the defaults are in force`);
  return tellVerdicts('Checking', verdicts, printer);
}
