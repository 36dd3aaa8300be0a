/** Who asks. */

export type Role = 'none' | 'viewer' | 'operator' | 'admin';

const rank: Readonly<Record<string, number>> = { none: 0, viewer: 1, operator: 2, admin: 3 };

/**
 * Whether who has `held` may do all that who has `needed` may do. What is no role of ours, as it
 * may stand in the database of a later version, gives nothing.
 */
export const isEnough = (held: string, needed: string): boolean =>
  (rank[held] ?? 0) >= (rank[needed] ?? Number.POSITIVE_INFINITY);

/** What somebody showed at the door, where it can be taken back: then their streams end. */
export interface Login {
  readonly type: 'token' | 'session';
  readonly id: string;
  /** SHA-256 of the token's secret that was shown: each of the two can end by itself. */
  readonly digest?: string;
}

/** Who asks, as the door found out: never what the caller says of itself. */
export interface Caller {
  readonly role: Role;
  /** For records: `uid:0`, `token:dev`. */
  readonly name: string;
  /** How they came in: `local`, `api`, `listen`, `dbus`; left out where it was no door. */
  readonly door?: string;
  /** Which of the callers of this name, where the door knows more: a bus name such as `:1.42`. */
  readonly client?: string;
  readonly login?: Login;
}
