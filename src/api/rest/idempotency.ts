/**
 * Idempotency keys: a caller that lost the answer asks again with the same key, and gets the first
 * answer instead of a second deed. Keys belong to their caller and are kept for a day.
 * draft-ietf-httpapi-idempotency-key-header-07.
 */
import { createHash } from 'node:crypto';
import type { House } from '../../operations/house.ts';
import { refuse } from '../../operations/refusals.ts';
import type { Reply } from '../../store/tables/replies.ts';

const keyPattern = /^"?([\x21\x23-\x5b\x5d-\x7e]{1,255})"?$/;

/** A longer answer is not kept: asking again does it again. */
const bodyLengthMax = 256 * 1024;
/** What of an answer is worth repeating. */
const keptHeaders = ['content-type', 'location', 'etag'];

/** The key; undefined without the header. Refuses one that is none. */
export function readKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = typeof header === 'string' ? keyPattern.exec(header.trim())?.[1] : undefined;
  if (key !== undefined) return key;
  throw refuse('invalid-request', 'Idempotency-Key must be 1 to 255 printable characters of ASCII');
}

export const digestOfRequest = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

const repeat = ({ status, headers, body }: Reply, requestId: string): Response =>
  new Response(body, {
    status,
    headers: { ...headers, 'Idempotency-Replayed': 'true', 'X-Request-Id': requestId },
  });

export interface KeyedRequest {
  readonly caller: string;
  readonly key: string;
  readonly digest: string;
  readonly requestId: string;
}

/** Runs requests that have a key. */
export class Replies {
  readonly #house: House;
  /** Requests that are still running, by caller and key. */
  readonly #running = new Set<string>();

  constructor(house: House) {
    this.#house = house;
  }

  /** Throws the refusal where the key was used for something else or is still at work. */
  async answer(request: KeyedRequest, run: () => Promise<Response>): Promise<Response> {
    const { caller, key, digest, requestId } = request;
    const name = `${caller} ${key}`;
    if (this.#running.has(name))
      throw refuse('conflict', 'the first request with this Idempotency-Key is still at work');
    this.#running.add(name);
    try {
      const known = await this.#house.replies.find(caller, key);
      if (known !== undefined && known.digest !== digest)
        throw refuse('key-reused', `the key ${key} was used for another request`);
      if (known !== undefined) return repeat(known, requestId);
      return await this.#keep(request, await run());
    } finally {
      this.#running.delete(name);
    }
  }

  /** What failed on our side may be tried again with the same key. */
  async #keep({ caller, key, digest }: KeyedRequest, response: Response): Promise<Response> {
    const body = await response.text();
    const { status } = response;
    const headers = Object.fromEntries(response.headers);
    if (status < 500 && body.length <= bodyLengthMax) {
      const kept = Object.entries(headers).filter(([name]) => keptHeaders.includes(name));
      const at = this.#house.now();
      const reply = { caller, key, at, digest, status, headers: Object.fromEntries(kept), body };
      await this.#house.replies.keep(reply);
    }
    return new Response(body, { status, headers });
  }
}
