/**
 * Evidence: when an alert fires, its collector is asked for facts to freeze into it (the last
 * lines of the unit's run). One at a time and bounded, because 1,000 units failing together must
 * not become 1,000 processes; the alert itself never waits for it. In a burst the first evidence
 * waits for the last alert: starting a process holds the main thread for 2 to 8 ms (measured).
 */
import type { RunningCollector } from '../collectors/collector.ts';
import type { Alert, Change, Evidence } from '../domain/alert.ts';
import type { Resource } from '../domain/resource.ts';
import { type Ms, seconds } from '../domain/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Pipeline } from './pipeline.ts';

/** Alerts that wait for their evidence; beyond this an alert says where to look instead. */
const waitingMax = 1000;
/** No alert for this long: the burst is over. */
const quietFor: Ms = 100;
/** A burst without end does not keep evidence back for longer. */
const quietWithin = seconds(5);

export interface EvidenceParts {
  readonly pipeline: Pick<Pipeline, 'act'>;
  readonly findResource: (ref: Alert['resource']) => Resource | undefined;
  readonly findCollector: (name: string) => RunningCollector | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

interface Waiting {
  readonly alert: Alert;
  readonly resource: Resource;
  readonly since: Ms;
}

export class EvidenceDesk {
  readonly #parts: EvidenceParts;
  #waiting: Waiting[] = [];
  #lastAt: Ms = 0;
  #working = false;
  #passedOver = 0;

  constructor(parts: EvidenceParts) {
    this.#parts = parts;
  }

  /** Looks which of the changes are alerts that have just fired. */
  take(changes: readonly Change[]): void {
    const since = this.#parts.clock.monotonic();
    for (const { reason, alert } of changes) {
      if (reason !== 'raised') continue;
      const resource = this.#parts.findResource(alert.resource);
      if (resource === undefined) continue;
      if (this.#parts.findCollector(resource.collector)?.evidence === undefined) continue;
      this.#lastAt = since;
      if (this.#waiting.length < waitingMax) this.#waiting.push({ alert, resource, since });
      else this.#passedOver += 1;
    }
    if (!this.#working && this.#waiting.length > 0) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#untilQuiet(next.since + quietWithin);
      const evidence = await this.#gather(next.resource);
      if (evidence.length > 0)
        await this.#parts.pipeline.act(next.alert.id, { type: 'evidence', evidence }, 'tocsin');
    }
    this.#working = false;
    if (this.#passedOver > 0)
      this.#parts.log.warning(
        `${this.#passedOver} alerts fired in one burst and got no log lines: see journalctl -u UNIT`,
      );
    this.#passedOver = 0;
  }

  async #untilQuiet(latest: Ms): Promise<void> {
    const { clock } = this.#parts;
    const left = (): Ms => Math.min(this.#lastAt + quietFor, latest) - clock.monotonic();
    for (let wait = left(); wait > 0; wait = left()) await clock.sleep(wait);
  }

  async #gather(resource: Resource): Promise<readonly Evidence[]> {
    try {
      return (await this.#parts.findCollector(resource.collector)?.evidence?.(resource)) ?? [];
    } catch (error) {
      this.#parts.log.error(`no evidence for ${resource.id}: ${(error as Error).stack}, ignoring`);
      return [];
    }
  }
}
