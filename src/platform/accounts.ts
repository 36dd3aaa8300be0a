/**
 * Names of users and groups, from /etc/passwd and /etc/group: passwd(5), group(5). The accounts
 * that matter to tocsin are made by systemd-sysusers and are always there.
 */
import { systemFiles } from './files.ts';

/** Rows of colon-separated fields; none when the file cannot be read. */
function rows(path: string): readonly (readonly string[])[] {
  try {
    return (systemFiles.readText(path) ?? '').split('\n').map((line) => line.split(':'));
  } catch {
    return [];
  }
}

/** Only digits count: an empty or `+` field of NIS must not become number 0, which is root. */
const numberOf = (field: string | undefined): number | undefined =>
  field !== undefined && /^\d+$/.test(field) ? Number(field) : undefined;

/** The number of a group, or undefined when there is no such group. */
export function groupId(name: string, path = '/etc/group'): number | undefined {
  return numberOf(rows(path).find((row) => row[0] === name)?.[2]);
}

/** The number of a user, or undefined when there is no such user. */
export function userId(name: string, path = '/etc/passwd'): number | undefined {
  return numberOf(rows(path).find((row) => row[0] === name)?.[2]);
}
