/** `tocsin rule test`. The engine is loaded only here: other commands start without it. */
import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';

export async function testRules(context: Context): Promise<ExitName> {
  const { runRuleTestFiles } = await import('./rule-test-run.ts');
  return runRuleTestFiles(context);
}
