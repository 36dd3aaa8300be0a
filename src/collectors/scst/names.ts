/** Names that SCST makes by itself, and what they mean to us. */

/**
 * copy_manager (EXTENDED COPY inside the machine) always has a target, a session and a LUN for
 * every vdisk. Nobody logs in there and nothing of it is configured: it is left out altogether.
 */
export const ignoredDriver = (driver: string): boolean => driver === 'copy_manager';

/**
 * The module scst_local makes this target when it is loaded, and scstadmin saves it. Without a
 * LUN it exports nothing, so it would only hide that there are no targets; with one it counts.
 */
export const automaticTarget = 'scst_local/scst_local_tgt';

/** `a, b, c and 4 more` */
export function listSome(names: readonly string[], most = 5): string {
  const rest = names.length - most;
  return rest > 0
    ? `${names.slice(0, most).join(', ')} and ${rest} more`
    : names.slice(0, most).join(', ');
}
