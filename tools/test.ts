/**
 * `make test`: the checks, then whole daemons on captured machines, simulated days, and the tests on
 * a real systemd in a container, one after the other because they measure time. The last line is `N passed, N failed`.
 */
import { checkParts } from './check-parts.ts';
import { conclude, nodeTest, type Part, runParts } from './parts.ts';

/** One system test may take this long: 10,000 runs of a unit are the longest. */
const testMsMax = 15 * 60_000;

const base: Part = { name: 'container', argv: ['tools/base'], limitMs: 10 * 60_000 };
/** Whole daemons on captured machines, and programs beside them: minutes of processor time. */
const appliance: Part = {
  name: 'appliance',
  argv: nodeTest(2 * 60_000, ['test/appliance/**/*.test.ts']),
  tests: true,
};

/** Simulated days from seeds: only processor time. */
const simulation: Part = {
  name: 'simulation',
  argv: nodeTest(10 * 60_000, ['test/simulation/long/*.test.ts']),
  tests: true,
  limitMs: 15 * 60_000,
};

/** Hostile inputs with a fixed seed on everything that takes something from outside. */
const fuzz: Part = {
  name: 'fuzz',
  argv: nodeTest(60_000, ['test/fuzz/*.test.ts']),
  tests: true,
};

const system: Part = {
  name: 'system',
  argv: nodeTest(testMsMax, ['--test-concurrency=1', 'test/system/**/*.test.ts']),
  tests: true,
  live: true,
  limitMs: 50 * 60_000,
};

// The container's base mostly waits for a mirror: it is made while the checks run.
const checks = await runParts([...checkParts(), base]);
conclude([...checks, ...(await runParts([appliance, simulation, fuzz, system], 1))]);
