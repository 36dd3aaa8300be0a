/**
 * `node test/fuzz/run.ts SEED COUNT [SURFACE…]`: so many inputs on each surface (those that take
 * long get a share), and a line for each. Ends with 1 when something broke.
 */
import { grew, render, tryOut } from './campaign.ts';
import { surfaces } from './surfaces.ts';

const [seedText = '1', countText = '1000', ...names] = process.argv.slice(2);
const seed = Number(seedText);
const count = Number(countText);
const unknown = names.filter((name) => !surfaces.some((surface) => surface.name === name));
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(count) || unknown.length > 0) {
  const known = surfaces.map(({ name }) => name).join(', ');
  console.error(`usage: node test/fuzz/run.ts SEED COUNT [SURFACE…]; surfaces: ${known}`);
  process.exit(2);
}
let total = 0;
let broken = 0;
for (const surface of surfaces) {
  if (names.length > 0 && !names.includes(surface.name)) continue;
  const verdict = await tryOut(surface, seed, count);
  console.log(render(verdict));
  total += verdict.inputs;
  broken += verdict.faults.length + Number(grew(verdict));
}
console.log(`${total} inputs, ${broken} faults; SEED=${seed}`);
process.exit(broken > 0 ? 1 : 0);
