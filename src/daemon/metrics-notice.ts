/** The `metrics` message of the stream: the appliance in figures, for whoever listens. */
import { renderMetrics } from '../operations/metrics.ts';
import type { Log } from '../platform/log.ts';
import type { Front } from './front.ts';
import type { Publication } from './publication.ts';

/** While nobody listens, nobody counts. A fault in counting must not end the daemon. */
export function tellMetrics(
  {
    house,
    api,
  }: { readonly house: Front['house']; readonly api: Pick<Front['api'], 'streamClients'> },
  publication: Pick<Publication, 'tell'>,
  log: Pick<Log, 'error'>,
): void {
  if (api.streamClients() === 0) return;
  try {
    publication.tell({ type: 'metrics', at: house.now(), data: renderMetrics(house) });
  } catch (error) {
    log.error(`metrics: ${(error as Error).stack}, ignoring`);
  }
}
