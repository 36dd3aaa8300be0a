/**
 * The contract: holds what a living tocsin answers against the documents that it serves. A status, a
 * media type, a header, a field or a code that openapi.json and asyncapi.json do not name is a
 * failure. Judged by ajv, a validator that is not ours.
 *
 * The documents leave objects open, because later versions may add fields (openapi.ts). Here each
 * object is closed: whoever adds a field says so in its schema.
 */
import assert from 'node:assert/strict';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

type Json = Readonly<Record<string, unknown>>;

/** One answer, as it came over the wire. */
export interface Answered {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** An operation of the document with the address of its path. */
interface Row {
  readonly operationId: string;
  readonly method: string;
  readonly template: string;
  readonly pattern: RegExp;
  readonly responses: Json;
}

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const schemasAt = '#/components/schemas/';

/**
 * The same document, in which an object has no fields but those that its schema names. References to
 * schemas lead to where the validator has them.
 */
function closed(value: unknown, id: string): unknown {
  if (Array.isArray(value)) return value.map((one) => closed(one, id));
  if (!isRecord(value)) return value;
  const inside = Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === '$ref' && typeof one === 'string' && one.startsWith(schemasAt)
        ? `${id}#/$defs/${one.slice(schemasAt.length)}`
        : closed(one, id),
    ]),
  );
  const isOpen = value.type === 'object' && isRecord(value.properties);
  return isOpen && value.additionalProperties === undefined
    ? { ...inside, additionalProperties: false }
    : inside;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');

/** What stands at a place of a document. */
const at = (document: unknown, ...place: readonly string[]): unknown =>
  place.reduce<unknown>((found, part) => (isRecord(found) ? found[part] : undefined), document);

/** A last parameter takes the rest: ids of resources have slashes. */
const patternOf = (template: string): RegExp =>
  new RegExp(
    `^${escaped(template)
      .replaceAll(/\{\w+\}$/g, '.+')
      .replaceAll(/\{\w+\}/g, '[^/]+')}$`,
  );

function rowsOf(document: Json): readonly Row[] {
  const paths = Object.entries((document.paths ?? {}) as Readonly<Record<string, Json>>);
  const rows = paths.flatMap(([template, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      operationId: String((operation as Json).operationId),
      method: method.toUpperCase(),
      template,
      pattern: patternOf(template),
      responses: (operation as Json).responses as Json,
    })),
  );
  // What is said by name comes before what a parameter takes; the longer before the shorter.
  const rank = ({ template }: Row): number => template.split('{').length * 1000 - template.length;
  return rows.sort((a, b) => rank(a) - rank(b));
}

/** The browser's page, and Alertmanager's API, which its own document describes. */
const isElsewhere = (path: string): boolean =>
  /^\/(am(\/.*)?|page\.\w+)?$/.test(path) || path.startsWith('/ui/');

/** Refusals that are no operation's own: there is no such path, or not this method. */
const pathless: Readonly<Record<number, readonly string[]>> = {
  400: ['invalid-request'],
  401: ['unauthenticated'],
  403: ['origin-refused'],
  404: ['not-found'],
  405: ['method-not-allowed'],
  414: ['uri-too-long'],
  429: ['too-many-requests'],
};

/** Made for compiling fast: most of these schemas judge one answer or two. */
const options = {
  strict: true,
  strictTypes: false,
  strictRequired: false,
  // The linters have looked at them.
  validateSchema: false,
  inlineRefs: false,
  code: { optimize: false },
} as const;

export class Contract {
  /** What was seen: `alert.get 200`, `alert.get 404 alert-unknown`. */
  readonly seen = new Set<string>();
  /** What the document promises, in the same words; of a success without its body. */
  readonly promised: readonly string[];
  readonly #ajv = new Ajv2020(options);
  readonly #rows: readonly Row[];
  readonly #openApi: unknown;
  readonly #asyncApi: unknown;
  /** By the schema itself, which is one object of the document. */
  readonly #compiled = new Map<unknown, ValidateFunction>();

