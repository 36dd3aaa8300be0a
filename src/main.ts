/** tocsind: builds everything in order, then runs. */
import { sections as collectorSections, collectors, kinds } from './collectors/registry.ts';
import { parseOptions, renderHelp } from './config/options.ts';
import { type Configuration, readConfiguration } from './daemon/configuration.ts';
import { developmentSecret } from './daemon/credentials.ts';
import { Daemon } from './daemon/daemon.ts';
import { deliverySections } from './delivery/sections.ts';
import { renderComplaint } from './domain/rule.ts';
import { createCalendar } from './platform/calendar.ts';
import { systemClock } from './platform/clock.ts';
import { systemCommand } from './platform/command.ts';
import { systemFiles } from './platform/files.ts';
import { systemFolders } from './platform/folders.ts';
import { systemJournal } from './platform/journal.ts';
import { stderrLog } from './platform/log.ts';
import { createProbes } from './platform/probes.ts';
import { sdNotify } from './platform/sd-notify.ts';
import { SchemaTooNew, StateInUse } from './platform/sqlite/errors.ts';
import { systemBus } from './platform/system-bus.ts';
import { version } from './platform/version.ts';

/** EX_CONFIG of sysexits.h: systemd must not start us again (RestartPreventExitStatus=). */
const exitConfiguration = 78;
const exitUsage = 2;

/**
 * For whoever started it by hand: where to ask. The token is admin's: it goes to a terminal only,
 * because what else takes our output (the journal, a file, a pipe) keeps it and shows it to others.
 */
function invitation(runtimeDir: string, addresses: readonly string[]): string {
  const socket = `${runtimeDir}/local.sock`;
  const url = addresses.at(-1) ?? '';
  return [
    '',
    'tocsin watches this machine. Ask it:',
    `  npm run --silent tocsin -- --socket ${socket} status`,
    `  curl --unix-socket ${socket} http://localhost/api/v1/monitoring/alerts`,
    process.stdout.isTTY
      ? `  ${url}?token=${developmentSecret(runtimeDir)}`
      : `  ${url} (the token is in ${runtimeDir}/token)`,
    '',
  ].join('\n');
}

async function run(): Promise<number> {
  const answer = parseOptions(process.argv.slice(2), process.env);
  if (answer.type === 'usage') {
    console.error(answer.message);
    return exitUsage;
  }
  const { options } = answer;
  if (options.mode === 'help') console.log(renderHelp());
  if (options.mode === 'version') console.log(`tocsind ${version} (Node ${process.versions.node})`);
  if (options.mode === 'help' || options.mode === 'version') return 0;

  const log = stderrLog(process.env);
  const sections = { ...collectorSections, ...deliverySections };
  const read = (): Configuration | undefined => {
    const { configuration, complaints } = readConfiguration(systemFiles, options, kinds, sections);
    for (const one of complaints) {
      if (one.level === 'error') log.error(renderComplaint(one));
      else log.warning(renderComplaint(one));
    }
    const first = complaints.find(({ level }) => level === 'error');
    if (first !== undefined) sdNotify({ STATUS: `cannot run: ${renderComplaint(first)}` });
    return configuration;
  };
  if (options.mode === 'check-config') return read() === undefined ? exitConfiguration : 0;

  const probes = createProbes(systemCommand, systemClock);
  const ports = {
    clock: systemClock,
    files: systemFiles,
    command: systemCommand,
    journal: systemJournal(systemCommand),
    systemBus: systemBus(options.systemBus),
    roots: options.roots,
    probes,
    calendar: createCalendar(probes),
    folders: systemFolders,
  };
  const parts = { options, environment: process.env, collectors, kinds, sections, ports, log };
  const asked = new Promise<number>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(0));
  });
  const daemon = await Daemon.open(parts, read);
  if (daemon === undefined) return exitConfiguration;
  process.on('SIGHUP', () => void daemon.reload('signal'));
  const started = daemon.start().then(() => {
    if (options.listen !== undefined) console.log(invitation(options.runtimeDir, daemon.addresses));
  });
  try {
    await Promise.race([started, asked, daemon.ended]);
    return await Promise.race([asked, daemon.ended]);
  } finally {
    await daemon.stop();
  }
}

process.title = 'tocsind';
try {
  // Everything is written and closed: whatever else still waits must not keep it from ending.
  process.exit(await run());
} catch (error) {
  const log = stderrLog(process.env);
  if (error instanceof SchemaTooNew) {
    log.error(error.message);
    sdNotify({ STATUS: `cannot run: ${error.message}` });
    process.exitCode = exitConfiguration;
  } else if (error instanceof StateInUse) {
    // Status 1: under systemd it is tried again until the other one has ended.
    log.error(`cannot run: ${error.message}`);
    sdNotify({ STATUS: `cannot run: ${error.message}` });
    process.exitCode = 1;
  } else {
    log.error(`cannot run: ${(error as Error).stack}`);
    process.exitCode = 1;
  }
}
