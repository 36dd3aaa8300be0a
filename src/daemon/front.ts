/** What faces callers: the house that operations see, and the API before it. */
import { type Api, createApi } from '../api/api.ts';
import type { Options } from '../config/options.ts';
import type { Settings } from '../config/settings.ts';
import type { Kind } from '../domain/kind.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { Files } from '../platform/files.ts';
import type { Log } from '../platform/log.ts';
import { version } from '../platform/version.ts';
import type { Store } from '../store/store.ts';
import { validateRuleText } from './configuration.ts';
import { credentialsOf } from './credentials.ts';
import type { Heart } from './heart.ts';
import { createHouse } from './house.ts';

interface FrontParts extends Heart {
  readonly options: Options;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly kinds: readonly Kind[];
  readonly ports: { readonly clock: Clock; readonly files: Files };
  readonly log: Log;
  readonly store: Store;
  readonly startedAt: EpochMs;
}

export function openFront(
  parts: FrontParts,
  settings: Settings,
  state: { readonly ready: () => boolean; readonly alive: () => string | null },
): Api {
  const { environment, kinds, log, options, ports } = parts;
  const house = createHouse({
    ...parts,
    ...state,
    version,
    clock: ports.clock,
    validateRules: (text, file) =>
      validateRuleText(ports.files, options.rulesDirs, kinds, { text, file }),
  });
  const { clients, clientBuffer } = settings.stream;
  return createApi({
    house,
    clock: ports.clock,
    credentials: credentialsOf(options, environment),
    limits: { clientsMax: clients, clientBufferBytesMax: clientBuffer },
    onBug: (requestId, error) =>
      log.error(`request ${requestId} met a bug: ${(error as Error).stack}`),
  });
}
