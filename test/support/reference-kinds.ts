/** docs/reference/kinds.md, made from the kinds. */
import { collectors } from '../../src/collectors/registry.ts';
import { selfKinds } from '../../src/collectors/self/kinds.ts';
import type { Attribute, Attributes, Kind } from '../../src/domain/kind.ts';

/** Text in a table: one line, and nothing that Markdown would take for its own. */
export const cell = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').replaceAll(/[*<[\]|]/g, '\\$&');

/** A code span, also of text with backticks in it. */
export const code = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.includes('`') ? `\`\` ${line} \`\`` : `\`${line}\``;
};

/** The name that GitHub gives to a heading, for links to it. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-');

export const linkToKind = (name: string): string => `[\`${name}\`](kinds.md#${anchor(name)})`;

function typeOf({ type, unit, values }: Attribute): string {
  if (values !== undefined) return `${type}: ${values.map((word) => code(word)).join(', ')}`;
  return unit === undefined ? type : `${type}, ${unit}`;
}

function meaningOf({ help, refersTo }: Attribute): string {
  if (refersTo === undefined) return cell(help);
  const link = `a [\`${refersTo.kind}\`](#${anchor(refersTo.kind)})`;
  const edge =
    refersTo.inverse === true ? `this ${refersTo.relation} it` : `it ${refersTo.relation} this`;
  return `${cell(help)} (Names ${link}: ${edge}.)`;
}

const attributeTable = (attributes: Attributes): readonly string[] => [
  '',
  '| attribute | type | what it says | from |',
  '|---|---|---|---|',
  ...Object.entries(attributes).map(
    ([name, attribute]) =>
      `| \`${name}\` | ${typeOf(attribute)} | ${meaningOf(attribute)} | ${cell(attribute.source)} |`,
  ),
];

const eventLines = (kind: Kind): readonly string[] =>
  Object.entries(kind.events).flatMap(([name, { help, attributes }]) => [
    '',
    `Event \`${name}\`: ${help}`,
    ...(Object.keys(attributes).length === 0 ? [] : attributeTable(attributes)),
  ]);

const renderKind = (kind: Kind): readonly string[] => [
  '',
  `### ${kind.name}`,
  '',
  `${kind.title}. Identity: ${cell(kind.identity)}. In rules: \`${kind.variable}\`.`,
  ...attributeTable(kind.attributes),
  ...eventLines(kind),
];

const head = `# Kinds

What tocsin knows of this machine: each kind of thing, how one is identified, its attributes and its events. Made from the
kinds (\`npm run accept\`). Rules name attributes as \`VARIABLE.ATTRIBUTE\` (tocsin-rules(5)); \`GET /api/v1/resources\` and
\`tocsin unit|scst|tape|vtl|storage|task show\` show them; [metrics.md](metrics.md) has the names on \`/metrics\`.

A flag is true or false, a word is text, a gauge is a number that goes up and down, a counter only grows, an instant is a
moment (RFC 3339 in JSON), a duration a length of time. Any attribute can also be \`null\` (known not to apply) or unreadable
(its source refused it; then alerts about it keep their phase).
`;

/** Each kind once, below the first collector that has it. */
export function renderKinds(): string {
  const seen = new Set<string>();
  const groups = [...collectors, { name: 'self', title: 'tocsin itself', kinds: selfKinds }].map(
    ({ name, title, kinds }) => ({
      title: `${title} (collector \`${name}\`)`,
      kinds: kinds.filter((kind) => !seen.has(kind.name) && seen.add(kind.name)),
    }),
  );
  const lines = groups
    .filter(({ kinds }) => kinds.length > 0)
    .flatMap(({ title, kinds }) => ['', `## ${title}`, ...kinds.flatMap(renderKind)]);
  const index = [...seen].map((name) => `[${name}](#${anchor(name)})`).join(' · ');
  return `${head}\n${index}\n${lines.join('\n')}\n`;
}
