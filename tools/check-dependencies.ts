/**
 * Holds src/ and client/ to the table of who may import whom (.dependency-cruiser.cjs), and makes sure that
 * every file was seen: a parser that understands nothing also finds nothing wrong.
 *
 * `node tools/check-dependencies.ts [ROOT]`
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join, resolve } from 'node:path';

const top = resolve(import.meta.dirname, '..');
const root = resolve(process.argv[2] ?? top);

/** The part of dependency-cruiser's JSON that is read here. */
interface Cruise {
  readonly modules: readonly {
    readonly source: string;
    readonly dependencies: readonly { readonly resolved: string }[];
  }[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
      readonly comment?: string;
      readonly cycle?: readonly { readonly name: string }[];
    }[];
  };
}

const cruiser = join(top, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
const config = join(top, '.dependency-cruiser.cjs');
// A test plants a house without a client.
const folders = ['src', 'client'].filter((folder) => existsSync(join(root, folder)));
const { stdout, stderr } = spawnSync(
  process.execPath,
  [cruiser, '--config', config, '--output-type', 'json', ...folders],
  { cwd: root, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
);
if (stdout === '') {
  console.error(`dependency-cruiser said nothing: ${stderr}`);
  process.exit(1);
}
const { modules, summary } = JSON.parse(stdout) as Cruise;

const seen = new Set(modules.map((module) => module.source));
const unseen = globSync(['src/**/*.ts', 'client/**/*.ts'], { cwd: root }).filter(
  (file) => !seen.has(file),
);
const imports = modules.flatMap((module) => module.dependencies).length;

for (const file of unseen) console.error(`${file}: not seen by dependency-cruiser`);
for (const { from, to, rule, cycle } of summary.violations) {
  const way = cycle === undefined ? to : cycle.map(({ name }) => name).join(' -> ');
  console.error(`${rule.name}: ${from} -> ${way}`);
}
console.log(`${seen.size} modules, ${imports} imports, ${summary.violations.length} violations`);
if (unseen.length > 0 || imports === 0 || summary.violations.length > 0) process.exit(1);
