/**
 * Writes dist/: the programs as minified ES modules, the addons they load, and the shipped
 * rules. `node tools/build.ts [OUTDIR]`; the same sources give the same bytes.
 *
 * In a bundle TOCSIN_BUNDLE is true: files that a checkout finds beside their source are then
 * beside the bundle (./store-worker.mjs, ./better_sqlite3.node, ./tocsin_native.node).
 */
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { commands } from '../src/cli/commands.ts';
import { completionFiles } from '../src/cli/completion.ts';
import { listBundled, renderBill, renderLicences } from './bill.ts';

const top = resolve(import.meta.dirname, '..');
const out = resolve(top, process.argv[2] ?? 'dist');

const programs = {
  tocsind: 'src/main.ts',
  'tocsin-relay': 'src/relay.ts',
  tocsin: 'src/cli/main.ts',
  'store-worker': 'src/store/worker.ts',
  'history-worker': 'src/history/worker.ts',
  'backtest-worker': 'src/daemon/backtest-worker.ts',
};

/** Compiled parts that packages load when they are there; we ship none of them. */
const external = ['usocket', 'x11', 'bufferutil', 'utf-8-validate'];

/** CommonJS packages inside an ES module still call require. */
const banner =
  "import { createRequire as tocsinRequire } from 'node:module';" +
  'const require = tocsinRequire(import.meta.url);';

function readVersion(): string {
  const text = readFileSync(join(top, 'package.json'), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}

/**
 * Node reads a module with one letter beyond ASCII as text of two bytes a letter, and keeps it: a
 * megabyte of resident memory for the µ of a regular expression in cel-js. esbuild escapes the
 * letters of strings, those of regular expressions are escaped here.
 */
const asciiOnly: Plugin = {
  name: 'ascii-only',
  setup: (building) =>
    building.onLoad({ filter: /node_modules\/@marcbachmann\/cel-js\/.*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(
        /[\u0080-\uffff]/g,
        (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
      ),
    })),
};

/** @hono/node-server tells requests of HTTP/2 apart, which no door of ours speaks. */
const withoutHttp2: Plugin = {
  name: 'without-http2',
  setup: (building) => {
    building.onResolve({ filter: /^node:http2$/ }, ({ path }) => ({
      path,
      namespace: 'without-http2',
    }));
    building.onLoad({ filter: /./, namespace: 'without-http2' }, () => ({
      contents: 'export class Http2ServerRequest {}\nexport const constants = {};\n',
    }));
  },
};

interface Bundles {
  readonly sizes: readonly (readonly [string, number])[];
  /** Every file of which something is in one of them. */
  readonly inputs: readonly string[];
}

async function bundle(): Promise<Bundles> {
  const { metafile } = await build({
    absWorkingDir: top,
    entryPoints: programs,
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    minify: true,
    sourcemap: 'external',
    // The licences themselves are in LICENSES.txt: ./bill.ts.
    legalComments: 'none',
    external,
    plugins: [asciiOnly, withoutHttp2],
    banner: { js: banner },
    define: { TOCSIN_BUNDLE: 'true', TOCSIN_VERSION: JSON.stringify(readVersion()) },
    logLevel: 'warning',
    metafile: true,
  });
  const written = Object.entries(metafile.outputs).filter(([path]) => path.endsWith('.mjs'));
  return {
    sizes: written.map(([path, { bytes }]) => [basename(path), bytes]),
    inputs: written.flatMap(([, output]) =>
      Object.entries(output.inputs).flatMap(([path, part]) =>
        part.bytesInOutput > 0 ? [path] : [],
      ),
    ),
  };
}

/** Beside the old one and not into it: a daemon that runs from dist/ has it mapped. */
function replace(from: string, name: string): void {
  rmSync(join(out, name), { force: true });
  copyFileSync(join(top, from), join(out, name));
}

/** The addon is optional: without a C compiler there is none (tools/build-native says so). */
function copyAddons(): void {
  const sqlite = `node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`;
  replace(sqlite, 'better_sqlite3.node');
  const native = 'build/tocsin_native.node';
  if (existsSync(join(top, native))) replace(native, 'tocsin_native.node');
  else
    console.warn('build: build/tocsin_native.node is missing: no sd_notify, no peer credentials');
}

/** src/collectors/NAME/rules.yaml becomes rules.d/NAME.yaml. */
function copyRules(): number {
  const files = globSync('src/collectors/*/rules.yaml', { cwd: top });
  rmSync(join(out, 'rules.d'), { recursive: true, force: true });
  mkdirSync(join(out, 'rules.d'));
  for (const file of files) {
    replace(file, `rules.d/${basename(dirname(file))}.yaml`);
  }
  return files.length;
}

/** What the package is made of, and under which licences. */
function writeBill(all: readonly string[]): void {
  const bundled = listBundled(all);
  writeFileSync(join(out, 'sbom.cdx.json'), renderBill(readVersion(), bundled));
  writeFileSync(join(out, 'LICENSES.txt'), renderLicences(bundled));
}

/** What the shells complete, from the CLI's own table. */
function writeCompletion(): void {
  mkdirSync(join(out, 'completion'), { recursive: true });
  for (const [name, render] of Object.entries(completionFiles)) {
    writeFileSync(join(out, 'completion', name), `${render(commands)}\n`);
  }
}

// esbuild has said already what is wrong, and where.
const { sizes, inputs } = await bundle().catch(() => process.exit(1));
copyAddons();
const rules = copyRules();
writeCompletion();
writeBill(inputs);
for (const [name, bytes] of sizes) console.log(`${name}  ${(bytes / 1024).toFixed(0)} KiB`);
console.log(`rules.d  ${rules} files`);
