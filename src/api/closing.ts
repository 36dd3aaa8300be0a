/**
 * How the doors close while callers never pause, as in an upgrade: nobody is refused, and no answer
 * is broken off.
 *
 * At SIGTERM each answer begins to say `Connection: close`, so that callers who keep connections
 * let go of them themselves. Then no more is accepted: who comes now waits in the socket's backlog,
 * which is systemd's, for the next daemon. Who was accepted right before is still answered.
 * A server that closes at once, as Node's does, resets them: it takes a connection for idle of
 * which nothing has been read yet (measured: 3 to 8 resets in each restart with 7 callers).
 */
import type { Server, ServerResponse } from 'node:http';
import type { Ms } from '../domain/time.ts';
import type { Clock } from '../platform/clock.ts';
import { stopAccepting } from '../platform/stop-accepting.ts';

/** What was accepted last is read and answered by then; a request takes 1 to 5 ms. */
const lastWordsTime: Ms = 50;
/** Answers and streams that have not ended by then are cut. */
const closingTime: Ms = 500;

export interface Closing {
  /** From now on a connection ends with its answer. */
  begin(): void;
  /** Asked for each answer before it is written. */
  mark(response: ServerResponse): void;
  /** Closes the servers; `endStreams` and `cutStreams` are about what has been upgraded. */
  finish(endStreams: () => void, cutStreams: () => void): Promise<void>;
}

export function createClosing(servers: ReadonlySet<Server>, clock: Clock): Closing {
  let isClosing = false;
  return {
    begin() {
      isClosing = true;
    },
    mark(response) {
      if (isClosing) response.shouldKeepAlive = false;
    },
    async finish(endStreams, cutStreams) {
      isClosing = true;
      const closed = Promise.all([...servers].map(stopAccepting));
      endStreams();
      const release = clock.after(lastWordsTime, () => {
        // Node's own end: idle connections, and its timer that looks for slow ones.
        for (const server of servers) server.close();
      });
      const cut = clock.after(closingTime, () => {
        cutStreams();
        for (const server of servers) server.closeAllConnections();
      });
      await closed;
      release.cancel();
      cut.cancel();
    },
  };
}
