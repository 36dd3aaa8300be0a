/** tocsin-relay: the part of tocsin that talks to the network. Builds its parts, then runs. */
import { join } from 'node:path';
import { parseRelayOptions, renderRelayHelp } from './config/options.ts';
import { systemFiles } from './platform/files.ts';
import { stderrLog } from './platform/log.ts';
import { unixHttp } from './platform/unix-http.ts';
import { version } from './platform/version.ts';
import { isRelayNeeded, readRelayConfiguration } from './relay/configuration.ts';
import { systemPorts } from './relay/ports.ts';
import { Relay } from './relay/relay.ts';

/** EX_CONFIG of sysexits.h: systemd must not start us again (RestartPreventExitStatus=). */
const exitConfiguration = 78;
const exitUsage = 2;
/** Of --needed: systemd skips the unit for 1 to 254 (ExecCondition=, systemd.service(5)). */
const exitNotNeeded = 1;

function whenToldToEnd(tied: boolean): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
    if (!tied) return;
    process.stdin.on('error', () => resolve()).once('close', () => resolve());
    process.stdin.once('end', () => resolve()).resume();
  });
}

async function run(): Promise<number> {
  const answer = parseRelayOptions(process.argv.slice(2), process.env);
  if (answer.type === 'usage') {
    console.error(answer.message);
    return exitUsage;
  }
  const { config, mode, runtimeDir, tied } = answer.options;
  if (mode === 'help') console.log(renderRelayHelp());
  if (mode === 'version') console.log(`tocsin-relay ${version} (Node ${process.versions.node})`);
  if (mode === 'help' || mode === 'version') return 0;

  const log = stderrLog(process.env);
  const readConfiguration = () => readRelayConfiguration(systemFiles, config);
  const read = readConfiguration();
  // Settings that are wrong are needed: the start that follows says what is wrong with them.
  if (mode === 'needed')
    return read.type === 'refused' || isRelayNeeded(read.configuration) ? 0 : exitNotNeeded;
  if (read.type === 'refused') {
    for (const complaint of read.complaints) log.error(complaint);
    return exitConfiguration;
  }
  const asked = whenToldToEnd(tied);
  const relay = new Relay({
    ports: systemPorts(process.env),
    log,
    environment: process.env,
    door: unixHttp(join(runtimeDir, 'relay.sock')),
    random: Math.random,
    readConfiguration,
  });
  process.on('SIGHUP', () => void relay.reload());
  await relay.start(read.configuration);
  await asked;
  await relay.stop();
  return 0;
}

process.title = 'tocsin-relay';
try {
  process.exit(await run());
} catch (error) {
  stderrLog(process.env).error(`cannot run: ${(error as Error).stack}`);
  process.exitCode = 1;
}
