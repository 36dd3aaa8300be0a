/** What has been told of the resources of SCST; thousands of them are compared in slices. */
import type { ResourceReading, ResourceRef } from '../../domain/reading.ts';
import { Told as ToldAtOnce } from '../told.ts';
import type { Pace } from './pace.ts';

export class Told {
  readonly #told = new ToldAtOnce();

  /** All there is was told (a complete reading). */
  async replace(resources: readonly ResourceReading[], pace: Pace): Promise<void> {
    await this.changes(resources, pace);
    this.#told.gone(resources);
  }

  /** Those of `resources` that are new or different, with what differs; from now on known. */
  async changes(
    resources: readonly ResourceReading[],
    pace: Pace,
  ): Promise<readonly ResourceReading[]> {
    const changes: ResourceReading[] = [];
    for (const resource of resources) {
      if (pace.due()) await pace.rest();
      const change = this.#told.take(resource);
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }

  /** Those that are known and not among `resources`; from now on unknown. */
  gone(resources: readonly ResourceReading[]): readonly ResourceRef[] {
    return this.#told.gone(resources);
  }
}
