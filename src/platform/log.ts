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

/**
 * A line that nobody takes (EPIPE) is lost; the daemon goes on. journald refuses a service whose
 * stream would be one too many (4,096: STDOUT_STREAMS_MAX), and it may end.
 */
const ignore = (): void => {};

/**
 * Text that waits in memory because nobody takes it: a journald that hangs, a pipe that is full
 * (Node writes to neither at once). What comes beyond is dropped and counted.
 */
const waitingCharsMax = 256 * 1024;

export function stderrLog(environment: { readonly JOURNAL_STREAM?: string | undefined }): Log {
  const journald = environment.JOURNAL_STREAM !== undefined;
  if (!process.stderr.listeners('error').includes(ignore)) process.stderr.on('error', ignore);
  let dropped = 0;
  const put = (level: number, label: string, line: string): void => {
    process.stderr.write(journald ? `<${level}>${line}\n` : `${label}: ${line}\n`);
  };
  const confess = (): void => {
    put(4, 'warning', `the log was not taken: ${dropped} lines dropped`);
    dropped = 0;
  };
  const write = (level: number, label: string) => (message: string) => {
    if (process.stderr.writableLength > waitingCharsMax) {
      if (dropped === 0) process.stderr.once('drain', confess);
      dropped += 1;
      return;
    }
    // A line break in a unit's name or a peer's text must not begin a forged line.
    put(level, label, message.slice(0, lineLengthMax).replace(/[\r\n]+/g, ' '));
  };
  return {
    error: write(3, 'error'),
    warning: write(4, 'warning'),
    notice: write(5, 'notice'),
    info: write(6, 'info'),
  };
}
