/** `1 alert`, `2 alerts`: words whose plural is made with an s. */
export const plural = (count: number, word: string): string =>
  `${count} ${word}${count === 1 ? '' : 's'}`;
