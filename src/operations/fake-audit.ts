/** An audit in an array, for tests. */
import {
  type AuditQuery,
  type AuditRow,
  type AuditVerdict,
  chainStart,
  checkChain,
  type Deed,
  hashOf,
} from '../domain/audit.ts';
import type { Ms } from '../domain/time.ts';
import type { Audit, AuditUnread } from './house-audit.ts';

export class FakeAudit implements Audit {
  readonly rows: AuditRow[] = [];
  /** False: nothing can be made durable. */
  canWrite = true;
  /** Why nobody can look at the chain. */
  whyUnread: string | undefined;
  /** Callers who have done too much, and how long they are to wait. */
  readonly waits = new Map<string, Ms>();

  waitOf(caller: string): Ms | undefined {
    return this.waits.get(caller);
  }

  async write(deed: Deed): Promise<boolean> {
    if (!this.canWrite) return false;
    const { number, hash: before } = this.rows.at(-1) ?? chainStart;
    const row = { ...deed, number: number + 1 };
    this.rows.push({ ...row, hash: hashOf(before, row) });
    return true;
  }

  async list({ by, operation, since, until, before, limit }: AuditQuery) {
    return this.rows
      .filter((row) => row.by === (by ?? row.by) && row.operation === (operation ?? row.operation))
      .filter(({ at }) => at >= (since ?? at) && at <= (until ?? at))
      .filter(({ number }) => number < (before ?? Number.POSITIVE_INFINITY))
      .toReversed()
      .slice(0, limit);
  }

  async verify(): Promise<AuditVerdict | AuditUnread> {
    if (this.whyUnread !== undefined) return { type: 'unread', why: this.whyUnread };
    return checkChain(this.rows, { anchor: chainStart, head: this.rows.at(-1) ?? chainStart });
  }
}
