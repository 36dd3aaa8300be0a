/** Names of units as systemctl takes them. */

/** systemd.unit(5): what the name of a unit ends with. */
const suffix = /\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;

/** `backup` is backup.service; a path of a mount point or device stays as it is. */
export const unitName = (given: string): string =>
  suffix.test(given) || /[*?[]/.test(given) ? given : `${given}.service`;
