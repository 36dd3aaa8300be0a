/** The nearest of some names, for complaints that say what was probably meant. */

/** Edits between the two; neighbours that changed places are one, the commonest slip of all. */
function distance(a: string, b: string): number {
  let above: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const bySwap = swapped ? (above[j - 2] ?? 0) + 1 : Infinity;
      const byOther = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      next.push(Math.min(byOther, (row[j - 1] ?? 0) + same, bySwap));
    }
    above = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The candidate with the fewest edits, if few enough to be a slip; undefined otherwise. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const editsMax = Math.max(1, Math.floor(name.length / 3));
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = distance(name.slice(0, 100).toLowerCase(), candidate.slice(0, 100).toLowerCase());
    if (edits <= editsMax && (best === undefined || edits < best.edits))
      best = { name: candidate, edits };
  }
  return best?.name;
}

/** ` (did you mean "enabled"?)`, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = nearest(name, candidates);
  return found === undefined ? '' : ` (did you mean "${found}"?)`;
}
