/** The audit on the command line: from tocsind, and from a copy of its database. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FakeHouse } from '../operations/fake-house.ts';
import { deeds, make, tamper } from '../store/audit.fixture.ts';
import { type Box, startBox, tocsin } from './cli.fixture.ts';

/** A box on which five deeds were done. */
async function boxWith(t: TestContext): Promise<{ readonly box: Box; readonly house: FakeHouse }> {
  const house = new FakeHouse();
  for (const deed of deeds(1, 5)) await house.audit.write({ ...deed, at: house.clock });
  return { box: await startBox(t, house), house };
}

const fileWith = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-cli-audit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'tocsin.db');
  make(path, ({ audit }) => void audit.append(deeds(1, 5)));
  return path;
};

test('deeds are listed with who and door, the newest last', async (t) => {
  const { box } = await boxWith(t);
  const { out, status } = await box.run('audit');
  assert.equal(status, 0);
  assert.match(out, /^NR +AGE +BY +DOOR +OUTCOME +OPERATION +SUBJECT$/m);
  assert.match(out, /^ 5 +\w+ +uid:0 +local +done +silence\.save +01K5$/m);
  assert.match(out, /^5 deeds$/m);
  assert.equal((await box.run('audit list -o id')).out, '1\n2\n3\n4\n5\n');
});

test('they can be chosen by who did them, what they were, and how many', async (t) => {
  const { box } = await boxWith(t);
  const ids = async (line: string): Promise<string> =>
    (await box.run(`audit list -o id ${line}`)).out;
  assert.equal(await ids('--by token:grafana'), '3\n');
  assert.equal(await ids('--operation silence.save'), '5\n');
  assert.equal(await ids('-n 2'), '4\n5\n');
  assert.equal(await ids('--since 1s'), '');
});

test('a sound audit ends with 0, one that was changed with 3 and the row', async (t) => {
  const { box, house } = await boxWith(t);
  const sound = await box.run('audit verify');
  assert.match(sound.out, /sound: 5 rows/);
  assert.equal(sound.status, 0);
  const [row] = house.audit.rows.splice(1, 1);
  assert.ok(row);
  const broken = await box.run('audit verify');
  assert.match(broken.out, /broken at row 2: row 2 is missing/);
  assert.equal(broken.status, 3);
});

test('a copy of the database is checked without tocsind', async (t) => {
  const path = fileWith(t);
  const sound = await tocsin(['audit', 'verify', '--database', path]);
  assert.match(sound.out, /sound: 5 rows/);
  assert.equal(sound.status, 0);
  tamper(path, (db) => void db.exec(`UPDATE audit SET by = 'uid:7' WHERE number = 4`));
  const broken = await tocsin(['audit', 'verify', '--database', path, '-o', 'json']);
  assert.partialDeepStrictEqual(JSON.parse(broken.out), { result: 'broken', number: 4 });
  assert.equal(broken.status, 3);
});

test('a file that is not there, and one that is no database, are told apart', async () => {
  const gone = await tocsin('audit verify --database /nonexistent/tocsin.db'.split(' '));
  assert.equal(gone.status, 4);
  const other = await tocsin(['audit', 'verify', '--database', import.meta.filename]);
  assert.match(other.err, /cannot be checked: file is not a database/);
  assert.equal(other.status, 1);
});
