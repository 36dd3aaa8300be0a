/**
 * The contract that a living tocsin itself serves, by its socket: fetched once, and again when an
 * answer does not fit, because another version may have come to live there.
 */
import { Contract } from './contract.ts';

/** The text of a document of a daemon; undefined where it serves none. */
export type FetchDocument = (path: string) => Promise<string | undefined>;

interface Known {
  readonly texts: string;
  readonly contract: Contract;
}

/** By socket. */
const known = new Map<string, Known>();
/** Benchmarks measure what tocsin does, and not what we do with it. */
const isTest = process.env.NODE_TEST_CONTEXT !== undefined;

async function learn(socket: string, fetch: FetchDocument): Promise<Known | undefined> {
  const texts = await Promise.all(
    ['/api/v1/openapi.json', '/api/v1/asyncapi.json'].map((path) => fetch(path)),
  );
  const [openApi, asyncApi] = texts;
  // A version from before there were such documents; or it is gone already.
  if (openApi === undefined || asyncApi === undefined) return undefined;
  const before = [...known.values()].find((one) => one.texts === texts.join('\n'));
  const found = before ?? {
    texts: texts.join('\n'),
    contract: new Contract(JSON.parse(openApi), JSON.parse(asyncApi)),
  };
  known.set(socket, found);
  return found;
}

/** The contract of the daemon at this socket, before anything is asked of it. */
export async function contractAt(
  socket: string,
  fetch: FetchDocument,
): Promise<Contract | undefined> {
  if (!isTest) return undefined;
  return (known.get(socket) ?? (await learn(socket, fetch)))?.contract;
}

/** Runs the check with the contract of this socket; throws what it throws. */
export async function holdContract(
  socket: string,
  fetch: FetchDocument,
  check: (contract: Contract) => void,
): Promise<void> {
  if (!isTest) return;
  const before = known.get(socket);
  const first = before ?? (await learn(socket, fetch));
  if (first === undefined) return;
  try {
    check(first.contract);
  } catch (error) {
    const now = before === undefined ? undefined : await learn(socket, fetch);
    if (now === undefined || now === before) throw error;
    check(now.contract);
  }
}
