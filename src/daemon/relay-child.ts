/** tocsin-relay as a child of tocsind (--with-relay): where no systemd would start it. */
import { fileURLToPath } from 'node:url';
import type { Options } from '../config/options.ts';
import type { Log } from '../platform/log.ts';
import { type Program, runProgram } from '../platform/program.ts';

/** Set by tools/build.ts: in the bundle the relay is one file beside the code. */
declare const TOCSIN_BUNDLE: boolean | undefined;
const relayUrl = new URL(
  typeof TOCSIN_BUNDLE === 'undefined' ? '../relay.ts' : './tocsin-relay.mjs',
  import.meta.url,
);

export function startRelayChild(
  { config, runtimeDir }: Pick<Options, 'config' | 'runtimeDir'>,
  log: Log,
): Program {
  const path = fileURLToPath(relayUrl);
  return runProgram({
    argv: [path, '--config', config, '--runtime-dir', runtimeDir, '--tied'],
    onEnd: (how, again) =>
      log.warning(`tocsin-relay ${how}, starting it again in ${Math.round(again / 100) / 10} s`),
  });
}
