/** Data as YAML, for people to read. JSON's texts are YAML's: only nesting is spelled anew. */
import { plainJson } from './text.ts';

const isPlain = (text: string): boolean =>
  /^(?:[A-Za-z][A-Za-z0-9 _./-]*|\d+(?:ms|[smhd]))$/.test(text) &&
  !/^(?:true|false|yes|no|on|off|null|y|n)$|\s$/i.test(text);

const scalar = (value: unknown): string =>
  typeof value === 'string' && isPlain(value) ? value : plainJson(value);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values nest no deeper than this; what does is written as JSON. */
const depthMax = 8;

function entries(value: unknown, depth: number): readonly string[] | undefined {
  if (depth > depthMax) return undefined;
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((one: unknown) => {
      const [first, ...others] = renderYaml(one, depth + 1);
      return [`- ${first}`, ...others.map((line) => `  ${line}`)];
    });
  }
  if (!isRecord(value) || Object.keys(value).length === 0) return undefined;
  return Object.entries(value).flatMap(([name, inner]) => {
    const nested = entries(inner, depth + 1);
    return nested === undefined
      ? [`${scalar(name)}: ${scalar(inner)}`]
      : [`${scalar(name)}:`, ...nested.map((line) => `  ${line}`)];
  });
}

export const renderYaml = (value: unknown, depth = 0): readonly string[] =>
  entries(value, depth) ?? [scalar(value)];
