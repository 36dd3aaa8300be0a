/** Texts for property tests: the characters that matter, instead of a table of all of Unicode. */
import fc from 'fast-check';

const characters = [
  'a',
  'Z',
  '0',
  ' ',
  '\n',
  '\t',
  '"',
  "'",
  '\\',
  '/',
  '\u0000',
  '\u001b',
  '\u007f',
].concat(['ä', '€', '𝄞', '\uD800', '\u2028', '\u202e', '\ufffd', '{', '}', ':', '=', '-', '#']);

/** Any text, hostile ones among them. Making the arbitrary `binary` of all of Unicode takes 1 s. */
export const anyText = (limits: fc.StringConstraints = {}): fc.Arbitrary<string> =>
  fc.oneof(fc.string(limits), fc.string({ ...limits, unit: fc.constantFrom(...characters) }));
