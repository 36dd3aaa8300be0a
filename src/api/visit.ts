/** One request on its way through the door: what was found out about it before the routes. */
import type { IncomingMessage } from 'node:http';
import type { EpochMs } from '../domain/time.ts';
import type { Caller } from '../operations/house.ts';
import type { Door } from './doors.ts';

export interface Visit {
  readonly door: Door;
  readonly requestId: string;
  readonly caller: Caller;
  /** Name of the operation that answered, for the figures: `alert.list`; set by the route. */
  operation: string;
}

export type VisitOf = (request: IncomingMessage) => Visit;

export interface Visits {
  /** The caller's own request id where it is harmless (nginx: $request_id), else a new one. */
  requestIdOf(request: Pick<IncomingMessage, 'headers'>): string;
  add(request: IncomingMessage, door: Door, caller: Caller, requestId: string): Visit;
  find(request: IncomingMessage): Visit | undefined;
  /** Throws for a request that did not come through the door. */
  readonly of: VisitOf;
}

const requestIdPattern = /^[A-Za-z0-9._-]{1,64}$/;

/** Request ids are unique over restarts: they begin with the daemon's start. */
export function createVisits(startedAt: EpochMs): Visits {
  const visits = new WeakMap<IncomingMessage, Visit>();
  const prefix = Math.floor(startedAt).toString(36);
  let count = 0;
  return {
    requestIdOf({ headers }) {
      const given = headers['x-request-id'];
      if (typeof given === 'string' && requestIdPattern.test(given)) return given;
      count += 1;
      return `${prefix}-${count.toString(36)}`;
    },
    add(request, door, caller, requestId) {
      const visit = { door, caller, requestId, operation: 'other' };
      visits.set(request, visit);
      return visit;
    },
    find: (request) => visits.get(request),
    of(request) {
      const visit = visits.get(request);
      if (visit === undefined) throw new Error('a request came past the door');
      return visit;
    },
  };
}
