/** A stream client on server-sent events. */
import type { ServerResponse } from 'node:http';
import type { Line } from './follower.ts';

/** After a loss the browser waits this long, in milliseconds, before it comes again. */
const retry = 3000;

export const sseHeaders = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  // nginx would hold the events back.
  'X-Accel-Buffering': 'no',
};

/** `heard`: the client cannot answer, so a ping that the kernel took is its sign of life. */
export function sseLine(response: ServerResponse, heard: () => void): Line {
  response.write(`retry: ${retry}\n\n`);
  return {
    send: (message) => response.write(message.sse()),
    // Node's own HTTP does so by itself.
    together: (send) => send(),
    ping: () => {
      response.write(': ping\n\n', (error) => {
        if (!error) heard();
      });
    },
    isFull: () => response.writableNeedDrain,
    bytesWaiting: () => response.writableLength,
    close: () => response.end(),
    terminate: () => response.destroy(),
  };
}
