/**
 * What is no HTTP at all: Node's parser gives up, and nobody has read a request. The answer is a
 * problem like any other refusal, and the connection ends: what follows on it cannot be told apart.
 * A body without a length is of this kind, as Node's own client sends it with DELETE.
 */
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { refuse } from '../operations/refusals.ts';
import { refuseSocket } from './problem.ts';
import type { Visits } from './visit.ts';

/** Statuses for which there is no code of ours: as Node would answer. */
const plain: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Answers on this server what cannot be read; call it before the server listens. */
export function refuseMalformed(server: Server, visits: Pick<Visits, 'requestIdOf'>): void {
  /** The latest answer on each connection. */
  const answers = new WeakMap<Socket, ServerResponse>();
  server.on('request', (request, response) => answers.set(request.socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket;
    const answer = answers.get(socket);
    const isInside = answer?.headersSent === true && !answer.writableFinished;
    // In the middle of an answer, or when nobody is there any more, there is nothing to be said.
    if (isInside || !socket.writable) {
      socket.destroy();
      return;
    }
    const line = plain[error.code ?? ''];
    if (line === undefined) {
      const refusal = refuse('invalid-request', 'what was sent is not HTTP, or not whole');
      refuseSocket(socket, refusal, '', visits.requestIdOf({ headers: {} }));
    } else socket.end(`HTTP/1.1 ${line}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
  });
}
