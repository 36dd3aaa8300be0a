/** A world from a seed, from its beginning to its end. */
import { hours } from '../../src/domain/time.ts';
import { type Report, type Scale, Simulation } from './simulation.ts';
import { startWeather } from './weather.ts';

export async function simulate(length: number, scale: Scale): Promise<Report> {
  const simulation = new Simulation(scale);
  try {
    await simulation.start();
    startWeather(simulation);
    await simulation.pass(hours(length));
    return await simulation.heal();
  } finally {
    simulation.close();
  }
}

/** `node test/simulation/run.ts SEED [COUNT] [HOURS] [RESOURCES]`: many, to find a seed that fails. */
if (process.argv[1] === import.meta.filename) {
  const [first = 1, count = 1, length = 168, resources = 2000] = process.argv.slice(2).map(Number);
  for (let seed = first; seed < first + count; seed++) {
    const began = performance.now();
    const { wrong, reasons, ...rest } = await simulate(length, { seed, resources });
    const took = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`SEED=${seed} ${took} s ${JSON.stringify(rest)}`);
    if (wrong.length > 0) console.log(wrong.slice(0, 8).join('\n').slice(0, 4000));
    else if (count === 1) console.log(Object.fromEntries(reasons));
  }
}
