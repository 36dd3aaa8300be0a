/**
 * The store's thread. The only place, beside platform, that touches files: it owns tocsin.db. It
 * is never terminated (that aborts a process inside a call of SQLite): it is asked to close.
 */
import { dirname } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { returnUnusedMemory } from '../platform/memory.ts';
import { verifyAuditFile } from '../platform/sqlite/audit-file.ts';
import { connect } from '../platform/sqlite/connection.ts';
import { classifyFailure, isCorruption } from '../platform/sqlite/failure.ts';
import { copyInto } from '../platform/sqlite/migrate.ts';
import { type Told, thrown } from '../platform/sqlite/protocol.ts';
import { type Ballast, createBallast } from './ballast.ts';
import { type OpenedDatabase, openDatabase } from './open.ts';
import type { Job } from './protocol.ts';
import { serve } from './serve.ts';

/** The reason when the file is not sound. On its own connection: commits go on meanwhile. */
function findFault(path: string): string | null {
  try {
    const db = connect(path, { readonly: true });
    try {
      const answer = String(db.pragma('quick_check(1)', { simple: true }));
      return answer === 'ok' ? null : answer.replaceAll('\n', ' ');
    } finally {
      db.close();
    }
  } catch (error) {
    if (isCorruption(error) && error instanceof Error) return error.message;
    throw error;
  }
}

/** Reads one state of the database while commits go on; nothing is left behind when it fails. */
function backup(path: string, target: string): void {
  const db = connect(path, { readonly: true });
  try {
    copyInto(db, target);
  } finally {
    db.close();
  }
}

/** Opening needs room for -wal and -shm: on a full disk the ballast has it. */
function openWithBallast(path: string, ballast: Ballast): OpenedDatabase {
  const open = (): OpenedDatabase => openDatabase(path, { now: Date.now() });
  try {
    return open();
  } catch (error) {
    if (classifyFailure(error, dirname(path)).type !== 'full' || !ballast.release()) throw error;
    return open();
  }
}

function startServing(port: MessagePort, job: Job & { readonly type: 'serve' }): void {
  const { path, ballastBytes, pagesMax } = job;
  const ballast = createBallast(path, ballastBytes);
  const opened = openWithBallast(path, ballast);
  if (pagesMax > 0) opened.db.pragma(`max_page_count = ${pagesMax}`);
  returnUnusedMemory();
  serve(port, path, opened, ballast);
}

function start(port: MessagePort, job: Job): void {
  const tell = (told: Told): void => port.postMessage(told);
  const end = (told: Told): void => {
    tell(told);
    port.close();
  };
  try {
    switch (job.type) {
      case 'serve':
        startServing(port, job);
        break;
      case 'check':
        end({ type: 'ready', json: JSON.stringify(findFault(job.path)) });
        break;
      case 'verify-audit':
        end({ type: 'ready', json: JSON.stringify(verifyAuditFile(job.path)) });
        break;
      case 'backup':
        backup(job.path, job.target);
        end({ type: 'ready', json: '' });
        break;
    }
  } catch (error) {
    end({ type: 'failed', error: thrown(error) });
  }
}

if (parentPort === null) throw new Error('a worker thread, started by openStore');
start(parentPort, workerData as Job);
