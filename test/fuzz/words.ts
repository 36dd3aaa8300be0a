/** Names that expressions can call, from the language's own tables. */
import { methods, plainFunctions, windowFunctions } from '../../src/rules/language/functions.ts';

export const functionNames: readonly string[] = [windowFunctions, plainFunctions, methods].flatMap(
  (one) => Object.keys(one),
);
