/** `tocsin rule list` and `tocsin rule show`: the rules in force. */

import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import { toneOf } from '../output/alert-view.ts';
import { type Printer, renderField, type View } from '../output/printer.ts';
import { plainLine } from '../output/text.ts';
import { renderYaml } from '../output/yaml.ts';
import { textOf, wordsOf } from '../values.ts';
import type { RuleView } from '../views.ts';

const view: View<RuleView> = {
  id: ({ id }) => id,
  columns: [
    { header: 'RULE', of: ({ id }) => id },
    { header: 'KIND', of: ({ kind }) => kind },
    {
      header: 'SEVERITY',
      of: ({ severities }) => severities.join(','),
      tone: ({ severities }) => toneOf({ severity: severities.at(-1) ?? 'info' }),
    },
    { header: 'SOURCE', wide: true, of: ({ source }) => source },
    { header: 'FORM', wide: true, of: ({ form }) => form },
    {
      header: 'STATE',
      of: ({ enabled, dropIns }) =>
        `${enabled ? 'enabled' : 'disabled'}${dropIns.length > 0 ? ',changed' : ''}`,
    },
    { header: 'FILE', of: ({ file, line }) => `${file}:${line}` },
  ],
};

export async function listRules({ values, api, printer }: Context): Promise<ExitName> {
  const { rows } = await api.list('rule.list', {
    severity: wordsOf(values, 'severity'),
    source: wordsOf(values, 'source'),
    kind: textOf(values, 'kind'),
  });
  const disabled = rows.filter(({ enabled }) => !enabled).length;
  await printer.list(rows, view, `${rows.length} rules, ${disabled} disabled`);
  return 'done';
}

function renderRule(rule: RuleView, { columns, format }: Printer): readonly string[] {
  // Tests are longer than the rule; who wants them asks for all.
  const { tests, ...definition } = rule.definition;
  const isWhole = format === 'wide' || tests === undefined;
  const field = (label: string, text: string): readonly string[] =>
    renderField(label, text, columns);
  return [
    plainLine(`${rule.id}${rule.enabled ? '' : ' (disabled)'}`),
    ...field('Kind', rule.kind),
    ...field('Form', rule.form),
    ...field('Severity', rule.severities.join(', ')),
    ...field('Source', rule.source),
    ...field('Written in', `${rule.file}:${rule.line}`),
    ...field('Changed by', rule.dropIns.join('\n')),
    '',
    ...renderYaml(isWhole ? rule.definition : definition),
    ...(isWhole ? [] : ['# tests: shown with -o wide']),
  ];
}

export async function showRule({ args, api, printer }: Context): Promise<ExitName> {
  const [id = ''] = args;
  const rule = await api.rule(id);
  await printer.one(rule, rule.id, () => renderRule(rule, printer));
  return 'done';
}
