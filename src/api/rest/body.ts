/** Reads the body of a request, within limits, as JSON. */
import type { IncomingMessage } from 'node:http';
import { type Refusal, refuse } from '../../operations/refusals.ts';

/** Bodies of operations that name no other limit. */
export const bodyBytesDefault = 64 * 1024;
/** Nothing that operations take nests deeper than four; JSON.parse itself would take thousands. */
const jsonDepthMax = 32;

const jsonTypes = /^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;|$)/i;
/** What curl -d says when nobody tells it better. Browsers can say it too: not with a cookie. */
const formType = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

const tooLarge = (bytesMax: number): Refusal =>
  refuse('too-large', `the body may have ${bytesMax} bytes`);

async function readBytes(incoming: IncomingMessage, bytesMax: number): Promise<Buffer> {
  if (Number(incoming.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax);
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop must not close the socket: the refusal is still to be sent.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    length += bytes.length;
    if (length > bytesMax) throw tooLarge(bytesMax);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/**
 * How deep brackets nest, outside of texts. Sign by sign: a regular expression that looks for the
 * end of a text that has none begins anew at each quote: 1.7 s for the 64 KB that anybody may send.
 */
function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const sign = json[at];
    if (sign === '"') isText = !isText;
    else if (isText) at += sign === '\\' ? 1 : 0;
    else if (sign === '[' || sign === '{') depth += 1;
    else if (sign === ']' || sign === '}') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/**
 * What JSON can say and no operation takes: a name that changes what an object is, once somebody
 * copies it the wrong way; a number that becomes infinite; half a surrogate pair, which has no
 * bytes in UTF-8, so that what is stored and told would be another text.
 */
function findTrap(value: unknown): string | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : 'a number in it is too large';
  if (typeof value === 'string')
    return value.isWellFormed() ? undefined : 'a text in it has half a character';
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, '__proto__')) return 'nothing in it may be called __proto__';
  for (const [name, one] of Object.entries(value)) {
    const trap = findTrap(name) ?? findTrap(one);
    if (trap !== undefined) return trap;
  }
  return undefined;
}

function parseJson(bytes: Buffer): unknown {
  const invalid = (why: string): Refusal =>
    refuse('invalid-input', `the body is not valid JSON: ${why}`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid('it is not UTF-8');
  }
  if (depthOf(text) > jsonDepthMax) throw invalid(`it nests deeper than ${jsonDepthMax}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read');
  }
  const trap = findTrap(value);
  if (trap !== undefined) throw invalid(trap);
  return value;
}

/** The body's value; undefined when there is none. */
export async function readBody(incoming: IncomingMessage, bytesMax: number): Promise<unknown> {
  const bytes = await readBytes(incoming, bytesMax);
  if (bytes.length === 0) return undefined;
  const type = incoming.headers['content-type'] ?? '';
  const isForm = formType.test(type) && incoming.headers.cookie === undefined;
  if (type !== '' && !jsonTypes.test(type) && !isForm) {
    throw refuse('unsupported-media-type', `the body is ${type.slice(0, 100)}`);
  }
  return parseJson(bytes);
}
