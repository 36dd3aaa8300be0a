/** docs/reference/rules.md, made from the shipped rules. */
import { collectors } from '../../src/collectors/registry.ts';
import type { RuleSummary } from '../../src/domain/rule.ts';
import type { RuleFile } from '../../src/rules/files/files.ts';
import { cell, code, linkToKind } from './reference-kinds.ts';
import { type Shipped, shippedName } from './shipped-rules.ts';

type Fields = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === 'string' ? value : String(value));
const has = (fields: Fields, name: string): boolean => fields[name] !== undefined;

/** The comment right above the rule: where its thresholds come from. */
function originOf({ line }: RuleSummary, file: RuleFile): string {
  const lines = (file.text ?? '').split('\n').slice(0, line - 1);
  const from = lines.findLastIndex((one) => !/^ *#/.test(one)) + 1;
  return lines
    .slice(from)
    .map((one) => one.replace(/^ *# ?/, ''))
    .join(' ');
}

function conditionLines(fields: Fields, name: string): readonly string[] {
  const when = has(fields, 'when') ? [`when ${code(text(fields.when))}`] : [];
  const held = has(fields, 'for') ? [`for ${text(fields.for)}`] : [];
  const clear = has(fields, 'clear') ? [`ends when ${code(text(fields.clear))}`] : [];
  const parts = [...when, ...held, ...clear];
  return parts.length === 0 ? [] : [`- ${name}${parts.join(', ')}`];
}

/** How an alert ends that does not end when its condition is false. */
const endings: Readonly<Record<string, string>> = {
  operator: 'ends only by hand ("tocsin alert resolve")',
  success: 'ends only with a success, never by age',
};

function whenLines(definition: Fields): readonly string[] {
  const { on, levels, latch, keepFiringFor } = definition;
  const event = on === undefined ? [] : [`- on the event \`${text(on)}\``];
  const own = conditionLines(definition, '');
  const each = Object.entries((levels ?? {}) as Readonly<Record<string, Fields>>);
  const graded = each.flatMap(([severity, level]) => conditionLines(level, `**${severity}** `));
  const kept = keepFiringFor === undefined ? [] : [`goes on for ${text(keepFiringFor)} after that`];
  const latched = latch === undefined ? [] : [endings[text(latch)] ?? text(latch)];
  const end = [...kept, ...latched];
  return [...event, ...graded, ...own, ...(end.length === 0 ? [] : [`- ${end.join('; ')}`])];
}

function muterOf(entry: unknown): string {
  if (typeof entry === 'string') return `[\`${entry}\`](#${entry})`;
  const { rule, resource } = entry as { readonly rule: string; readonly resource?: string };
  const link = `[\`${rule}\`](#${rule})`;
  return resource === undefined ? link : `${link} of ${code(resource)}`;
}

function mutedLines({ inhibitedBy }: Fields): readonly string[] {
  if (!Array.isArray(inhibitedBy) || inhibitedBy.length === 0) return [];
  return [`- muted by ${inhibitedBy.map(muterOf).join(', ')}`];
}

function renderRule(rule: RuleSummary, file: RuleFile): readonly string[] {
  const { id, kind, source, severities, enabled, definition } = rule;
  const origin = originOf(rule, file);
  return [
    '',
    `### ${id}`,
    '',
    `**${cell(text(definition.title))}**`,
    ...(definition.message === undefined ? [] : ['', cell(text(definition.message))]),
    ...(definition.advice === undefined
      ? []
      : ['', `*What to do:* ${cell(text(definition.advice))}`]),
    '',
    `- ${severities.join(', ')}; about a ${linkToKind(kind)}; source ${source}${enabled ? '' : '; switched off'}`,
    ...whenLines(definition),
    ...mutedLines(definition),
    ...(origin === '' ? [] : [`- why so: ${cell(origin)}`]),
  ];
}

const head = `# Rules

What tocsin tells: every rule that ships, with what it says, what to do first, and where its thresholds come from. Made from the
rule files (\`npm run accept\`). [kinds.md](kinds.md) has the attributes; tocsin-rules(5) says how to change a rule or add your own;
[catalogue.md](catalogue.md) holds these rules against the catalogue that they come from. Texts in \`{{ }}\` are filled in when
an alert fires. "muted by" an alert means: still raised, stored and shown, but told below that one.

| rule | severity | what it says |
|---|---|---|
`;

const indexRow = ({ id, severities, definition }: RuleSummary): string =>
  `| [\`${id}\`](#${id}) | ${severities.join(', ')} | ${cell(text(definition.title))} |`;

export function renderRules({ files, loaded }: Shipped): string {
  const summaries = loaded.compiled.map(({ summary }) => summary);
  const groups = files.map((file) => ({
    file,
    rules: summaries.filter((rule) => rule.file === file.path),
  }));
  const titles = new Map(collectors.map(({ name, title }) => [name, title]));
  const sections = groups.flatMap(({ file, rules }) => [
    '',
    `## ${titles.get(shippedName(file)) ?? 'tocsin itself'} (${file.name})`,
    ...rules.flatMap((rule) => renderRule(rule, file)),
  ]);
  const index = groups.flatMap(({ rules }) => rules.map(indexRow));
  return `${head}${index.join('\n')}\n${sections.join('\n')}\n`;
}
