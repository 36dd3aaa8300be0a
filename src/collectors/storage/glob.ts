/** Patterns of the settings: * stands for any text, slashes included, ? for one character. */

export function createMatcher(patterns: readonly string[]): (text: string) => boolean {
  const spelled = patterns.map((pattern) =>
    pattern
      .replaceAll(/[\\^$.|+(){}[\]]/g, '\\$&')
      .replaceAll(/\*+/g, '.*')
      .replaceAll('?', '.'),
  );
  const expression = new RegExp(`^(?:${spelled.join('|')})$`, 'su');
  return (text) => patterns.length > 0 && expression.test(text);
}
