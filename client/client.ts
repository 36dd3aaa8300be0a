/**
 * A client of tocsin's API. Names, inputs and outputs of all operations are made from its OpenAPI
 * document (generated.ts); here is what sends them and reads the answers.
 */
import { type Operations, places } from './generated.ts';
import { type Input, pathOf, queryOf, readAnswer } from './request.ts';
import { type FollowOptions, followStream, type StreamMessage } from './stream.ts';
import type { Transport } from './transport.ts';

export type OperationName = keyof Operations;
export type InputOf<N extends OperationName> = Operations[N]['input'];
export type OutputOf<N extends OperationName> = Operations[N]['output'];

/** Operations that answer a page of rows. */
export type ListName = {
  [N in OperationName]: OutputOf<N> extends { readonly items: readonly unknown[] } ? N : never;
}[OperationName];
export type RowOf<N extends ListName> =
  OutputOf<N> extends { readonly items: readonly (infer R)[] } ? R : never;

export interface PageOf<N extends ListName> {
  readonly items: readonly RowOf<N>[];
  /** There are others behind it. */
  readonly nextCursor?: string | null;
}

export interface CallOptions {
  /** The same request with the same key is done once, however often it is sent. */
  readonly idempotencyKey?: string;
  /** The ETag of what is meant to be changed; `*` takes whatever is there. */
  readonly ifMatch?: string;
}

export interface Client {
  /** Runs an operation; throws `Refused` where tocsind says no. */
  call<N extends OperationName>(
    name: N,
    input: InputOf<N>,
    options?: CallOptions,
  ): Promise<OutputOf<N>>;
  /** The pages of a list, as they are asked for; `limit` of the input is the size of each. */
  pages<N extends ListName>(name: N, input?: InputOf<N>): AsyncGenerator<PageOf<N>>;
  /** The rows of a list, over all its pages. */
  rows<N extends ListName>(name: N, input?: InputOf<N>): AsyncGenerator<RowOf<N>>;
  /** Messages of the stream, without an end; it comes again when the connection is lost. */
  follow(options?: FollowOptions): AsyncGenerator<StreamMessage>;
}

/** Rows of one page; the most that tocsind gives. */
export const pageRows = 1000;

export function createClient(transport: Transport): Client {
  async function send(name: OperationName, input: Input, options: CallOptions): Promise<unknown> {
    const { path, rest } = pathOf(name, input);
    const [method] = places[name];
    const { idempotencyKey: key, ifMatch } = options;
    const headers = {
      ...(key !== undefined && { 'Idempotency-Key': key }),
      ...(ifMatch !== undefined && { 'If-Match': ifMatch }),
    };
    const isRead = method === 'GET';
    return readAnswer(
      await transport.ask({
        method,
        path: isRead ? `${path}${queryOf(rest)}` : path,
        headers,
        ...(!isRead && { body: rest }),
      }),
    );
  }

  const client: Client = {
    call: async (name, input, options = {}) =>
      (await send(name, { ...input }, options)) as OutputOf<typeof name>,
    async *pages<N extends ListName>(name: N, input?: InputOf<N>) {
      let cursor: string | null | undefined;
      do {
        const asked = { limit: pageRows, ...input, ...(cursor && { cursor }) };
        const page = (await send(name, asked, {})) as PageOf<N>;
        yield page;
        cursor = page.nextCursor;
      } while (typeof cursor === 'string');
    },
    async *rows<N extends ListName>(name: N, input?: InputOf<N>) {
      for await (const { items } of client.pages(name, input)) yield* items;
    },
    follow: (options = {}) => followStream(transport, options),
  };
  return client;
}
