import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { classifyFailure } from './failure.ts';

const cases = {
  SQLITE_BUSY: 'busy',
  SQLITE_BUSY_SNAPSHOT: 'busy',
  SQLITE_FULL: 'full',
  SQLITE_IOERR_SHMSIZE: 'full',
  SQLITE_READONLY: 'full',
  SQLITE_READONLY_DBMOVED: 'broken',
  SQLITE_CANTOPEN: 'full',
  SQLITE_IOERR_WRITE: 'broken',
  SQLITE_IOERR_FSYNC: 'broken',
  SQLITE_IOERR_READ: 'broken',
  SQLITE_CORRUPT: 'broken',
  SQLITE_NOTADB: 'broken',
  SQLITE_NOMEM: 'broken',
  SQLITE_CONSTRAINT_CHECK: 'bug',
  SQLITE_ERROR: 'bug',
} as const;

for (const [code, type] of Object.entries(cases))
  test(`${code} means ${type}`, () => {
    assert.equal(classifyFailure(new Database.SqliteError('x', code), tmpdir()).type, type);
  });

test('an error of the program means bug', () => {
  assert.equal(classifyFailure(new TypeError('x'), tmpdir()).type, 'bug');
});
