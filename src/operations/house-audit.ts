/** Who did what through which door. Rows are only added; each holds the hash of the one before. */
import type { AuditQuery, AuditRow, AuditVerdict, Deed } from '../domain/audit.ts';

export type { AuditQuery, AuditRow, AuditVerdict, Deed };

export interface Audit {
  /** Resolves when it is durable; false when it could not be made so, which the log then has. */
  write(deed: Deed): Promise<boolean>;
  list(query: AuditQuery): Promise<readonly AuditRow[]>;
  verify(): Promise<AuditVerdict>;
}
