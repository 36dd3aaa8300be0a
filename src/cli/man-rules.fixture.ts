/** For tests: tocsin-default-rules(7), made from the rule files that ship. */
import { loadShipped, shippedName } from '../../test/support/shipped-rules.ts';
import { collectors } from '../collectors/registry.ts';
import type { RuleSummary } from '../domain/rule.ts';
import { heading, item } from './man-roff.fixture.ts';

type Fields = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string => String(value).replaceAll(/\s+/g, ' ').trim();

/** `when EXPRESSION for 5m, until EXPRESSION`. */
function conditionOf({ when, for: held, clear }: Fields): string {
  const parts = [
    ...(when === undefined ? [] : [`when ${textOf(when)}`]),
    ...(held === undefined ? [] : [`for ${textOf(held)}`]),
    ...(clear === undefined ? [] : [`until ${textOf(clear)}`]),
  ];
  return parts.join(', ');
}

const endings: Readonly<Record<string, string>> = {
  operator: 'It ends only by hand.',
  success: 'It ends only with a success, never by age.',
};

/** When it fires, a line for each way. */
function conditionsOf({ on, levels, latch, ...own }: Fields): readonly string[] {
  const each = Object.entries((levels ?? {}) as Readonly<Record<string, Fields>>);
  const lines = [
    ...(on === undefined ? [] : [`on the event ${textOf(on)}`]),
    ...each.map(([severity, level]) => `${severity} ${conditionOf(level)}`),
    conditionOf(own),
  ];
  const ending = latch === undefined ? [] : [endings[textOf(latch)] ?? textOf(latch)];
  return [...lines.filter((line) => line !== '').map((line) => `Fires ${line}.`), ...ending];
}

function renderRule({ id, kind, severities, enabled, definition }: RuleSummary): readonly string[] {
  const { title, advice } = definition;
  const off = enabled ? '' : '; switched off';
  return [
    ...item(id, `${severities.join(', ')}; about a ${kind}${off}.`),
    '.br',
    ...paragraph(`“${textOf(title)}”`),
    ...conditionsOf(definition).flatMap((line) => ['.br', ...paragraph(line)]),
    ...(advice === undefined ? [] : ['.br', ...paragraph(`What to do: ${textOf(advice)}`)]),
  ];
}

/** The escaped line of an item, without its head. */
const paragraph = (line: string): readonly string[] => item('', line).slice(2);

export function renderDefaultRules(): readonly string[] {
  const { files, loaded } = loadShipped();
  const titles = new Map(collectors.map(({ name, title }) => [name, title]));
  return files.flatMap((file) => {
    const rules = loaded.compiled
      .map(({ summary }) => summary)
      .filter((rule) => rule.file === file.path);
    const title = titles.get(shippedName(file)) ?? 'tocsin itself';
    return [heading(title), `File ${file.name}.`, ...rules.flatMap(renderRule)];
  });
}
