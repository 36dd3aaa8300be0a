/**
 * Health of tocsin's parts. Each is a resource of kind tocsin.component too, so that ordinary
 * rules tell when tocsin itself is in trouble.
 */
import { type ComponentRole, component } from '../collectors/self/kinds.ts';
import type { ComponentHealth, Health } from '../domain/health.ts';
import { partial, type Reading, reading } from '../domain/reading.ts';
import type { Clock } from '../platform/clock.ts';

export interface ComponentState {
  readonly status: Health;
  readonly reason: string | null;
  readonly blindSince?: number | null;
}

export interface HealthBoard {
  set(name: string, role: ComponentRole, state: ComponentState): void;
  /** Counts a transition that no signal had announced. */
  countRecovered(name: string): void;
  components(): Readonly<Record<string, ComponentHealth>>;
  /** The worst that concerns the whole: a blind part degrades it, a broken database ends it. */
  overall(): Health;
}

interface Entry extends ComponentHealth {
  readonly role: ComponentRole;
  readonly recovered: number;
}

export function createHealthBoard(
  clock: Clock,
  tell: (collector: 'self', reading: Reading) => void,
): HealthBoard {
  const entries = new Map<string, Entry>();

  function put(name: string, entry: Entry): void {
    entries.set(name, entry);
    const { role, status: health, reason, blindSince, recovered } = entry;
    tell(
      'self',
      partial([reading(component, name, { role, health, reason, blindSince, recovered })]),
    );
  }

  return {
    set(name, role, state) {
      const before = entries.get(name);
      const blindSince = state.blindSince ?? null;
      const same =
        before?.status === state.status &&
        before.reason === state.reason &&
        before.blindSince === blindSince;
      if (same) return;
      const since = before?.status === state.status ? before.since : clock.now();
      const { status, reason } = state;
      put(name, { role, status, reason, blindSince, since, recovered: before?.recovered ?? 0 });
    },
    countRecovered(name) {
      const entry = entries.get(name);
      if (entry !== undefined) put(name, { ...entry, recovered: entry.recovered + 1 });
    },
    components: () =>
      Object.fromEntries(
        [...entries].map(([name, { status, reason, since, blindSince }]) => [
          name,
          { status, reason, since, blindSince },
        ]),
      ),
    overall() {
      const all = [...entries.values()];
      // Without charts everything else is as it should be.
      const ill = all.filter(({ status }) => status === 'unhealthy');
      if (ill.some(({ role }) => role !== 'history')) return 'unhealthy';
      if (all.some(({ status }) => status !== 'healthy')) return 'degraded';
      return all.length === 0 ? 'unknown' : 'healthy';
    },
  };
}
