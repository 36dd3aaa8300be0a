/** Which database is opened: that of the disk or, while it takes no writing, a volatile copy. */
import { dirname, resolve } from 'node:path';
import { isMountedWritable } from '../platform/mount-view.ts';
import { classifyFailure } from '../platform/sqlite/failure.ts';
import { type Ballast, createBallast } from './ballast.ts';
import { type Flushed, flushVolatile } from './flush.ts';
import { type OpenedDatabase, openDatabase } from './open.ts';
import type { Job } from './protocol.ts';
import type { Place } from './serve.ts';
import { openVolatile, refusalOf, removeVolatile, volatileBytesMax, wordsOf } from './volatile.ts';

type ServeJob = Job & { readonly type: 'serve' };

const pageBytes = 4096;
/** Retention begins before the copy is full. */
const keptRatio = 0.75;

function limitPages({ db }: OpenedDatabase, pagesMax: number): void {
  if (pagesMax > 0) db.pragma(`max_page_count = ${pagesMax}`);
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

function openOnDisk({ path, ballastBytes, pagesMax }: ServeJob, flushed: Flushed): Place {
  const ballast = createBallast(path, ballastBytes);
  const opened = openWithBallast(path, ballast);
  limitPages(opened, pagesMax);
  const report = withFlush(opened.report, flushed);
  const bytesMax = Number.POSITIVE_INFINITY;
  return {
    path,
    opened: { ...opened, report },
    ballast,
    standing: null,
    bytesMax,
    seenWritable: false,
  };
}

/** What people must know of the flush beside what the opening says. */
function withFlush(report: OpenedDatabase['report'], flushed: Flushed): OpenedDatabase['report'] {
  if (flushed.type === 'nothing') return report;
  if (flushed.type !== 'flushed') return { ...report, volatile: flushed };
  const { setAside, why } = flushed;
  const lost = setAside === null ? {} : { setAside, why };
  return { ...report, ...lost, volatile: { type: 'flushed' } };
}

/** `why`: what is wrong with the disk. */
function openInMemory(job: ServeJob, folder: string, why: string): Place {
  const { path, condition } = openVolatile(job.path, folder, why, Date.now());
  const opened = openDatabase(path, { now: Date.now() });
  limitPages(opened, volatileBytesMax / pageBytes);
  const ballast = createBallast(path, 0);
  const seenWritable = isMountedWritable(dirname(job.path));
  const bytesMax = volatileBytesMax * keptRatio;
  return { path, opened, ballast, standing: condition, bytesMax, seenWritable };
}

/** Nowhere, or the state's own folder by mistake: there is none. */
const folderOf = ({ path, volatileFolder }: ServeJob): string | null =>
  volatileFolder === null || resolve(volatileFolder) === resolve(dirname(path))
    ? null
    : volatileFolder;

/**
 * Brings home what an earlier start has kept in memory, when the disk takes writing. Throws
 * SchemaTooNew, and the system's error when there is nowhere to work.
 */
export function openPlace(job: ServeJob): Place {
  const folder = folderOf(job);
  if (folder === null) return openOnDisk(job, { type: 'nothing' });
  const code = refusalOf(job.path);
  if (code !== null) return openInMemory(job, folder, wordsOf(job.path, code));
  const flushed = flushVolatile(job.path, folder, Date.now());
  if (flushed.type !== 'failed') return openOnDisk(job, flushed);
  // No reason to end: the copy is as good as it was.
  const why = `what was kept in memory cannot be written to the disk (${flushed.why})`;
  const place = openInMemory(job, folder, why);
  const report = withFlush(place.opened.report, flushed);
  return { ...place, opened: { ...place.opened, report } };
}

/**
 * Whether a new start could flush the copy. Our own view of the disk is as old as our sandbox: what
 * was mounted anew meanwhile shows to process 1 alone. Where that one saw a disk that takes writing
 * from the beginning, it is our view that forbids it, and a new start would find the same.
 */
export const isWritableAgain = (path: string, seenWritable: boolean): boolean =>
  refusalOf(path) === null || (!seenWritable && isMountedWritable(dirname(path)));

/** While the database on the disk is open: the copy of it, when the disk takes no writing now. */
export function findOtherPlace(job: ServeJob, path: string): Place | null {
  const folder = folderOf(job);
  if (folder === null || path !== job.path) return null;
  const code = refusalOf(path);
  if (code === null) return null;
  try {
    // One that is there is older than what is open.
    removeVolatile(path, folder);
    return openInMemory(job, folder, wordsOf(job.path, code));
  } catch {
    return null; // It stays as it is: what comes waits until the disk takes it.
  }
}
