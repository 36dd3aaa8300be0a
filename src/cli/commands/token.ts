/** `tocsin token`: make, replace and take back what programs show to be let in. */
import { plural } from '../../domain/plural.ts';
import type { Api } from '../api.ts';
import type { Context } from '../command.ts';
import { type ExitName, Stop } from '../exit.ts';
import type { Printer, View } from '../output/printer.ts';
import { plainLine } from '../output/text.ts';
import { textOf, wordOf } from '../values.ts';
import type { ShownTokenView, TokenView } from '../views.ts';

/** Without how long ago that is: it is to come. */
const untilOf = (printer: Printer, instant: string): string =>
  printer.moment(instant).replace(/ \(.*/, '');

const viewOf = (printer: Printer): View<TokenView> => ({
  id: ({ id }) => id,
  columns: [
    { header: 'ID', of: ({ id }) => id },
    { header: 'NAME', of: ({ name }) => name },
    { header: 'ROLE', of: ({ role }) => role },
    {
      header: 'STATE',
      of: ({ state, secrets }) => (secrets.length > 1 ? `${state}, two secrets` : state),
      tone: ({ state }) => (state === 'active' ? 'good' : 'dim'),
    },
    { header: 'USED', of: ({ lastUsedAt }) => printer.age(lastUsedAt) },
    {
      header: 'EXPIRES',
      of: ({ expiresAt }) => (expiresAt === null ? 'never' : untilOf(printer, expiresAt)),
    },
    { header: 'CREATED', wide: true, of: ({ createdAt }) => printer.age(createdAt) },
    { header: 'BY', wide: true, of: ({ createdBy }) => createdBy },
  ],
});

export async function listTokens({ api, printer }: Context): Promise<ExitName> {
  const { rows } = await api.list('token.list', {});
  const legend =
    rows.length === 0
      ? 'no token: only programs on this machine may ask, as their users and groups allow'
      : plural(rows.length, 'token');
  await printer.list(rows, viewOf(printer), legend);
  return 'done';
}

/** By its id, or by the name that one live token has. */
async function findToken(api: Api, given: string): Promise<TokenView> {
  const { rows } = await api.list('token.list', {});
  const isMeant = ({ name, state }: TokenView): boolean => name === given && state === 'active';
  const found = rows.find(({ id }) => id === given) ?? rows.find(isMeant);
  if (found !== undefined) return found;
  throw new Stop('unknown', `there is no token ${given}; see tocsin token list`);
}

/** The secret on a line of its own: it is copied from there. */
const tell = (said: string, { secret }: ShownTokenView): readonly string[] =>
  [
    said,
    '',
    `  ${secret}`,
    '',
    'It is not shown again. Send it with each request:',
    '  curl -H "Authorization: Bearer $TOCSIN_TOKEN" https://HOST/api/v1/monitoring/alerts',
    '  TOCSIN_TOKEN=… tocsin --url https://HOST status',
    'or log in with it on the web page.',
  ].map(plainLine);

export async function createToken({ args, values, api, printer }: Context): Promise<ExitName> {
  const role = wordOf(values, 'role') ?? 'viewer';
  const expires = textOf(values, 'expires');
  const made = await api.act('token.create', { name: args[0], role, expires });
  const until = made.expiresAt === null ? 'for good' : `until ${untilOf(printer, made.expiresAt)}`;
  await printer.one(made, made.id, () =>
    tell(`The token ${made.name} (${made.id}) has the role ${made.role}, ${until}:`, made),
  );
  return 'done';
}

export async function changeToken({ args, values, api, printer }: Context): Promise<ExitName> {
  const role = wordOf(values, 'role');
  if (role === undefined) throw new Stop('usage', '--role ROLE is missing');
  const { id } = await findToken(api, args[0] ?? '');
  const changed = await api.act('token.change', { role }, id);
  await printer.one(changed, id, () => [plainLine(`${changed.name} (${id}) is ${role} now`)]);
  return 'done';
}

export async function rotateToken({ args, values, api, printer }: Context): Promise<ExitName> {
  const { id } = await findToken(api, args[0] ?? '');
  const rotated = await api.act('token.rotate', { overlap: textOf(values, 'overlap') }, id);
  const end = rotated.secrets[1]?.expiresAt ?? null;
  const old = end === null ? 'no longer valid' : `valid until ${untilOf(printer, end)}`;
  await printer.one(rotated, id, () =>
    tell(`The new secret of ${rotated.name} (${id}); the old one is ${old}:`, rotated),
  );
  return 'done';
}

export async function revokeTokens({ args, api, printer }: Context): Promise<ExitName> {
  const meant: TokenView[] = [];
  for (const given of args) meant.push(await findToken(api, given));
  for (const { id, name } of meant) {
    const revoked = await api.act('token.revoke', undefined, id);
    await printer.one(revoked, id, () => [plainLine(`${name} (${id}) is revoked`)]);
  }
  return 'done';
}
