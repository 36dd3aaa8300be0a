/** Who did what through which door. Rows are only added; each holds the hash of the one before. */
import type { AuditQuery, AuditRow, AuditVerdict, Deed } from '../domain/audit.ts';
import type { Ms } from '../domain/time.ts';

export type { AuditQuery, AuditRow, AuditVerdict, Deed };

/** No thread could be made to look at it. */
export interface AuditUnread {
  readonly type: 'unread';
  readonly why: string;
}

export interface Audit {
  /** How long until this caller may do something again that is kept; undefined: at once. */
  waitOf(caller: string): Ms | undefined;
  /** Resolves when it is durable; false when it could not be made so, which the log then has. */
  write(deed: Deed): Promise<boolean>;
  list(query: AuditQuery): Promise<readonly AuditRow[]>;
  verify(): Promise<AuditVerdict | AuditUnread>;
}
