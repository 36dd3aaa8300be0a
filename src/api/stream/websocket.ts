/** A stream client on a WebSocket. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Ending, Line } from './follower.ts';

/** `binary: false`: the bytes are UTF-8 text. Never compressed: 40 times the processor time. */
const asText = { binary: false, compress: false } as const;
/** RFC 6455: 1001 going away. Numbers from 4000 on are free; 4401 is as 401 of HTTP. */
const endings: Readonly<Record<Ending, readonly [code: number, why: string]>> = {
  stopping: [1001, 'tocsin is stopping'],
  unreadable: [1001, 'the past cannot be read'],
  unauthorized: [4401, 'the token or session is no longer valid'],
};

export function webSocketLine(webSocket: WebSocket, socket: Duplex): Line {
  return {
    send: (message) => webSocket.send(message.bytes, asText),
    together(send) {
      socket.cork();
      send();
      socket.uncork();
    },
    ping: () => webSocket.ping(),
    isFull: () => socket.writableNeedDrain,
    bytesWaiting: () => socket.writableLength,
    close: (why) => webSocket.close(...endings[why]),
    terminate: () => webSocket.terminate(),
  };
}
