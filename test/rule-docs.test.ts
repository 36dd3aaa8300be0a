/** tocsin-rules(5) names every field and every function. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemFiles } from '../src/platform/files.ts';
import { ruleFields } from '../src/rules/files/compile.ts';
import { methods, plainFunctions, windowFunctions } from '../src/rules/language/functions.ts';
import { expectedFields } from '../src/rules/trial/test-file.ts';

const page = systemFiles.readText(`${import.meta.dirname}/../man/tocsin-rules.5`) ?? '';
const text = page.replaceAll('\\-', '-').replaceAll('\\(dq', '"');

test('the manual page has every field of a rule', () => {
  const missing = ruleFields.filter(
    (name) => !new RegExp(`^\\.BR? .*\\b${name}\\b`, 'm').test(text),
  );
  assert.deepEqual(missing, []);
});

test('the manual page has every function with its usage and its help', () => {
  for (const { usage, help } of [windowFunctions, plainFunctions, methods].flatMap((table) =>
    Object.values(table),
  ))
    assert.ok(text.includes(`.B ${usage}\n${help}\n`), `${usage}: ${help}`);
});

test('the manual page has everything that an expected alert can say', () => {
  for (const name of expectedFields) assert.ok(text.includes(name), name);
});
