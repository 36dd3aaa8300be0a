/**
 * The log: lines on standard error. Under systemd each begins with its syslog level (`<4>`), which
 * journald strips and keeps as PRIORITY; elsewhere with the word.
 */

export interface Log {
  error(message: string): void;
  warning(message: string): void;
  notice(message: string): void;
  info(message: string): void;
}

/** A line longer than this is cut: journald splits at 48 KiB, people stop earlier. */
const lineLengthMax = 2000;

export function stderrLog(environment: { readonly JOURNAL_STREAM?: string | undefined }): Log {
  const journald = environment.JOURNAL_STREAM !== undefined;
  const write = (level: number, label: string) => (message: string) => {
    // A line break in a unit's name or a peer's text must not begin a forged line.
    const line = message.slice(0, lineLengthMax).replace(/[\r\n]+/g, ' ');
    process.stderr.write(journald ? `<${level}>${line}\n` : `${label}: ${line}\n`);
  };
  return {
    error: write(3, 'error'),
    warning: write(4, 'warning'),
    notice: write(5, 'notice'),
    info: write(6, 'info'),
  };
}
