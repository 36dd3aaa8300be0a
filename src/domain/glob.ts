/**
 * Patterns as the settings have them: those of glob(7), without a special meaning of slashes. *
 * for any text, ? for one character, [a-z] and [!a-z] for one of a set.
 */

export const isPattern = (text: string): boolean => /[*?[]/.test(text);

/** The inside of [ ] as an expression; a set that is none, such as [z-a], fits nothing. */
function setExpression(inside: string): string {
  const set = `[${inside.replace(/^!/, '^').replaceAll('\\', '\\\\')}]`;
  try {
    return new RegExp(set, 'u').source;
  } catch {
    return '[]';
  }
}

function globExpression(glob: string): RegExp {
  let text = '';
  for (let i = 0; i < glob.length; i++) {
    const letter = glob.charAt(i);
    const close = letter === '[' ? glob.indexOf(']', i + 2) : -1;
    if (letter === '*') text += '.*';
    else if (letter === '?') text += '.';
    else if (close > 0) {
      text += setExpression(glob.slice(i + 1, close));
      i = close;
    } else text += letter.replace(/[\\^$.|+(){}[\]]/, '\\$&');
  }
  return new RegExp(`^${text.replaceAll(/(?:\.\*)+/g, '.*')}$`, 'su');
}

/** Does one of the names and patterns fit the whole text? */
export function createMatcher(patterns: readonly string[]): (text: string) => boolean {
  const expressions = patterns.map(globExpression);
  return (text) => expressions.some((expression) => expression.test(text));
}
