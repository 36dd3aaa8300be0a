/** One archive about one alert, for whoever helps: what is known of it, without secrets. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Type } from 'typebox';
import { rfc3339 } from '../domain/time.ts';
import { nextTurn } from '../platform/next-turn.ts';
import { type RedactionCounts, Redactor, type redactionSorts } from '../recording/bundle/redact.ts';
import { packTar } from '../recording/bundle/tar.ts';
import { getExistingAlert } from './alert.ts';
import { type Gathered, gatherBundle } from './bundle-parts.ts';
import { defineOperation } from './operation.ts';
import { alertId, list } from './schemas.ts';

const compress = promisify(gzip);

const redacted = Type.Unsafe<Readonly<RedactionCounts>>(Type.Record(Type.String(), Type.Integer()));
const file = Type.Object({
  name: Type.String(),
  holds: Type.String(),
  bytes: Type.Integer(),
  sha256: Type.String(),
  redacted,
});

const why: Readonly<Record<(typeof redactionSorts)[number], string>> = {
  password: 'a value behind a name such as password, token or secret',
  credentials: 'user and password in an address',
  query: 'what stands behind ? or # in an address',
  path: 'a part of an address that looks like a key',
  token: 'a word that looks like a key',
  'private-key': 'a private key',
  mail: 'a mail address, but for its first letter and its host',
};

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Rows redacted without letting anything else run: some 20 ms. */
const rowsAtOnce = 200;

async function renderRows(redactor: Redactor, rows: readonly unknown[]): Promise<string> {
  let text = '';
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    if (at > 0) await nextTurn();
    for (const row of rows.slice(at, at + rowsAtOnce)) {
      const clean = redactor.value(row);
      text += `${typeof clean === 'string' ? clean : JSON.stringify(clean)}\n`;
    }
  }
  return text;
}

/** A file without what is nobody's business; each redacts and counts for itself. */
async function renderFile({ name, holds, content }: Gathered) {
  const redactor = new Redactor();
  const text = Array.isArray(content)
    ? await renderRows(redactor, content)
    : `${JSON.stringify(redactor.value(content), null, 2)}\n`;
  const bytes = Buffer.byteLength(text);
  return { text, entry: { name, holds, bytes, sha256: digest(text), redacted: redactor.counts } };
}

export const bundleAlert = defineOperation({
  name: 'alert.bundle',
  summary:
    'An archive (tar.gz, in base64) of all that is known around an alert, without secrets, for support.',
  permission: 'admin',
  method: 'GET',
  // Reading, but what it holds is meant to leave the machine.
  audited: true,
  path: '/api/v1/monitoring/alerts/:id/bundle',
  refusals: ['alert-unknown'],
  input: Type.Object({ id: alertId }, { additionalProperties: false }),
  output: Type.Object({
    name: Type.String({ description: 'of the archive: tocsin-ID.tar.gz' }),
    archive: Type.String({ description: 'its bytes, in base64' }),
    files: list(file),
  }),
  async run(house, { id }, caller) {
    const alert = await getExistingAlert(house, id);
    const gathered = await gatherBundle(house, alert, caller);
    const files: Awaited<ReturnType<typeof renderFile>>[] = [];
    for (const one of gathered) files.push(await renderFile(one));
    const manifest = {
      alert: id,
      madeAt: rfc3339(house.now()),
      madeBy: caller.name,
      version: house.version,
      files: files.map(({ entry }) => entry),
      redactions: why,
    };
    const folder = `tocsin-${id}`;
    const archive = packTar(
      [
        { name: `${folder}/manifest.json`, text: `${JSON.stringify(manifest, null, 2)}\n` },
        ...files.map(({ text, entry }) => ({ name: `${folder}/${entry.name}`, text })),
      ],
      house.now() / 1000,
    );
    return {
      name: `${folder}.tar.gz`,
      archive: (await compress(archive)).toString('base64'),
      files: manifest.files,
    };
  },
});
