/** For tests: things that need each other, and what the search says when they fail. */
import type { Alert, Severity } from '../../domain/alert.ts';
import { defineKind, word } from '../../domain/kind.ts';
import type { Resource } from '../../domain/resource.ts';
import type { EpochMs } from '../../domain/time.ts';
import { blank } from '../engine/alert.ts';
import { Causes } from './causes.ts';
import type { Verdict } from './fault.ts';

export const t0: EpochMs = Date.UTC(2026, 10, 22);

const named = (facts: { readonly strength?: 'certain' | 'order'; readonly inverse?: true }) =>
  word({
    help: 'Names.',
    source: 'test',
    refersTo: { kind: 'test.thing', relation: 'serves', list: true, ...facts },
  });

export const thingKind = defineKind('test.thing', {
  title: 'Thing',
  identity: 'THING',
  attributes: {
    needs: named({}),
    neededBy: named({ inverse: true }),
    after: named({ strength: 'order' }),
    blockedBy: named({ strength: 'certain' }),
  },
});

export const thing = (id: string, attributes: Resource['attributes'] = {}): Resource => ({
  kind: 'test.thing',
  id,
  collector: 'test',
  attributes,
  changedAt: t0,
  readAt: t0,
  staleSince: null,
});

export interface FailureFacts {
  readonly at?: number;
  readonly severity?: Severity;
  /** Its source tells by a look, not the moment. */
  readonly looked?: boolean;
  /** Of the alert; that of the thing where left out. */
  readonly id?: string;
  readonly kind?: string;
}

/** `at`: milliseconds after t0. */
export function failure(resource: string, facts: FailureFacts = {}): Alert {
  const { at = 0, severity = 'critical', looked = false, id = resource, kind } = facts;
  const startsAt = t0 + at;
  const detectedAt = looked ? startsAt : startsAt + 5;
  return {
    ...blank,
    id,
    severity,
    startsAt,
    detectedAt,
    firingAt: detectedAt,
    updatedAt: detectedAt,
    rule: 'failed',
    origin: 'rule',
    fingerprint: '',
    source: 'system',
    phase: 'firing',
    title: `${resource} failed`,
    message: '',
    advice: '',
    resource: { kind: kind ?? 'test.thing', id: resource },
    labels: {},
    foundLate: false,
    value: null,
    occurrence: 1,
  };
}

/** `b c` for each line `a: b c`: what `a` names under the attribute. */
export function things(attribute: string, ...lines: readonly string[]): readonly Resource[] {
  return lines.map((line) => {
    const [id = '', names = ''] = line.split(': ');
    return thing(id, { [attribute]: names });
  });
}

/** All verdicts, once everything is settled. */
export class World {
  readonly causes = new Causes([thingKind]);
  readonly verdicts = new Map<string, Verdict>();

  constructor(resources: readonly Resource[] = []) {
    for (const resource of resources) this.causes.see(resource);
  }

  fail(...alerts: readonly Alert[]): this {
    for (const alert of alerts) {
      this.causes.begin(alert);
      const verdict = this.causes.judge(alert.id);
      if (verdict) this.verdicts.set(alert.id, verdict);
    }
    return this;
  }

  recover(...ids: readonly string[]): this {
    for (const id of ids) {
      this.causes.end(id);
      this.verdicts.delete(id);
    }
    return this;
  }

  settle(): this {
    while (this.causes.isDue) {
      for (const [fault, verdict] of this.causes.settle()) this.verdicts.set(fault.id, verdict);
    }
    return this;
  }

  /** `victim<cause` for each that blames one, and `?alternatives` where there are any. */
  drawn(): string {
    this.settle();
    return [...this.verdicts]
      .map(([id, { cause, alternatives }]) => {
        const others = alternatives.map((one) => one.id).join(',');
        return `${id}${cause ? `<${cause.id}` : ''}${others ? `?${others}` : ''}`;
      })
      .sort()
      .join(' ');
  }
}
