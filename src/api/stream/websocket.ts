/** A stream client on a WebSocket. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Line } from './follower.ts';

/** `binary: false`: the bytes are UTF-8 text. Never compressed: 40 times the processor time. */
const asText = { binary: false, compress: false } as const;
const goingAway = 1001;

export function webSocketLine(webSocket: WebSocket, socket: Duplex): Line {
  return {
    send: (message) => webSocket.send(message.bytes, asText),
    ping: () => webSocket.ping(),
    isFull: () => socket.writableNeedDrain,
    bytesWaiting: () => socket.writableLength,
    close: () => webSocket.close(goingAway, 'tocsin is stopping'),
    terminate: () => webSocket.terminate(),
  };
}