  constructor(openApi: Json, asyncApi: Json) {
    addFormats.default(this.#ajv);
    this.#ajv.addVocabulary(['x-commas', 'x-expects']);
    this.#openApi = closed(openApi, 'openapi:');
    this.#asyncApi = closed(asyncApi, 'asyncapi:');
    this.#addSchemas('openapi:', this.#openApi);
    this.#addSchemas('asyncapi:', this.#asyncApi);
    this.#rows = rowsOf(this.#openApi as Json);
    this.promised = this.#rows.flatMap((row) => this.#promisesOf(row));
  }

  /** Throws where the answer is not as the document says. */
  check(answered: Answered): void {
    const { method, status } = answered;
    const [path = ''] = answered.path.split('?');
    if (method === 'HEAD' || method === 'OPTIONS' || isElsewhere(path)) return;
    const row = this.#rows.find((one) => one.method === method && one.pattern.test(path));
    if (row === undefined) {
      this.#checkPathless(answered);
      return;
    }
    const what = `${method} ${path} (${row.operationId}) answers ${status}`;
    const response = this.#resolve(row.responses[String(status)]);
    assert.ok(
      response,
      `${what}, which the document does not name: ${answered.body.slice(0, 500)}`,
    );
    this.#checkBody(what, response, answered);
    this.#checkHeaders(what, response, answered);
    this.seen.add([row.operationId, status, ...codeOf(answered)].join(' '));
  }

  /** Throws where the message of the stream is not as the document says. */
  checkMessage(text: string): void {
    const message = JSON.parse(text) as { readonly type?: unknown; readonly data?: unknown };
    const event = isRecord(message.data) ? message.data.event : undefined;
    const isOwn = message.type === 'system' && (event === 'hello' || event === 'resync');
    const name = String(isOwn ? event : message.type);
    const payload = at(this.#asyncApi, 'components', 'messages', name, 'payload');
    this.#validate(`the message ${name}`, payload, message);
    this.seen.add(`stream.follow ${name}`);
  }

  #addSchemas(id: string, document: unknown): void {
    this.#ajv.addSchema({ $id: id, $defs: at(document, 'components', 'schemas') });
  }

  #promisesOf({ operationId, responses }: Row): readonly string[] {
    return Object.entries(responses).flatMap(([status, one]) => {
      const content = this.#resolve(one)?.content ?? {};
      const codes = at(content, 'application/problem+json', 'schema', 'properties', 'code', 'enum');
      const refused = Array.isArray(codes) ? codes : [];
      const isOnlyRefusal = refused.length > 0 && Object.keys(content).length === 1;
      return [
        ...(isOnlyRefusal ? [] : [`${operationId} ${status}`]),
        ...refused.map((code) => `${operationId} ${status} ${code}`),
      ];
    });
  }

  #resolve(value: unknown): Json | undefined {
    if (!isRecord(value)) return undefined;
    if (typeof value.$ref !== 'string') return value;
    return at(this.#openApi, ...value.$ref.slice(2).split('/')) as Json | undefined;
  }

  #checkBody(what: string, { content }: Json, answered: Answered): void {
    const { body, headers } = answered;
    if (content === undefined) {
      assert.equal(body, '', `${what} with a body`);
      return;
    }
    const type = String(headers['content-type'] ?? '').replace(/;.*$/, '');
    assert.ok(isRecord(content) && Object.hasOwn(content, type), `${what} as ${type || 'nothing'}`);
    if (!type.endsWith('json')) return;
    this.#validate(what, at(content, type, 'schema'), JSON.parse(body));
  }

  #checkHeaders(what: string, { headers = {} }: Json, answered: Answered): void {
    for (const [name, reference] of Object.entries(headers as Json)) {
      const found = answered.headers[name.toLowerCase()];
      const header = this.#resolve(reference);
      const isMissing = found === undefined && header?.required === true;
      assert.ok(!isMissing, `${what} without the header ${name}`);
      if (found === undefined) continue;
      this.#validate(`${what}, header ${name}`, header?.schema, found);
    }
  }

  #checkPathless({ method, path, status, body }: Answered): void {
    const what = `${method} ${path} answers ${status}`;
    const codes = pathless[status];
    assert.ok(codes, `${what}, and the document knows no such path: ${body.slice(0, 500)}`);
    const problem: unknown = JSON.parse(body);
    this.#validate(what, at(this.#openApi, 'components', 'schemas', 'Problem'), problem);
    assert.ok(isRecord(problem) && codes.includes(String(problem.code)), `${what}: ${body}`);
  }

  #validate(what: string, schema: unknown, value: unknown): void {
    assert.ok(isRecord(schema), `${what}: no schema says what it is`);
    const validate = this.#compiled.get(schema) ?? this.#ajv.compile(schema);
    this.#compiled.set(schema, validate);
    if (validate(value)) return;
    const errors = (validate.errors ?? []).map(
      ({ instancePath, message = '', params }) =>
        `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
    );
    const shown = JSON.stringify(value).slice(0, 2000);
    assert.fail(`${what}, not as it is described:\n${errors.slice(0, 10).join('\n')}\n${shown}`);
  }
}

/** The code of a problem document. */
function codeOf({ headers, body }: Answered): readonly string[] {
  if (headers['content-type'] !== 'application/problem+json') return [];
  return [String((JSON.parse(body) as Json).code)];
}
