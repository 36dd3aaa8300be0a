/** `tocsin rule add, set, enable, disable, remove, delta`: what a site makes of the rules. */
import { plural } from '../../domain/plural.ts';
import { type Complaint, renderComplaint } from '../../domain/rule.ts';
import { complaintsInto, parseTree, plain } from '../../rules/files/tree.ts';
import type { Context } from '../command.ts';
import { type ExitName, Stop } from '../exit.ts';
import type { View } from '../output/printer.ts';
import { plainLine } from '../output/text.ts';
import type { RuleChangeView, RuleDeltaView } from '../views.ts';
import { type GivenFile, readGiven } from './rule-files.ts';

/** Whatever version there is: a field is changed, and the rest stays as it is. */
const anyVersion = { 'If-Match': '*' };

/** The plain value of a YAML text; ends the command where it is none. */
function readYaml({ path, text }: GivenFile): unknown {
  const complaints: Complaint[] = [];
  const tree = parseTree(path, text, complaintsInto(complaints));
  const [first] = complaints;
  if (tree !== undefined) return plain(tree);
  throw new Stop('usage', first === undefined ? `${path} is no YAML` : renderComplaint(first));
}

function rulesOf(file: GivenFile): readonly object[] {
  const root = readYaml(file);
  const rules = typeof root === 'object' && root !== null && 'rules' in root && root.rules;
  const isList = Array.isArray(rules) && rules.length > 0;
  if (isList && rules.every((rule) => typeof rule === 'object' && rule !== null)) return rules;
  throw new Stop('usage', `${file.path} holds no rules; it begins with "rules:"`);
}

async function tell({ printer }: Context, id: string, done: RuleChangeView, deed: string) {
  await printer.one(done, id, () => [plainLine(`${id} ${deed}; written in ${done.file}`)]);
}

export async function addRules(context: Context): Promise<ExitName> {
  const rules = readGiven(context.io.files, context.args).flatMap(rulesOf);
  for (const rule of rules) {
    const done = await context.api.act('rule.create', rule);
    await tell(context, done.rule?.id ?? '', done, 'is in force');
  }
  return 'done';
}

function readField(text: string): readonly [name: string, value: unknown] {
  const [, name, value] = /^([A-Za-z]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new Stop('usage', `"${text}" is no FIELD=VALUE`);
  return [name, value === '' ? null : readYaml({ path: name, text: value })];
}

export async function setRule(context: Context): Promise<ExitName> {
  const [id = '', ...texts] = context.args;
  const fields = Object.fromEntries(texts.map(readField));
  const done = await context.api.act('rule.change', fields, id, anyVersion);
  await tell(context, id, done, 'is changed');
  return 'done';
}

async function setEnabled(context: Context, enabled: boolean): Promise<ExitName> {
  for (const id of context.args) {
    const done = await context.api.act('rule.change', { enabled }, id, anyVersion);
    await tell(context, id, done, enabled ? 'is enabled' : 'is disabled');
  }
  return 'done';
}

export const enableRules = (context: Context): Promise<ExitName> => setEnabled(context, true);
export const disableRules = (context: Context): Promise<ExitName> => setEnabled(context, false);

export async function removeRules(context: Context): Promise<ExitName> {
  for (const id of context.args) {
    const done = await context.api.act('rule.remove', undefined, id, anyVersion);
    await tell(context, id, done, done.rule === null ? 'is removed' : 'is as shipped again');
  }
  return 'done';
}

const shown = (value: unknown): string =>
  value === null ? '-' : typeof value === 'string' ? value : JSON.stringify(value);

const view: View<RuleDeltaView> = {
  id: ({ id }) => id,
  columns: [
    { header: 'RULE', of: ({ id }) => id },
    { header: 'STATE', of: ({ state }) => state },
    { header: 'FILE', wide: true, of: ({ files }) => files.join(' ') },
    {
      header: 'CHANGE',
      of: ({ fields }) =>
        fields.map((one) => `${one.field}: ${shown(one.shipped)} -> ${shown(one.site)}`).join('; '),
    },
  ],
};

export async function showDelta({ api, printer }: Context): Promise<ExitName> {
  const { items } = await api.ruleDelta();
  await printer.list(
    items,
    view,
    `${plural(items.length, 'rule')} changed against what is shipped`,
  );
  return 'done';
}
