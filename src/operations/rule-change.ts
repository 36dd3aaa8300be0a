/** Changing rules: create, replace, change single fields, remove; and what the site changed. */
import { type Static, Type } from 'typebox';
import { pathsNotRules, renderComplaint } from '../domain/rule.ts';
import type { House } from './house.ts';
import type { RuleChangeAnswer } from './house-rules.ts';
import { defineOperation } from './operation.ts';
import { type Refusal, refuse, refuseField } from './refusals.ts';
import { getRule, rule, ruleVersion } from './rule.ts';
import { list, name } from './schemas.ts';

const bodyBytesMax = 256 * 1024;
const path = '/api/v1/rules/:id';

/** A rule as it is written in a file: what its fields may be is the business of the loader. */
const definition = Type.Object(
  { id: name },
  { additionalProperties: true, description: 'fields as in a rule file, see tocsin-rules' },
);
export const changed = Type.Object({
  rule: Type.Union([rule, Type.Null()]),
  file: Type.String({ description: 'where the change was written' }),
});
type Changed = Static<typeof changed>;

function refusalOf(answer: Exclude<RuleChangeAnswer, { type: 'done' }>): Refusal {
  if (answer.type === 'conflict') return refuse('rule-elsewhere', answer.why);
  if (answer.type === 'unstored') return refuse('not-stored', answer.why);
  const errors = answer.complaints.filter(({ level }) => level === 'error');
  const [first] = errors;
  return refuse('invalid-input', first === undefined ? 'refused' : renderComplaint(first), {
    errors: errors.map((one) => ({ pointer: '#', detail: renderComplaint(one) })),
    hint: 'nothing was changed; POST /api/v1/rules/validate checks a text without changing anything',
  });
}

async function settle(asked: Promise<RuleChangeAnswer>): Promise<Changed> {
  const answer = await asked;
  if (answer.type !== 'done') throw refusalOf(answer);
  return { rule: answer.rule ?? null, file: answer.file };
}

/** Whoever changes a rule has seen it. */
const guarded = {
  permission: 'admin',
  path,
  precondition: true,
  version: (house: House, { id }: { readonly id: string }) => ruleVersion(house, id),
} as const;

export const createRule = defineOperation({
  name: 'rule.create',
  summary: 'A new rule, written to 90-api.yaml and in force at once.',
  permission: 'admin',
  method: 'POST',
  path: '/api/v1/rules',
  refusals: ['rule-exists', 'rule-elsewhere', 'not-stored'],
  bodyBytesMax,
  input: definition,
  output: changed,
  status: () => 201,
  statuses: [201],
  async run(house, input, caller) {
    if (pathsNotRules.includes(input.id))
      throw refuseField('id', `${input.id} is a path of the API: choose another`);
    if (house.rules().some(({ id }) => id === input.id))
      throw refuse('rule-exists', `there is a rule ${input.id} already`);
    return settle(house.ruleDesk.add(input, caller.name));
  },
});

export const replaceRule = defineOperation({
  ...guarded,
  name: 'rule.replace',
  summary: 'The whole of a rule that was created here.',
  method: 'PUT',
  refusals: ['rule-unknown', 'rule-elsewhere', 'not-stored'],
  bodyBytesMax,
  input: definition,
  output: changed,
  async run(house, { id, ...fields }, caller) {
    getRule(house, id);
    return settle(house.ruleDesk.replace(id, fields, caller.name));
  },
});

export const changeRule = defineOperation({
  ...guarded,
  name: 'rule.change',
  summary: 'Single fields of any rule (RFC 7396): {"enabled": false}; null takes a field away.',
  method: 'PATCH',
  refusals: ['rule-unknown', 'rule-elsewhere', 'not-stored'],
  bodyBytesMax,
  input: definition,
  output: changed,
  async run(house, { id, ...fields }, caller) {
    getRule(house, id);
    return settle(house.ruleDesk.change(id, fields, caller.name));
  },
});

export const removeRule = defineOperation({
  ...guarded,
  name: 'rule.remove',
  summary: 'Removes a rule that was created here; sets any other back to what its file says.',
  method: 'DELETE',
  refusals: ['rule-unknown', 'rule-elsewhere', 'not-stored'],
  input: Type.Object({ id: name }, { additionalProperties: false }),
  output: changed,
  async run(house, { id }, caller) {
    getRule(house, id);
    return settle(house.ruleDesk.remove(id, caller.name));
  },
});

export const ruleDelta = defineOperation({
  name: 'rule.delta',
  summary: 'What this site changed against the rules that are shipped.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/rules/delta',
  input: Type.Object({}, { additionalProperties: false }),
  output: Type.Object({
    items: list(
      Type.Object({
        id: Type.String(),
        state: Type.Enum(['added', 'changed', 'disabled', 'removed']),
        files: list(Type.String()),
        fields: list(
          Type.Object({ field: Type.String(), shipped: Type.Unknown(), site: Type.Unknown() }),
        ),
      }),
    ),
    nextCursor: Type.Null(),
  }),
  run: async (house) => ({ items: house.ruleDesk.delta(), nextCursor: null }),
});
