/**
 * The OpenAPI document is valid, and clean under redocly. spectral and AsyncAPI's parser, which take
 * seconds, have their say in test/appliance/specification.test.ts; what the documents promise is held
 * against every answer of the tests (test/support/contract.ts).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { renderOpenApi } from '../src/api/specs/openapi.ts';
import { operations } from '../src/operations/registry.ts';

const openApi = JSON.stringify(renderOpenApi(operations, '0.1.0'));

async function lintWithRedocly(source: string): Promise<readonly string[]> {
  const config = await createConfig({ extends: ['recommended-strict'] });
  const found = await lintFromString({ source, absoluteRef: '/openapi.json', config });
  return found.map(
    ({ ruleId, location, message }) => `${ruleId} ${location[0]?.pointer ?? ''}: ${message}`,
  );
}

test('redocly finds nothing to complain of in the OpenAPI document', async () => {
  assert.deepEqual(await lintWithRedocly(openApi), []);
});

test('the linter is awake: what is wrong with a document is found', async () => {
  const small = { openapi: '3.1.0', info: { title: 't', version: '1' }, paths: { '/a/{b}': {} } };
  assert.notDeepEqual(await lintWithRedocly(JSON.stringify(small)), []);
});

test('every group of operations says what it is about', () => {
  const { tags } = JSON.parse(openApi) as { tags: { name: string; description: string }[] };
  assert.deepEqual(
    tags.filter(({ name, description }) => name === description).map(({ name }) => name),
    [],
  );
});
