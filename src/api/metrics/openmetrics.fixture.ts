/**
 * For tests: a strict reader of OpenMetrics text (specification 1.0, "ABNF" and "MetricFamily"),
 * because promtool reads the older format only. It complains of whatever the specification does
 * not allow an exposer to write.
 */

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ReadFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
  readonly samples: readonly ReadSample[];
}

const metadata = /^# (HELP|TYPE|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/s;
const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s;
const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/s;
const number = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]Inf|NaN)$/i;
const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

const unescaped = (text: string): string =>
  text.replace(/\\(.)/gs, (_, one: string) => (one === 'n' ? '\n' : one));

const toNumber = (text: string): number =>
  Number(text.replace('+Inf', 'Infinity').replace('-Inf', '-Infinity'));

function parseLabels(text: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== ''; ) {
    const match = label.exec(rest);
    if (match === null) throw new Error(`labels: ${rest}`);
    const [all, name = '', value = '', comma] = match;
    if (Object.hasOwn(labels, name)) throw new Error(`label ${name} is there twice`);
    rest = rest.slice(all.length);
    if (comma === ',' && rest === '') throw new Error('a comma with nothing behind');
    labels[name] = unescaped(value);
  }
  return labels;
}

interface Growing {
  readonly name: string;
  type: string | undefined;
  help: string | undefined;
  unit: string | undefined;
  readonly samples: ReadSample[];
}

function describe(family: Growing, word: string, text: string): void {
  if (family.samples.length > 0) throw new Error(`${family.name}: # ${word} behind its samples`);
  const key = word.toLowerCase() as 'help' | 'type' | 'unit';
  if (family[key] !== undefined) throw new Error(`${family.name}: # ${word} twice`);
  family[key] = key === 'help' ? unescaped(text) : text;
}

function checkHistogram(name: string, samples: readonly ReadSample[]): void {
  const bySeries = Map.groupBy(samples, ({ labels }) =>
    JSON.stringify({ ...labels, le: undefined }),
  );
  for (const series of bySeries.values()) {
    const buckets = series.filter((one) => one.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => labels.le ?? '');
    const rising = buckets.every((one, i) => {
      const before = buckets[i - 1];
      if (before === undefined) return true;
      const isWider = toNumber(one.labels.le ?? '') > toNumber(before.labels.le ?? '');
      return isWider && one.value >= before.value;
    });
    const count = series.find((one) => one.name === `${name}_count`)?.value;
    if (!rising || bounds.at(-1) !== '+Inf') throw new Error(`${name}: buckets ${bounds.join()}`);
    if (count !== buckets.at(-1)?.value) throw new Error(`${name}: _count is not the last bucket`);
    if (bounds.some((bound) => /^\d+$/.test(bound))) throw new Error(`${name}: le without a point`);
  }
}

function finish({ name, type = 'unknown', help = '', unit = '', samples }: Growing): ReadFamily {
  const allowed = suffixes[type];
  if (allowed === undefined) throw new Error(`${name}: type ${type}`);
  for (const one of samples) {
    if (!allowed.some((suffix) => one.name === `${name}${suffix}`))
      throw new Error(`${one.name} is no sample of the ${type} ${name}`);
    if (type !== 'gauge' && !(one.value >= 0)) throw new Error(`${one.name} is ${one.value}`);
  }
  const series = samples.map(({ name: of, labels }) => JSON.stringify([of, labels]));
  if (new Set(series).size < series.length) throw new Error(`${name}: a series is there twice`);
  if (unit !== '' && !name.endsWith(`_${unit}`)) throw new Error(`${name} does not end in ${unit}`);
  if (type === 'histogram') checkHistogram(name, samples);
  return { name, type, help, unit, samples };
}

/** Throws with what is wrong. */
export function readOpenMetrics(text: string): readonly ReadFamily[] {
  if (!text.endsWith('# EOF\n')) throw new Error('it does not end in # EOF');
  const families: Growing[] = [];
  for (const line of text.slice(0, -'# EOF\n'.length).split('\n').slice(0, -1)) {
    const told = metadata.exec(line);
    if (told !== null) {
      const [, word = '', name = '', rest = ''] = told;
      if (families.at(-1)?.name !== name) {
        if (families.some((one) => one.name === name)) throw new Error(`${name} is in two pieces`);
        const blank = { type: undefined, help: undefined, unit: undefined };
        families.push({ name, ...blank, samples: [] });
      }
      const family = families.at(-1);
      if (family !== undefined) describe(family, word, rest);
      continue;
    }
    const [all, name = '', labels = '', value = ''] = sample.exec(line) ?? [];
    if (all === undefined || !number.test(value)) throw new Error(`no sample: ${line}`);
    families.at(-1)?.samples.push({ name, labels: parseLabels(labels), value: toNumber(value) });
  }
  return families.map(finish);
}
