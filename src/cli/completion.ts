/** `tocsin completion`: what a shell needs to complete our command lines. */
import type { Command, Context } from './command.ts';
import { renderBash } from './completion/bash.ts';
import { renderFish } from './completion/fish.ts';
import { shells } from './completion/table.ts';
import { renderZsh } from './completion/zsh.ts';
import { type ExitName, Stop } from './exit.ts';

type Shell = (typeof shells)[number];

const renderers: Readonly<Record<Shell, (commands: readonly Command[]) => string>> = {
  bash: renderBash,
  zsh: renderZsh,
  fish: renderFish,
};

/** As each shell looks for it in the folder of completions: tools/build.ts writes these. */
export const completionFiles: Readonly<Record<string, (commands: readonly Command[]) => string>> = {
  'tocsin.bash': renderBash,
  _tocsin: renderZsh,
  'tocsin.fish': renderFish,
};

export async function completion({ args, commands, printer }: Context): Promise<ExitName> {
  const [asked = ''] = args;
  const shell = shells.find((one) => one === asked);
  if (shell === undefined) {
    const why = `there is no completion for "${asked}"; there is for ${shells.join(', ')}`;
    throw new Stop('usage', why);
  }
  await printer.lines([renderers[shell](commands)]);
  return 'done';
}
