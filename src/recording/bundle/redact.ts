/**
 * Takes out of a bundle what is nobody's business outside: secrets that found their way into a
 * text, what an address holds beside its host, mail addresses. What was taken out is counted by
 * sort; a sort that is not listed here is not looked for.
 */

import { originsIn } from '../../platform/place.ts';

export const redactionSorts = [
  'password', // a value behind a name such as password, token, secret
  'credentials', // user and password in an address
  'query', // what stands behind ? in an address
  'path', // a part of an address that looks like a key, as in webhooks
  'token', // a word that looks like a key by itself
  'private-key',
  'mail', // the part before @, but for its first letter
] as const;
export type RedactionSort = (typeof redactionSorts)[number];
export type RedactionCounts = Partial<Record<RedactionSort, number>>;

const gone = '[redacted]';

interface Pattern {
  readonly sort: RedactionSort;
  readonly found: RegExp;
  readonly replace: (whole: string, ...groups: readonly string[]) => string;
}

const secretName =
  '(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|credential|auth(?:orization)?|cookie|session[-_]?id|private[-_]?key|signature)';

/** Letters and digits of at least this length, mixed, are a key and no word. */
const keyLike = (text: string): boolean =>
  text.length >= 16 && /\d/.test(text) && /[A-Za-z]/.test(text);

const redactPath = (path: string): string =>
  path
    .split('/')
    .map((part) => (keyLike(part) ? gone : part))
    .join('/');

/**
 * In this order: what is a part of an address is told as such, and not as a word. Each part that
 * repeats has a bound: without one, a line of 64 kB holds the daemon for a quarter of a minute.
 */
const patterns: readonly Pattern[] = [
  {
    sort: 'private-key',
    found: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    replace: () => gone,
  },
  {
    sort: 'credentials',
    found: /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/"'<>]{1,1000}@/gi,
    replace: (_, scheme = '') => `${scheme}${gone}@`,
  },
  {
    sort: 'query',
    found: /\b(https?:\/\/[^\s?#"'<>]{1,2000})[?#][^\s"'<>]+/gi,
    replace: (_, address = '') => `${address}?${gone}`,
  },
  {
    sort: 'path',
    found: /\b(https?:\/\/[^\s/?#"'<>]+)(\/[^\s?#"'<>]*)/gi,
    replace: (_, origin = '', path = '') => origin + redactPath(path),
  },
  {
    sort: 'password',
    found: new RegExp(
      `(${secretName}["']?\\s{0,8}[=:]\\s{0,8})(?:(?:bearer|basic)\\s{1,8})?("[^"]*"|'[^']*'|[^\\s,;&"']+)`,
      'gi',
    ),
    replace: (_, before = '') => `${before}${gone}`,
  },
  {
    sort: 'password',
    found: /\b((?:bearer|basic)\s{1,8})[\w+/=.~-]{8,}/gi,
    replace: (_, b = '') => b + gone,
  },
  {
    sort: 'password',
    // Of a command line: --password X, -p X is too common to be one.
    found: new RegExp(`(--[\\w-]{0,40}${secretName}\\s{1,8})(?!-)\\S+`, 'gi'),
    replace: (_, before = '') => `${before}${gone}`,
  },
  {
    sort: 'token',
    // JSON web tokens.
    found: /\beyJ[\w-]{8,2000}\.[\w-]{1,4000}\.[\w-]{10,}/g,
    replace: () => gone,
  },
  {
    sort: 'token',
    // The keys of GitHub, GitLab, Slack, ntfy, AWS.
    found: /\b(?:gh[pousr]_|glpat-|xox[abeoprs]-|tk_|AKIA|sk-)[\w-]{10,}/g,
    replace: () => gone,
  },
  {
    sort: 'token',
    // Long, and of small and capital letters and digits: base64 of a key. Hex ids are left.
    found:
      /(?<![\w+/=-])(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])(?=[\w+/-]*\d)[A-Za-z0-9+_-]{32,}={0,2}/g,
    replace: () => gone,
  },
  {
    sort: 'mail',
    found: /\b([\w.%+-])[\w.%+-]{0,63}@([\w-]{1,63}(?:\.[\w-]{1,63})+)\b/g,
    replace: (_, first = '', host = '') => `${first}…@${host}`,
  },
];

export class Redactor {
  readonly counts: RedactionCounts = {};

  text(given: string): string {
    return patterns.reduce((text, { sort, found, replace }) => {
      // Units such as user@1000.service are no addresses.
      return text.replace(found, (whole: string, ...groups: unknown[]) => {
        if (sort === 'mail' && /\.(service|slice|scope|timer|socket|mount)$/.test(whole))
          return whole;
        const texts = groups.filter((one) => typeof one === 'string');
        const replaced = replace(whole, ...texts);
        if (replaced !== whole) this.#count(sort);
        return replaced;
      });
    }, given);
  }

  /** Texts in a value that is to be JSON, and what stands behind a name that says it is secret. */
  value(given: unknown, name = ''): unknown {
    if (typeof given === 'string') return this.#named(name, given);
    if (Array.isArray(given)) return given.map((one) => this.value(one, name));
    if (typeof given !== 'object' || given === null) return given;
    // Where a secret is, is no secret.
    if (isPlace(given)) return this.#place(given);
    const entries = Object.entries(given).map(([key, one]) => [
      this.text(key),
      this.value(one, key),
    ]);
    return Object.fromEntries(entries) as unknown;
  }

  /** Under the same names a label may say something else. */
  #place(given: object): unknown {
    const entries = Object.entries(given).map(([key, one]) => [key, this.text(String(one))]);
    return Object.fromEntries(entries) as unknown;
  }

  #named(name: string, given: string): string {
    if (given === '' || !isSecretName.test(name)) return this.text(given);
    this.#count('password');
    return gone;
  }

  #count(sort: RedactionSort): void {
    this.counts[sort] = (this.counts[sort] ?? 0) + 1;
  }
}

const isSecretName = new RegExp(`^[\\w.-]*${secretName}$`, 'i');

/** `{ credential: NAME }` or `{ file: PATH }`, as settings name secrets. */
function isPlace(given: object): boolean {
  const [entry, more] = Object.entries(given);
  return (
    more === undefined &&
    (entry?.[0] === 'credential' || entry?.[0] === 'file') &&
    typeof entry[1] === 'string'
  );
}

/** Of a setting that is an address, the host alone. */
export const originsOnly = (given: unknown): unknown => originsIn(given, gone);
