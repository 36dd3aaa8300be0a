/** The loaded rules, and the check of a rule file that is not loaded yet. */
import { Type } from 'typebox';
import { alertSources, severities } from '../domain/alert.ts';
import { didYouMean } from '../domain/nearest.ts';
import type { RuleSummary } from '../domain/rule.ts';
import { decodeCursor, digestOf, digestOfList, encodeCursor } from './cursor.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { refuse } from './refusals.ts';
import {
  limitDefault,
  line,
  list,
  name,
  page,
  paging,
  severity,
  someOf,
  source,
} from './schemas.ts';

export const rule = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  form: Type.Enum(['condition', 'levels', 'event']),
  source,
  severities: list(severity),
  title: Type.String(),
  enabled: Type.Boolean(),
  file: Type.String(),
  line: Type.Integer(),
  dropIns: list(Type.String()),
  digest: Type.String(),
  definition: Type.Unsafe<Readonly<Record<string, unknown>>>(
    Type.Record(Type.String(), Type.Unknown()),
  ),
});

/** Equal while the same rules with the same content are loaded. */
const versionOf = (rules: readonly RuleSummary[], input: unknown): string =>
  digestOf({ input, rules: rules.map(({ id, digest, enabled }) => [id, digest, enabled]) });

const closed = { additionalProperties: false };

/** Of one rule, as its ETag has it. */
export const ruleVersion = (house: House, id: string): string =>
  versionOf(
    house.rules().filter((one) => one.id === id),
    id,
  );

export function getRule(house: House, id: string): RuleSummary {
  const rules = house.rules();
  const found = rules.find((one) => one.id === id);
  if (found !== undefined) return found;
  const hint = didYouMean(
    id,
    rules.map((one) => one.id),
  );
  throw refuse('rule-unknown', `there is no rule ${id}${hint}`);
}

export const listRules = defineOperation({
  name: 'rule.list',
  summary: 'All rules in force, disabled ones too, by id.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/rules',
  input: Type.Object(
    {
      kind: Type.Optional(name),
      severity: someOf(severities),
      source: someOf(alertSources),
      enabled: Type.Optional(Type.Boolean()),
      ...paging,
    },
    closed,
  ),
  output: page(rule),
  version: (house, input) => versionOf(house.rules(), input),
  async run(house, input) {
    const digest = digestOfList('rule.list', input);
    const [after = ''] = decodeCursor(digest, input.cursor, ['string']) ?? [];
    const limit = input.limit ?? limitDefault;
    const rows = house
      .rules()
      .filter((one) => one.id > after && one.kind === (input.kind ?? one.kind))
      .filter((one) => one.severities.some((level) => input.severity?.includes(level) ?? true))
      .filter((one) => input.source?.includes(one.source) ?? true)
      .filter((one) => one.enabled === (input.enabled ?? one.enabled))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      items: shown,
      nextCursor: last === undefined ? null : encodeCursor(digest, [last.id]),
    };
  },
});

export const showRule = defineOperation({
  name: 'rule.get',
  summary: 'One rule, with its definition and where it is written.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/rules/:id',
  refusals: ['rule-unknown'],
  input: Type.Object({ id: name }, closed),
  output: rule,
  version: (house, { id }) => ruleVersion(house, id),
  run: async (house, { id }) => getRule(house, id),
});

export const validateRules = defineOperation({
  name: 'rule.validate',
  summary: 'Checks the text of a rule file as if it were loaded last. Changes nothing.',
  permission: 'admin',
  // It changes nothing.
  audited: false,
  method: 'POST',
  path: '/api/v1/rules/validate',
  bodyBytesMax: 1024 * 1024,
  input: Type.Object(
    { text: Type.String({ maxLength: 512 * 1024 }), file: Type.Optional(line) },
    closed,
  ),
  output: Type.Object({
    valid: Type.Boolean({ description: 'no complaint of level error' }),
    complaints: list(
      Type.Object({
        file: Type.String(),
        line: Type.Integer(),
        column: Type.Integer(),
        level: Type.Enum(['error', 'warning']),
        message: Type.String(),
      }),
    ),
  }),
  async run(house, { text, file }) {
    const complaints = house.validateRules(text, file ?? 'request.yaml');
    return { valid: complaints.every(({ level }) => level !== 'error'), complaints };
  },
});
