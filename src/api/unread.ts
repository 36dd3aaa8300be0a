/**
 * Answers that nobody reads. What the kernel does not take of an answer Node keeps for as long as
 * the connection lives, and connections without a next request live for ever: a thousand that ask
 * for the description of the API and read nothing were 300 MB (measured), of the 512 MB that the
 * unit may have. Streams have limits of their own.
 */
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Ms, seconds } from '../domain/time.ts';
import type { Clock } from '../platform/clock.ts';

/** Requests of one connection before their answers are read (pipelining); it is cut beyond. */
const answersMax = 8;
/** A reader that takes nothing for so long is cut; one that reads slowly is not (Node looks). */
const patienceDefault: Ms = seconds(30);
/** All together; beyond, those are cut who are longer behind than a quick reader ever is. */
const bytesMax = 40 * 1024 * 1024;
const busyFor: Ms = seconds(1);
/** Beyond this also the others: a thousand who ask at once are so many bytes within that second. */
const bytesHardMax = 80 * 1024 * 1024;

/** What one connection has not read. */
interface Line {
  readonly answers: Set<ServerResponse>;
  /** Since when there is a whole answer that waits; undefined: none does. */
  fullSince?: Ms | undefined;
}

export interface Unread {
  /** Call it before the server listens. */
  attach(server: Server): void;
  /** To be called for each request; false: its connection was cut, nobody waits for an answer. */
  watch(response: ServerResponse): boolean;
}

function bytesOf({ answers }: Line): number {
  let bytes = 0;
  for (const answer of answers) bytes += answer.writableLength;
  return bytes;
}

export function createUnread(clock: Clock, patience = patienceDefault): Unread {
  const lines = new Map<Socket, Line>();

  function open(socket: Socket): Line {
    const line: Line = { answers: new Set() };
    lines.set(socket, line);
    socket.once('close', () => lines.delete(socket));
    return line;
  }

  /** Nothing came and nothing went for a while. Who waits for an answer is left alone. */
  function endIdle(socket: Socket): void {
    const line = lines.get(socket);
    const isWaiting = line !== undefined && line.answers.size > 0 && line.fullSince === undefined;
    if (!isWaiting) socket.destroy();
  }

  let isLooking = false;

  function cutSlowest(): void {
    const full = [...lines].filter(([, line]) => line.fullSince !== undefined);
    let bytes = full.reduce((sum, [, line]) => sum + bytesOf(line), 0);
    const latest = clock.monotonic() - busyFor;
    for (const [socket, line] of full) {
      if (bytes <= bytesMax) return;
      const isBusy = (line.fullSince ?? latest + 1) > latest;
      if (isBusy && bytes <= bytesHardMax) continue;
      bytes -= bytesOf(line);
      lines.delete(socket);
      socket.destroy();
    }
    // Perhaps no other answer comes that would look again.
    if (bytes > bytesMax && !isLooking) {
      isLooking = true;
      clock.after(busyFor, () => {
        isLooking = false;
        cutSlowest();
      });
    }
  }

  return {
    attach(server) {
      server.timeout = patience;
      server.on('timeout', endIdle);
    },
    watch(response) {
      const { socket } = response.req;
      const line = lines.get(socket) ?? open(socket);
      if (line.answers.size >= answersMax) {
        socket.destroy();
        return false;
      }
      line.answers.add(response);
      // The answer is whole, and Node has given the kernel what it took at once.
      response.once('prefinish', () => {
        if (response.writableLength === 0 || line.fullSince !== undefined) return;
        line.fullSince = clock.monotonic();
        cutSlowest();
      });
      response.once('finish', () => {
        line.answers.delete(response);
        if (bytesOf(line) === 0) line.fullSince = undefined;
      });
      return true;
    },
  };
}
