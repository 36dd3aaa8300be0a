/** What faces callers: the house that operations see, and the API before it. */
import { join } from 'node:path';
import { type Api, createApi } from '../api/api.ts';
import { createRequestLedger } from '../api/figures.ts';
import type { Options } from '../config/options.ts';
import type { Settings } from '../config/settings.ts';
import type { Kind } from '../domain/kind.ts';
import type { EpochMs } from '../domain/time.ts';
import type { History } from '../history/history.ts';
import type { Figures, SourceFigures } from '../operations/figures.ts';
import type { House } from '../operations/house.ts';
import type { Access } from '../operations/house-access.ts';
import type { Audit } from '../operations/house-audit.ts';
import type { Records } from '../operations/house-records.ts';
import type { Clock } from '../platform/clock.ts';
import type { Files } from '../platform/files.ts';
import type { Log } from '../platform/log.ts';
import { replaceFile } from '../platform/replace-file.ts';
import { version } from '../platform/version.ts';
import type { Store } from '../store/store.ts';
import { validateRuleText } from './configuration.ts';
import { credentialsOf } from './credentials.ts';
import type { Delivery } from './delivery.ts';
import { createEditFinder, placesOf } from './edits.ts';
import type { Heart } from './heart.ts';
import { createHouse } from './house.ts';
import { createRuleDesk } from './rule-desk.ts';

interface FrontParts extends Heart {
  readonly delivery: Delivery;
  readonly options: Options;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly kinds: readonly Kind[];
  readonly ports: { readonly clock: Clock; readonly files: Files };
  readonly log: Log;
  readonly store: Store;
  readonly history: History;
  readonly startedAt: EpochMs;
  readonly records: Records;
  readonly access: Access;
  readonly audit: Audit;
}

export interface Front {
  readonly house: House;
  readonly api: Api;
}

const databases = ['tocsin.db', 'history.db'];

/** With what has not been moved from the write-ahead log into the file yet. */
function readDatabaseBytes(files: Files, folder: string): ReadonlyMap<string, number> {
  const sizeOf = (name: string): number | undefined => files.stat(join(folder, name))?.size;
  return new Map(
    databases.flatMap((name) => {
      const size = sizeOf(name);
      return size === undefined ? [] : [[name, size + (sizeOf(`${name}-wal`) ?? 0)] as const];
    }),
  );
}

export function openFront(
  parts: FrontParts,
  settings: () => Settings,
  state: {
    readonly ready: () => boolean;
    readonly alive: () => string | null;
    readonly reload: () => Promise<void>;
    readonly sources: () => readonly SourceFigures[];
  },
): Front {
  const { environment, kinds, log, options, ports } = parts;
  const requests = createRequestLedger(ports.clock);
  const house = createHouse({
    ...parts,
    ...state,
    version,
    clock: ports.clock,
    figures: (): Figures => ({
      sources: state.sources(),
      api: { ...requests.read(), streamClients: api.streamClients() },
      ...parts.ledger.read(),
      delivery: parts.delivery.figures(),
      databaseBytes: readDatabaseBytes(ports.files, options.stateDir),
    }),
    ruleDesk: createRuleDesk({
      folders: options.rulesDirs,
      kinds,
      files: ports.files,
      replaceFile,
      async apply(rules) {
        parts.pipeline.reload(rules);
        await parts.pipeline.applied();
        await parts.queue.settled();
      },
      log,
    }),
    recentEdits: createEditFinder(ports.files, placesOf(options)),
    validateRules: (text, file) =>
      validateRuleText(ports.files, options.rulesDirs, kinds, { text, file }),
  });
  const { clients, clientBuffer } = settings().stream;
  const api = createApi({
    house,
    clock: ports.clock,
    credentials: credentialsOf(environment),
    access: {
      requestsPerSecond: () => settings().access.requestsPerSecond,
      origins: () => settings().access.origins,
    },
    onRequest: (record) => requests.record(record),
    limits: { clientsMax: clients, clientBufferBytesMax: clientBuffer },
    onBug: (requestId, error) =>
      log.error(`request ${requestId} met a bug: ${(error as Error).stack}`),
  });
  return { house, api };
}
