/** All checks, in the order in which they are told: what others depend on comes first. */
import { version } from '../../platform/version.ts';
import { accountsCheck, answerCheck, permissionsCheck } from './access.ts';
import { busFilesCheck, busNameCheck, polkitCheck } from './bus.ts';
import type { Check } from './check.ts';
import { type Finding, Unseen, unknown } from './finding.ts';
import type { Scene } from './scene.ts';
import { rulesCheck, settingsCheck, sourcesCheck } from './sight.ts';
import { clockCheck, databaseCheck, diskCheck, versionsCheck } from './storage.ts';
import { channelsCheck, credentialsCheck, relayCheck, somebodyCheck } from './telling.ts';
import { serviceCheck, socketsCheck, systemdCheck } from './units.ts';
import { nginxCheck, webSocketCheck } from './web.ts';

export const checks: readonly Check[] = [
  systemdCheck,
  serviceCheck,
  socketsCheck,
  answerCheck,
  versionsCheck(version),
  settingsCheck,
  rulesCheck,
  sourcesCheck,
  databaseCheck,
  diskCheck,
  clockCheck,
  accountsCheck,
  permissionsCheck,
  credentialsCheck,
  relayCheck,
  channelsCheck,
  somebodyCheck,
  busNameCheck,
  busFilesCheck,
  polkitCheck,
  webSocketCheck,
  nginxCheck,
];

const isForbidden = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');

export interface CheckedFinding extends Finding {
  readonly check: string;
}

/** One check never keeps the others from being told. */
async function runCheck({ name, look }: Check, scene: Scene): Promise<readonly CheckedFinding[]> {
  try {
    return (await look(scene)).map((finding) => ({ check: name, ...finding }));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const isOurs = !(error instanceof Unseen) && !isForbidden(error);
    const what = isOurs ? `a fault of this check: ${said}` : said;
    return [{ check: name, ...unknown(what) }];
  }
}

/** A question on local.sock starts a daemon that does not run: by then this must have been seen. */
const before = [systemdCheck, serviceCheck, socketsCheck];

export async function runChecks(scene: Scene): Promise<readonly CheckedFinding[]> {
  const found: CheckedFinding[] = [];
  for (const check of before) found.push(...(await runCheck(check, scene)));
  const others = checks.filter((check) => !before.includes(check));
  const later = await Promise.all(others.map((check) => runCheck(check, scene)));
  return [...found, ...later.flat()];
}
