/** Ids of alerts as people give them: whole, or a beginning or end that is unique. */
import type { Api } from '../api.ts';
import { Stop } from '../exit.ts';
import { plainLine } from '../output/text.ts';
import type { AlertView } from '../views.ts';

/** A ULID. */
const wholeId = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const partOfId = /^[0-9A-Z]{3,25}$/;
/** Alerts of the past that a part of an id is looked for in, the newest. */
const resolvedMax = 2000;
const candidatesMax = 10;

const ends = (part: string) => (alert: AlertView) =>
  alert.id.startsWith(part) || alert.id.endsWith(part);

/** Finds the whole ids of several, and reads the lists at most once. */
export function createIdFinder(api: Api): (given: string) => Promise<string> {
  const read = (phase: string[], limit?: number) =>
    api.list('alert.list', { phase }, limit).then(({ rows }) => rows);
  let active: Promise<readonly AlertView[]> | undefined;
  let resolved: Promise<readonly AlertView[]> | undefined;
  return async (given) => {
    const part = given.toUpperCase();
    if (wholeId.test(part)) return part;
    if (!partOfId.test(part))
      throw new Stop('usage', `${given}: no id of an alert, nor 3 characters of one`);
    active ??= read(['firing', 'pending']);
    let found = (await active).filter(ends(part));
    if (found.length === 0) {
      resolved ??= read(['resolved'], resolvedMax);
      found = (await resolved).filter(ends(part));
    }
    const [only] = found;
    if (only === undefined)
      throw new Stop('unknown', `there is no alert whose id begins or ends with ${given}`);
    if (found.length === 1) return only.id;
    const shown = found
      .slice(0, candidatesMax)
      .map(({ id, title }) => `  ${id}  ${plainLine(title)}`);
    const others =
      found.length > candidatesMax ? [`  and ${found.length - candidatesMax} more`] : [];
    const all = [`${given} can mean ${found.length} alerts:`, ...shown, ...others];
    throw new Stop('usage', all.join('\n'));
  };
}
