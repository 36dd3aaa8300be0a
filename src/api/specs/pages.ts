/** The paths of the API that are no operations: probes, figures for Prometheus, documents. */
import { identified } from './describe.ts';
import type { Json } from './json.ts';
import { refTo } from './named.ts';
import { anywhere, type ProblemResponses, requestIdHeader } from './problems.ts';

const text = (description: string): Json => ({
  description,
  content: { 'text/plain': { schema: { type: 'string' } } },
});
const json = (description: string, schema: Json): Json => ({
  description,
  content: { 'application/json': { schema } },
});

/** Nobody has to say who they are. */
const open = { security: [{}, ...identified] };

interface Page {
  readonly name: string;
  readonly tag: string;
  readonly summary: string;
  readonly parameters?: readonly Json[];
  readonly responses: Json;
  readonly codes?: Parameters<ProblemResponses['refer']>[0];
  readonly isClosed?: true;
}

const document = json('The document.', { type: 'object', additionalProperties: true });
const code: Json = {
  name: 'code',
  in: 'path',
  required: true,
  description: '`code` of a problem document',
  schema: { type: 'string', maxLength: 64 },
};
const verbose: Json = {
  name: 'verbose',
  in: 'query',
  required: false,
  allowEmptyValue: true,
  description: 'a line for each component',
  schema: { type: 'string' },
};

const problemList: Json = {
  type: 'object',
  required: ['items', 'nextCursor'],
  properties: {
    items: { type: 'array', items: refTo('ProblemKind') },
    nextCursor: { type: 'null' },
  },
};

const pages: Readonly<Record<string, Page>> = {
  '/metrics': {
    name: 'metrics.scrape',
    tag: 'metrics',
    summary: 'Everything in numbers, as Prometheus reads it; its text format or OpenMetrics.',
    isClosed: true,
    codes: ['not-permitted'],
    responses: {
      200: {
        description: 'All figures.',
        headers: requestIdHeader,
        content: {
          'text/plain': { schema: { type: 'string' } },
          'application/openmetrics-text': { schema: { type: 'string' } },
        },
      },
    },
  },
  '/livez': {
    name: 'health.live',
    tag: 'health',
    summary: 'Whether it makes progress.',
    responses: { 200: text('ok'), 503: text('No progress: to be started again.') },
  },
  '/readyz': {
    name: 'health.ready',
    tag: 'health',
    summary: 'Whether all was looked at once.',
    parameters: [verbose],
    responses: { 200: text('ok'), 503: text('Not ready.') },
  },
  '/problems': {
    name: 'problem.list',
    tag: 'problem',
    summary: 'All codes of problem documents, explained.',
    responses: { 200: json('All codes.', problemList) },
  },
  '/problems/{code}': {
    name: 'problem.get',
    tag: 'problem',
    summary: 'What a code means and what to do: where `type` of a problem document points.',
    parameters: [code],
    codes: ['problem-unknown'],
    responses: { 200: json('The explanation.', refTo('ProblemKind')) },
  },
  '/api/v1/openapi.json': {
    name: 'specification.openapi',
    tag: 'specification',
    summary: 'This document: OpenAPI 3.1.',
    responses: { 200: document },
  },
  '/api/v1/asyncapi.json': {
    name: 'specification.asyncapi',
    tag: 'specification',
    summary: 'The stream: AsyncAPI 3.0.',
    responses: { 200: document },
  },
};

export const describePages = (problems: ProblemResponses): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries(pages).map(([path, page]) => {
      const { name, tag, summary, parameters = [], codes = [], isClosed, responses } = page;
      const get = {
        operationId: name,
        summary,
        description: summary,
        tags: [tag],
        ...(!isClosed && open),
        parameters,
        responses: problems.join(responses, [...anywhere, ...codes]),
      };
      return [path, { get }];
    }),
  );
