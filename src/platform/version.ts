/** Which tocsin this is: tools/build.ts writes it into the bundle; a checkout asks package.json. */
import { createRequire } from 'node:module';

declare const TOCSIN_VERSION: string | undefined;

function checkoutVersion(): string {
  const require: (path: string) => { readonly version: string } = createRequire(import.meta.url);
  return require('../../package.json').version;
}

export const version: string =
  typeof TOCSIN_VERSION === 'string' ? TOCSIN_VERSION : checkoutVersion();
