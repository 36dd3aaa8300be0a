/**
 * `npm run check`: types, lint, format, dependency rules, unused code, shell scripts, and all
 * tests that need no privilege. Part names as arguments select some: `npm run check -- types lint`.
 */
import { checkParts } from './check-parts.ts';
import { conclude, runParts } from './parts.ts';

const wanted = process.argv.slice(2);
conclude(
  await runParts(checkParts().filter((part) => wanted.length === 0 || wanted.includes(part.name))),
);
