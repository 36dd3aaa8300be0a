/**
 * A page of metrics in Prometheus' text format 0.0.4 or in OpenMetrics 1.0
 * (prometheus/docs, exposition_formats.md; prometheus/OpenMetrics, specification 1.0).
 */
import type { Histogram } from '../../domain/histogram.ts';
import type { Family } from './family.ts';

export type Format = 'text' | 'openmetrics';

export const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };
const escaped = (text: string): string => text.replace(/[\\"\n]/g, (one) => escapes[one] ?? one);

/** Longer ones come from nowhere a name comes from; their series are left out and counted. */
export const labelCharactersMax = 1024;

/** `name="value"`; undefined when the value is too long. */
export function renderLabel(name: string, value: string): string | undefined {
  if (value.length > labelCharactersMax) return undefined;
  // Most names need neither; both looks cost more than this one.
  if (/^[ !#-[\]-~]*$/.test(value)) return `${name}="${value}"`;
  return `${name}="${escaped(value.toWellFormed())}"`;
}

/** Several, with commas; undefined when one is too long. */
export function renderLabels(labels: Readonly<Record<string, string>>): string | undefined {
  const parts = Object.entries(labels).map(([name, value]) => renderLabel(name, value));
  return parts.includes(undefined) ? undefined : parts.join(',');
}

export function renderNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** The value of `le`: OpenMetrics wants the same text for the same number, `1.0` for 1. */
const renderBound = (bound: number, format: Format): string =>
  format === 'openmetrics' && Number.isInteger(bound) ? `${bound}.0` : renderNumber(bound);

export class Page {
  readonly #format: Format;
  readonly #seriesMax: number;
  /** Text that is ready, in pieces of many lines, and the lines since. */
  readonly #pieces: string[] = [];
  #lines: string[] = [];
  #series = 0;
  #dropped = 0;
  #family: Family | undefined;
  #isBegun = false;

  constructor(format: Format, seriesMax: number) {
    this.#format = format;
    this.#seriesMax = seriesMax;
  }

  /** Series on it so far. */
  get series(): number {
    return this.#series;
  }

  /** Series that were left out because there are too many, or because a label is too long. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The samples that follow belong to it. Without one it leaves nothing on the page. */
  begin(family: Family): void {
    this.#family = family;
    this.#isBegun = false;
  }

  /** `labels` as renderLabels gives them. */
  add(labels: string | undefined, value: number): void {
    if (this.#family === undefined) return;
    this.#line(this.#family.name, labels, renderNumber(value));
  }

  /** A number without labels that is told also when the page is full. */
  addAlways(value: number): void {
    if (this.#family === undefined) return;
    if (!this.#isBegun) this.#head();
    this.#lines.push(`${this.#family.name} ${renderNumber(value)}`);
  }

  addHistogram(labels: string, { bounds, counts, sum }: Histogram): void {
    const { name = '' } = this.#family ?? {};
    const before = labels === '' ? '' : `${labels},`;
    let total = 0;
    for (const [i, count] of counts.entries()) {
      total += count;
      const bound = renderBound(bounds[i] ?? Number.POSITIVE_INFINITY, this.#format);
      this.#line(`${name}_bucket`, `${before}le="${bound}"`, String(total));
    }
    this.#line(`${name}_sum`, labels, renderNumber(sum));
    this.#line(`${name}_count`, labels, String(total));
  }

  /** Joins the lines so far. Left to the end of a large page it would be work of its own. */
  settle(): void {
    if (this.#lines.length > 0) this.#pieces.push(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
  }

  render(): string {
    this.settle();
    return this.#pieces.join('') + (this.#format === 'openmetrics' ? '# EOF\n' : '');
  }

  #line(name: string, labels: string | undefined, value: string): void {
    if (labels === undefined || this.#series >= this.#seriesMax) {
      this.#dropped += 1;
      return;
    }
    if (!this.#isBegun) this.#head();
    this.#series += 1;
    this.#lines.push(labels === '' ? `${name} ${value}` : `${name}{${labels}} ${value}`);
  }

  #head(): void {
    this.#isBegun = true;
    if (this.#family === undefined) return;
    const { name, type, unit, help } = this.#family;
    if (this.#format === 'text') {
      const line = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
      this.#lines.push(`# HELP ${name} ${line}`, `# TYPE ${name} ${type}`);
      return;
    }
    // There a counter's family has no `_total`; only its samples have.
    const family = type === 'counter' ? name.replace(/_total$/, '') : name;
    this.#lines.push(`# HELP ${family} ${escaped(help)}`, `# TYPE ${family} ${type}`);
    if (unit !== undefined) this.#lines.push(`# UNIT ${family} ${unit}`);
  }
}
