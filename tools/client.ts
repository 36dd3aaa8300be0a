/**
 * Writes client/generated.ts: the types of all that tocsin answers, and where its operations are,
 * from the OpenAPI document. `npm run accept` calls it; test/client.test.ts fails when it is stale.
 *
 * Our own: what generators there are need TypeScript's compiler interface, which version 7 has not.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { renderOpenApi } from '../src/api/specs/openapi.ts';
import { operations } from '../src/operations/registry.ts';

const top = resolve(import.meta.dirname, '..');

type Json = Readonly<Record<string, unknown>>;

/** Lists of a fixed, small length are tuples. */
const tupleMax = 8;

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const union = (types: readonly string[]): string => [...new Set(types)].join(' | ');
const bracketed = (type: string): string =>
  type.includes(' | ') || type.startsWith('readonly ') ? `(${type})` : type;

/** Words in lines of this length at most. */
const commentColumnsMax = 90;

function comment(text: unknown): string {
  if (typeof text !== 'string' || text === '') return '';
  const lines: string[] = [];
  for (const word of text.replaceAll('*/', '* /').split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= commentColumnsMax) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.length === 1 ? `/** ${lines[0]} */\n` : `/**\n * ${lines.join('\n * ')}\n */\n`;
}

const plain: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
};

function typeOfArray({ items, minItems, maxItems }: Json): string {
  const item = typeOf(items);
  if (minItems !== undefined && minItems === maxItems && Number(minItems) <= tupleMax)
    return `readonly [${Array.from({ length: Number(minItems) }, () => item).join(', ')}]`;
  return `readonly ${bracketed(item)}[]`;
}

/** `isInput`: what may be left out may be undefined too. */
function typeOfObject(schema: Json, isInput: boolean): string {
  const { properties, patternProperties, additionalProperties } = schema;
  const required = listOf(schema.required);
  const fields = Object.entries(isRecord(properties) ? properties : {}).map(([name, one]) => {
    const optional = required.includes(name) ? '' : '?';
    const type = typeOf(one, isInput) + (isInput && optional !== '' ? ' | undefined' : '');
    const about = isRecord(one) ? comment(one.description) : '';
    return `${about}readonly ${name}${optional}: ${type};`;
  });
  const [others] = Object.values(isRecord(patternProperties) ? patternProperties : {});
  if (others !== undefined && fields.length === 0)
    return `Readonly<Record<string, ${typeOf(others, isInput)}>>`;
  if (additionalProperties === true) fields.push('readonly [field: string]: unknown;');
  return fields.length === 0 ? 'Readonly<Record<string, never>>' : `{\n${fields.join('\n')}\n}`;
}

function typeOf(schema: unknown, isInput = false): string {
  if (!isRecord(schema)) return 'unknown';
  if (typeof schema.$ref === 'string') return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return union(schema.enum.map((one) => JSON.stringify(one)));
  if (Array.isArray(schema.anyOf))
    return union(schema.anyOf.map((one) => bracketed(typeOf(one, isInput))));
  if (schema.type === 'array') return typeOfArray(schema);
  if (schema.type === 'object') return typeOfObject(schema, isInput);
  return plain[String(schema.type)] ?? 'unknown';
}

const declaration = (name: string, schema: unknown): string => {
  const type = typeOf(schema);
  const about = isRecord(schema) ? comment(schema.description) : '';
  return type.startsWith('{')
    ? `${about}export interface ${name} ${type}`
    : `${about}export type ${name} = ${type};`;
};

interface Described {
  readonly operationId: string;
  readonly description: string;
  readonly parameters: readonly Json[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Json>> };
  readonly responses: Readonly<Record<string, Json>>;
}

interface Row extends Described {
  readonly method: string;
  readonly path: string;
}

/** What it answers when it is done: JSON, or the messages of the stream. */
function outputOf({ responses }: Described): Json | undefined {
  const contents = Object.values(responses).flatMap(({ content }) =>
    isRecord(content) ? [content['application/json'] ?? content['text/event-stream']] : [],
  );
  const [found] = contents.filter(isRecord);
  return isRecord(found?.schema) ? found.schema : undefined;
}

/** Path, query and body as one object, as the operation itself takes them. */
function inputOf({ parameters, requestBody }: Described): Json {
  const named = parameters.filter((one) => one.in === 'path' || one.in === 'query');
  const body = requestBody?.content['application/json']?.schema;
  const { properties = {}, required = [], additionalProperties } = isRecord(body) ? body : {};
  const schemas = named.map(({ name, schema, description }) => [
    name,
    { ...(schema as Json), description },
  ]);
  return {
    type: 'object',
    properties: { ...Object.fromEntries(schemas), ...(properties as Json) },
    required: [
      ...named.filter((one) => one.required === true).map(({ name }) => name),
      ...listOf(required),
    ],
    ...(additionalProperties === true && { additionalProperties }),
  };
}

function rowsOf(document: Json): readonly Row[] {
  return Object.entries(document.paths as Readonly<Record<string, Json>>).flatMap(([path, item]) =>
    Object.entries(item)
      .map(([method, one]) => ({ ...(one as Described), method: method.toUpperCase(), path }))
      .filter((row) => outputOf(row) !== undefined),
  );
}

const head = `/**
 * Made by tools/client.ts from the OpenAPI document: not to be changed by hand. \`npm run accept\`
 * makes it anew.
 */
`;

/** The whole file, formatted. */
export function renderClient(): string {
  const document = renderOpenApi(operations, '');
  const { schemas } = document.components as { readonly schemas: Json };
  const rows = rowsOf(document);
  const types = Object.entries(schemas).map(([name, schema]) => declaration(name, schema));
  const members = rows.map((row) => {
    const [about] = row.description.split('\n');
    const output = typeOf(outputOf(row));
    const input = typeOf(inputOf(row), true);
    return `${comment(about)}readonly '${row.operationId}': {\nreadonly input: ${input};\nreadonly output: ${output};\n};`;
  });
  const places = rows.map(
    ({ operationId, method, path }) => `'${operationId}': ['${method}', '${path}'],`,
  );
  const text = [
    head,
    ...types,
    '/** What each operation takes (path, query and body in one) and what it answers. */',
    `export interface Operations {\n${members.join('\n')}\n}`,
    '/** Where each operation is. */',
    `export const places = {\n${places.join('\n')}\n} as const;`,
  ].join('\n');
  return format(text);
}

function format(text: string): string {
  const argv = ['format', '--stdin-file-path=client/generated.ts'];
  const { status, stdout, stderr } = spawnSync(`${top}/node_modules/.bin/biome`, argv, {
    cwd: top,
    input: text,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`biome: ${stderr}`);
  return stdout;
}
