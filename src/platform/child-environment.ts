/** What of our environment a child may see. */

/** What the service manager told us is not for children: sd_notify(3), sd_listen_fds(3). */
const oursAlone = /^(NOTIFY_SOCKET|WATCHDOG_|LISTEN_|INVOCATION_ID$|JOURNAL_STREAM$)/;

/** Ours but for that, or the one given; in C.UTF-8, because we read what the child says. */
export function childEnv(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const env: Record<string, string> = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !oursAlone.test(name)) env[name] = value;
  }
  return { ...env, LC_ALL: 'C.UTF-8', SYSTEMD_COLORS: '0', SYSTEMD_PAGER: 'cat' };
}
