/** The generated half of client/ is the one of this source. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { renderClient } from '../tools/client.ts';

const folder = resolve(import.meta.dirname, '../client');
const path = `${folder}/generated.ts`;

test('client/generated.ts has what the OpenAPI document says', () => {
  const expected = renderClient();
  if (process.env.ACCEPT === '1') writeFileSync(path, expected);
  assert.equal(readFileSync(path, 'utf8'), expected, 'npm run accept writes it anew');
});

test('the client has the version of tocsin', () => {
  const versionIn = (file: string): unknown =>
    (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
  assert.equal(versionIn(`${folder}/package.json`), versionIn(`${folder}/../package.json`));
});
