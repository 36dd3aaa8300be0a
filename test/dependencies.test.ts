/** The dependency rules see every module, and catch each kind of forbidden import. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, test } from 'node:test';

const checker = resolve(import.meta.dirname, '../tools/check-dependencies.ts');
const root = mkdtempSync(join(tmpdir(), 'tocsin-dependencies-'));
after(() => rmSync(root, { recursive: true }));

/** A small house that keeps all rules; the planted files join it. */
const sound = {
  'src/domain/word.ts': 'export const word = 1;',
  'src/platform/door.ts': "import 'node:fs'; export interface Door {} export const door = 1;",
  'src/collectors/collector.ts': "import type { Door } from '../platform/door.ts'; type X = Door;",
  'src/collectors/told.ts': "import './collector.ts'; import '../domain/word.ts';",
  'src/collectors/tape/drive.ts': "import '../told.ts'; import '../../domain/word.ts';",
  'src/collectors/scst/target.ts': "import type { Socket } from 'node:net'; type X = Socket;",
  'src/collectors/registry.ts': "import './tape/drive.ts'; import './scst/target.ts';",
  'src/rules/engine.ts': "import { word } from '../domain/word.ts'; import 'node:crypto'; word;",
  'src/rules/engine.test.ts': "import 'node:fs'; import '../platform/door.ts';",
  'src/store/worker.ts': "import 'node:worker_threads';",
  'src/operations/operation.ts': "import '../collectors/registry.ts';",
  'src/api/rest.ts': "import '../operations/operation.ts';",
  'src/daemon/pipeline.ts': "import '../api/rest.ts'; import '../store/worker.ts';",
  'src/main.ts': "import './daemon/pipeline.ts'; import 'node:net';",
  'src/cli/asking.ts': "import '../../client/client.ts';",
  'client/client.ts': "import 'node:http';",
};

const planted = {
  'src/domain/up.ts': [
    "import type { Door } from '../platform/door.ts'; type X = Door;",
    'floor-domain',
  ],
  'src/domain/read.ts': ["import 'node:fs';", 'doors'],
  'src/domain/wait.ts': ["import 'node:timers/promises';", 'doors'],
  'src/rules/neighbour.ts': ["import '../store/worker.ts';", 'floor-rules'],
  'src/rules/read.ts': ["import { door } from '../platform/door.ts'; door;", 'ports-only'],
  'src/rules/dynamic.ts': ["export const later = () => import('node:net');", 'doors'],
  'src/rules/again.ts': ["export * from '../daemon/pipeline.ts';", 'floor-rules'],
  'src/rules/sql.ts': ["import 'better-sqlite3';", 'package-better-sqlite3'],
  'src/collectors/tape/other.ts': ["import '../scst/target.ts';", 'collectors-alone'],
  'src/collectors/tape/all.ts': ["import '../registry.ts';", 'collectors-alone'],
  'src/collectors/kept.ts': ["import './scst/target.ts';", 'collectors-shared'],
  'src/store/api.ts': ["import '../api/rest.ts';", 'floor-store'],
  'src/api/raw.ts': ["import { connect } from 'node:net'; connect;", 'doors'],
  'src/cli/inside.ts': ["import '../daemon/pipeline.ts';", 'floor-cli'],
  'src/daemon/helper.ts': ["import '../rules/engine.test.ts';", 'no-tools-inside'],
  'src/daemon/main.ts': ["import '../main.ts';", 'floor-daemon'],
  'src/api/asking.ts': ["import '../../client/client.ts';", 'client-users'],
  'client/inside.ts': ["import '../src/domain/word.ts';", 'client-alone'],
  'src/api/lost.ts': ["import './nowhere.ts';", 'no-lost-import'],
  'src/api/one.ts': ["import './two.ts';", 'no-cycle'],
} as const;

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), `${text}\n`);
}

function check(where: string): { status: number | null; said: string; complaints: string[] } {
  const result = spawnSync(process.execPath, [checker, where], { encoding: 'utf8' });
  const complaints = result.stderr.split('\n').filter((line) => line !== '');
  return { status: result.status, said: result.stdout, complaints };
}

test('a house that keeps the rules passes, and a forbidden import of each kind is caught', () => {
  for (const [path, text] of Object.entries(sound)) plant(path, text);
  const before = check(root);
  assert.deepEqual([before.status, before.complaints], [0, []]);

  for (const [path, [text]] of Object.entries(planted)) plant(path, text);
  // The other half of the cycle of one.ts, which is reported once.
  plant('src/api/two.ts', "import './one.ts';");
  const { status, complaints } = check(root);
  assert.equal(status, 1);
  for (const [path, [, rule]] of Object.entries(planted)) {
    assert.ok(
      complaints.some((line) => line.startsWith(`${rule}: ${path} -> `)),
      `${rule} missed ${path}; found:\n${complaints.join('\n')}`,
    );
  }
  const guilty = new Set(complaints.map((line) => line.split(' ')[1]));
  const innocent = Object.keys(sound).filter((path) => guilty.has(path));
  assert.deepEqual(innocent, [], complaints.join('\n'));
});

test('a house in which nothing is seen does not pass', () => {
  const empty = mkdtempSync(join(tmpdir(), 'tocsin-dependencies-'));
  mkdirSync(join(empty, 'src'));
  assert.equal(check(empty).status, 1);
  writeFileSync(join(empty, 'src/only.ts'), 'export const lonely = 1;\n');
  assert.equal(check(empty).status, 1);
  rmSync(empty, { recursive: true });
});
