/** Settings that several channels have, and the secrets that some of them name. */
import { listOf, type SecretPlace, type Setting, secret, toggle, word } from '../config/readers.ts';
import type { Outcome } from '../domain/message.ts';
import type { SecretSource, Secrets } from '../platform/secrets.ts';

/** A text that may be a secret: written as it is, or the place where it is. */
export type MaybeSecret = string | SecretPlace;

interface Expected {
  readonly expects: string;
  readonly fits: (text: string) => boolean;
}

function openOrSecret(help: string, { expects, fits }: Expected): Setting<MaybeSecret> {
  const place = secret(help);
  return {
    default: '',
    help: `${help} Where it is a secret, it is given as { credential: NAME } or { file: /PATH }.`,
    expects: `${expects}, or { credential: NAME } or { file: /PATH }`,
    spelled: '""',
    read: (given) => {
      if (typeof given === 'string') return fits(given) ? { value: given } : undefined;
      const read = place.read(given);
      return read?.value ? { value: read.value } : undefined;
    },
  };
}

export const isHttpUrl = (text: string): boolean =>
  /^https?:\/\/[^\s\p{Cc}]{1,2000}$/iu.test(text) && URL.canParse(text);

/** A URL that can hold a secret in its path, as those of Slack do. */
export const address = (help: string): Setting<MaybeSecret> =>
  openOrSecret(help, { expects: 'a URL such as https://host/path', fits: isHttpUrl });

/** A name that can be as good as a password, as a topic of ntfy is. */
export const secretWord = (help: string): Setting<MaybeSecret> =>
  openOrSecret(help, {
    expects: 'letters, digits, - and _',
    fits: (text) => /^[A-Za-z0-9_-]{1,64}$/.test(text),
  });

/** A URL that is no secret, or nothing. */
export const openAddress = (value: string, help: string, example: string): Setting<string> =>
  word(value, help, {
    pattern: /^https?:\/\/[^\s\p{Cc}]{1,500}$/iu,
    expects: `a URL such as ${example}`,
  });

export const pageSetting = openAddress(
  '',
  "URL of tocsin's web page, as the readers of this channel reach it; none: messages hold no link.",
  'https://box.example.net/',
);

export const caFileSetting = word(
  '',
  'PEM file of the authorities to trust here, and no others; none: those of this machine (/etc/ssl/certs).',
  { pattern: /^\/[^\p{Cc}]+$/u, expects: 'the absolute path of a file' },
);

export const linkLocalSetting = toggle(
  false,
  'Whether link-local addresses (169.254.0.0/16, fe80::/10) may be reached: there clouds hand out credentials of the machine. Private addresses (10.0.0.0/8, 192.168.0.0/16, …) always may.',
);

/** A list of different texts: at least one, at most so many. */
export function someTexts(
  help: string,
  { max, expects, fits }: Expected & { readonly max: number },
): Setting<readonly string[]> {
  const list = listOf(
    help,
    `a list of 1 to ${max} ${expects}`,
    (given) => (typeof given === 'string' && fits(given) ? given : undefined),
    (one) => one,
  );
  return {
    ...list,
    read: (given) => {
      const read = list.read(given);
      const length = read?.value.length ?? 0;
      return length > 0 && length <= max ? read : undefined;
    },
  };
}

/** The secret, or the outcome of not having it: tried again, because it can be put there. */
export function readSecret(
  secrets: Secrets,
  source: SecretSource,
  name: string,
): { readonly text: string } | { readonly missing: Outcome } {
  const answer = secrets.read(source);
  if (answer.type === 'secret') return { text: answer.text };
  return { missing: { type: 'retry', why: `${name}: ${answer.why}`, maybe: false } };
}

export function readMaybeSecret(
  secrets: Secrets,
  given: MaybeSecret,
  name: string,
): { readonly text: string } | { readonly missing: Outcome } {
  return typeof given === 'string' ? { text: given } : readSecret(secrets, given, name);
}
