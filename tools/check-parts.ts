/** What `npm run check` consists of: everything that needs no privilege and no container. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeTest, type Part, top } from './parts.ts';

const scripts = (): readonly string[] =>
  globSync(['tools/*', '.ci/*'], { cwd: top }).filter((file) =>
    /^#!.*\bbash\b/.test(readFileSync(join(top, file), 'utf8')),
  );

/** One test may take this long; the slowest of them waits 2 s for a SIGKILL. */
const testMsMax = 30_000;

/** The longest first, so that both processors end at about the same time. */
export const checkParts = (): readonly Part[] => [
  {
    name: 'tests',
    argv: nodeTest(testMsMax, [
      '--test-concurrency=2',
      'src/**/*.test.ts',
      'client/**/*.test.ts',
      'test/*.test.ts',
      'test/daemon/**/*.test.ts',
      'test/simulation/*.test.ts',
    ]),
    tests: true,
  },
  { name: 'types', argv: ['tsc', '--noEmit'] },
  { name: 'lint', argv: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'format', argv: ['biome', 'ci', '.'] },
  { name: 'dependencies', argv: ['node', 'tools/check-dependencies.ts'] },
  { name: 'unused', argv: ['knip', '--no-progress', '--no-config-hints'] },
  { name: 'unused-shipped', argv: ['knip', '--no-progress', '--production', '--include', 'files'] },
  { name: 'shell', argv: ['shellcheck', ...scripts()] },
];
