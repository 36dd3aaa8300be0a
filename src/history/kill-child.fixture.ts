/** Child of the SIGKILL test: records as fast as it can, and says which tick was answered. */
import { writeSync } from 'node:fs';
import { createHistory } from './client.ts';
import { limits, name, start, tickOf } from './history.fixture.ts';
import { raw } from './tiers.ts';

const history = createHistory(String(process.argv[2]), { limits: () => limits, now: () => start });
const others = Array.from({ length: 100 }, (_, n) => [`other-${n}`, n] as const);

for (let n = Number(process.argv[3]); ; n++) {
  const tick = tickOf(start + n * raw.step, { ...Object.fromEntries(others), [name.id]: n });
  await history.record(tick);
  // Written at once: what the parent has read was stored before.
  writeSync(1, `${n}\n`);
}
