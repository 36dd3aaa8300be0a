/** What may be said of an address; apart from http.ts, so that nobody loads a client for it. */

/** `host:port` of a URL, which is all that may be said of it: its path can be a secret. */
export function placeOf(url: string): string {
  if (!URL.canParse(url)) return 'no address';
  const { host, hostname, port, protocol } = new URL(url);
  return port === '' ? `${hostname}:${protocol === 'http:' ? 80 : 443}` : host;
}

function originOf(text: string, mark: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  const url = URL.parse(text);
  if (url === null) return mark;
  const { protocol, host, hash, pathname, search, username, password } = url;
  const isBare = pathname.length <= 1 && `${search}${hash}${username}${password}` === '';
  return isBare ? text : `${protocol}//${host}/${mark}`;
}

/** Settings in which only this is left of each address: the path of a webhook is its secret. */
export function originsIn(given: unknown, mark: string): unknown {
  if (typeof given === 'string') return originOf(given, mark);
  if (Array.isArray(given)) return given.map((one) => originsIn(one, mark));
  if (typeof given !== 'object' || given === null) return given;
  const entries = Object.entries(given).map(([key, one]) => [key, originsIn(one, mark)]);
  return Object.fromEntries(entries) as unknown;
}
