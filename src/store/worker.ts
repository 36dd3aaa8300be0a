/**
 * The store's thread. The only place, beside platform, that touches files: it owns tocsin.db. It
 * is never terminated (that aborts a process inside a call of SQLite): it is asked to close.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { returnUnusedMemory } from '../platform/memory.ts';
import { verifyAuditFile } from '../platform/sqlite/audit-file.ts';
import { connect } from '../platform/sqlite/connection.ts';
import { isCorruption } from '../platform/sqlite/failure.ts';
import { copyInto } from '../platform/sqlite/migrate.ts';
import { type Told, thrown } from '../platform/sqlite/protocol.ts';
import { claimDatabase } from '../platform/sqlite/sole.ts';
import { findOtherPlace, isWritableAgain, openPlace } from './place.ts';
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

function startServing(port: MessagePort, job: Job & { readonly type: 'serve' }): void {
  const claim = claimDatabase(job.path);
  try {
    const place = openPlace(job);
    returnUnusedMemory();
    serve(port, place, {
      findOther: (path) => findOtherPlace(job, path),
      closed: () => claim?.close(),
    });
  } catch (error) {
    claim?.close();
    throw error;
  }
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
      case 'probe':
        end({ type: 'ready', json: JSON.stringify(isWritableAgain(job.path, job.seenWritable)) });
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
