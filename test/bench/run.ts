/**
 * `npm run bench [-- --only NAME,… --quick]`: measures, prints a table, writes dist/bench.json.
 * Needs root for the container (detection, burst, idle); the goals are those of issue 2.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAudit, ofAudit } from './audit.ts';
import { measureBacktest, ofBacktest } from './backtest.ts';
import { measureBroadcasts, ofBroadcasts } from './broadcast.ts';
import { measureBareBurst, measureBurst } from './burst.ts';
import { measureCauses, ofCauses } from './cause.ts';
import { measureDeliveries, ofDeliveries } from './delivery.ts';
import { measureDetection } from './detection.ts';
import { measureExposition } from './exposition.ts';
import { measureHistory } from './history-rows.ts';
import { measureIdle } from './idle.ts';
import { type Row, renderTable } from './report.ts';
import { measureRequests, ofRequests } from './requests.ts';
import * as rows from './rows.ts';
import { measureRules } from './rules.ts';
import { measureScst, ofScst } from './scst.ts';
import { measureDisk, measureStore } from './store.ts';

const top = join(import.meta.dirname, '../..');

interface Extent {
  readonly bundle: string;
  readonly quick: boolean;
}

interface Section {
  readonly result: unknown;
  readonly rows: readonly Row[];
}

async function detection({ bundle, quick }: Extent): Promise<Section> {
  const result = await measureDetection(bundle, quick ? 30 : 100);
  return { result, rows: rows.ofDetection(result) };
}

async function burst({ bundle, quick }: Extent): Promise<Section> {
  const result = [];
  for (const units of quick ? [200] : [1000, 5000]) {
    const bare = await measureBareBurst(bundle, units);
    result.push({ bare, tocsin: await measureBurst(bundle, units) });
  }
  return { result, rows: result.flatMap(rows.ofBurst) };
}

async function idle({ bundle, quick }: Extent): Promise<Section> {
  const result = [];
  const [window, settle] = quick ? [15, 5] : [180, 60];
  for (const units of quick ? [60] : [60, 1000, 5000])
    result.push(await measureIdle(bundle, units, window, settle));
  return { result, rows: result.flatMap(rows.ofIdle) };
}

async function rules({ quick }: Extent): Promise<Section> {
  const result = measureRules(quick ? 500 : 5000, quick ? 4 : 20);
  return { result, rows: rows.ofRules(result) };
}

async function cause({ quick }: Extent): Promise<Section> {
  const result = measureCauses(quick ? 1000 : 5000, quick ? 2 : 8);
  return { result, rows: ofCauses(result) };
}

async function exposition({ quick }: Extent): Promise<Section> {
  const result = await measureExposition(5000, quick ? 50 : 500);
  return { result, rows: rows.ofExposition(result) };
}

async function store({ quick }: Extent): Promise<Section> {
  const disk = measureDisk(quick ? 50 : 300);
  const result = [];
  for (const batch of quick ? [1, 100] : [1, 100, 5000])
    result.push(await measureStore(batch, quick ? 0.5 : 3, 5));
  return { result: { disk, store: result }, rows: rows.ofStore(disk, result) };
}

async function delivery({ quick }: Extent): Promise<Section> {
  const result = await measureDeliveries(quick);
  return { result, rows: ofDeliveries(result) };
}

const history = ({ quick }: Extent): Promise<Section> => measureHistory(quick);

async function scst({ quick }: Extent): Promise<Section> {
  const result = [];
  for (const luns of quick ? [10, 100] : [10, 100, 1000, 5000])
    result.push(await measureScst(luns, quick ? 3 : 10));
  return { result, rows: result.flatMap(ofScst) };
}

async function backtest({ quick }: Extent): Promise<Section> {
  const result = await measureBacktest(quick);
  return { result, rows: ofBacktest(result) };
}

async function audit({ quick }: Extent): Promise<Section> {
  const result = await measureAudit(quick ? 10_000 : 100_000);
  return { result, rows: ofAudit(result) };
}

async function requests({ bundle, quick }: Extent): Promise<Section> {
  const result = await measureRequests(bundle, quick);
  return { result, rows: ofRequests(result) };
}

async function broadcast({ bundle, quick }: Extent): Promise<Section> {
  const result = await measureBroadcasts(bundle, quick);
  return { result, rows: ofBroadcasts(result) };
}

const sections = {
  detection,
  burst,
  idle,
  rules,
  cause,
  exposition,
  store,
  delivery,
  history,
  scst,
  backtest,
  audit,
  requests,
  broadcast,
};
type Name = keyof typeof sections;
const isName = (name: string): name is Name => Object.hasOwn(sections, name);

function readArguments(): { readonly names: readonly Name[]; readonly quick: boolean } {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } },
  });
  const all = Object.keys(sections);
  const names = values.only?.split(',') ?? all;
  const unknown = names.filter((name) => !isName(name));
  if (unknown.length > 0) throw new Error(`no part ${unknown.join()}; there are ${all.join()}`);
  return { names: names.filter(isName), quick: values.quick };
}

const { names, quick } = readArguments();
execFileSync(process.execPath, [join(top, 'tools/build.ts')], { stdio: 'inherit' });
const machine = {
  processors: cpus().length,
  model: cpus()[0]?.model ?? 'unknown',
  memoryMb: Math.round(totalmem() / 1e6),
  kernel: release(),
  node: process.versions.node,
  date: new Date().toISOString(),
};
const results: Record<string, unknown> = {};
const table: Row[] = [];
for (const name of names) {
  const load = (loadavg()[0] ?? 0).toFixed(1);
  console.error(`bench: ${name} (load ${load})`);
  const section = await sections[name]({ bundle: join(top, 'dist'), quick });
  results[name] = { load: loadavg(), result: section.result };
  table.push({ what: `-- ${name}`, value: `load average ${load} at its begin` }, ...section.rows);
}
mkdirSync(join(top, 'dist'), { recursive: true });
const report = { machine, quick, ...results };
writeFileSync(join(top, 'dist/bench.json'), `${JSON.stringify(report, null, 2)}\n`);
console.log(renderTable(table));
console.log(`\n${machine.processors} × ${machine.model}, Linux ${machine.kernel}, ${machine.date}`);
