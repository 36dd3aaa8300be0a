/** Settings and rules read anew, all or nothing: what `systemctl reload tocsin` does. */
import { Type } from 'typebox';
import { defineOperation } from './operation.ts';
import { refuse } from './refusals.ts';

export const reloadDaemon = defineOperation({
  name: 'daemon.reload',
  summary: 'Reads settings and rules anew. Where one is wrong, everything stays as it was.',
  permission: 'admin',
  method: 'POST',
  path: '/api/v1/reload',
  refusals: ['configuration-refused'],
  input: Type.Object({}, { additionalProperties: false }),
  output: Type.Object({
    rules: Type.Integer({ minimum: 0, description: 'rules that are in force, disabled ones too' }),
  }),
  async run(house) {
    const why = await house.reload();
    if (why !== null) throw refuse('configuration-refused', why);
    return { rules: house.rules().length };
  },
});
