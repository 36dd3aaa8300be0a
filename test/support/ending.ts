/** What must be ended when this process ends (but for SIGKILL, which nobody can catch). */

const endings = new Set<() => void>();

function endAll(): void {
  for (const end of endings) {
    try {
      end();
    } catch {
      // The others must be ended too.
    }
  }
  endings.clear();
}

/** Calls `end` (which must not wait) at exit or at a signal, unless it is taken back before. */
export function endWithProcess(end: () => void): { takeBack(): void } {
  if (!process.listeners('exit').includes(endAll)) {
    process.on('exit', endAll);
    for (const [signal, status] of [
      ['SIGHUP', 129],
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      // Exits by itself, as the signal would have done: 'exit' does the work.
      process.once(signal, () => process.exit(status));
    }
  }
  endings.add(end);
  return { takeBack: () => endings.delete(end) };
}
