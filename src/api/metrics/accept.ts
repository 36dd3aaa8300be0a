/** Which of the two formats a client would rather have. */
import type { Format } from './page.ts';

interface Wish {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** From 0, never, to 1. */
  readonly weight: number;
}

function parseWish(text: string): Wish {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase());
  const parameters = new Map(
    rest.map((part) => {
      const [name = '', value = ''] = part.split('=', 2);
      return [name.trim(), value.trim().replace(/^"(.*)"$/, '$1')] as const;
    }),
  );
  const weight = Number(parameters.get('q') ?? 1);
  return { type, parameters, weight: weight >= 0 && weight <= 1 ? weight : 0 };
}

const openMetrics = 'application/openmetrics-text';
/** Ours is 1.0.0; 0.0.1 is what the same format was called before. */
const openMetricsVersions: readonly (string | undefined)[] = [undefined, '1.0.0', '0.0.1'];

const heaviest = (wishes: readonly Wish[]): number =>
  wishes.reduce((most, { weight }) => Math.max(most, weight), 0);

/** OpenMetrics for whoever names it and wants it at least as much; the old text for all others. */
export function chooseFormat(accept: string | undefined): Format {
  const wishes = (accept ?? '').split(',').map(parseWish);
  const asked = wishes.filter(
    ({ type, parameters }) =>
      type === openMetrics && openMetricsVersions.includes(parameters.get('version')),
  );
  const text = wishes.filter(({ type }) => type === 'text/plain');
  const weight = heaviest(asked);
  return weight > 0 && weight >= heaviest(text) ? 'openmetrics' : 'text';
}
