/** What a site has made of the shipped rules: the difference of two rule sets. */
import type { RuleSummary } from '../domain/rule.ts';
import type { RuleDelta } from '../operations/house-rules.ts';

interface Loaded {
  readonly summary: RuleSummary;
}

/** Tests of a rule say nothing of what it does. */
const ignored = ['tests'];

function differences(shipped: RuleSummary, site: RuleSummary): RuleDelta['fields'] {
  const names = new Set([...Object.keys(shipped.definition), ...Object.keys(site.definition)]);
  return [...names]
    .filter((name) => !ignored.includes(name))
    .map((field) => ({
      field,
      shipped: shipped.definition[field] ?? null,
      site: site.definition[field] ?? null,
    }))
    .filter((one) => JSON.stringify(one.shipped) !== JSON.stringify(one.site));
}

/** Where the site wrote the rule: its file, where that is not a shipped one, and its drop-ins. */
const filesOf = ({ file, dropIns }: RuleSummary, shippedFolder: string): readonly string[] =>
  [file, ...dropIns].filter((path) => !path.startsWith(`${shippedFolder}/`));

const isOff = (fields: RuleDelta['fields']): boolean =>
  fields.length === 1 && fields[0]?.field === 'enabled' && fields[0].site === false;

/** By id; rules that are as shipped are left out. */
export function compareRules(
  shipped: readonly Loaded[],
  site: readonly Loaded[],
  shippedFolder: string,
): readonly RuleDelta[] {
  const before = new Map(shipped.map(({ summary }) => [summary.id, summary]));
  const after = new Map(site.map(({ summary }) => [summary.id, summary]));
  const present = [...after.values()].flatMap((summary): readonly RuleDelta[] => {
    const { id } = summary;
    const files = filesOf(summary, shippedFolder);
    const original = before.get(id);
    if (original === undefined) return [{ id, state: 'added', files, fields: [] }];
    const fields = differences(original, summary);
    if (fields.length === 0) return [];
    return [{ id, state: isOff(fields) ? 'disabled' : 'changed', files, fields }];
  });
  const removed = [...before.keys()]
    .filter((id) => !after.has(id))
    .map((id): RuleDelta => ({ id, state: 'removed', files: [], fields: [] }));
  return [...present, ...removed].sort((a, b) => (a.id < b.id ? -1 : 1));
}
