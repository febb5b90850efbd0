// "Did you mean": the known words nearest to a mistyped one.

/**
 * Known words that begin with `word`; where there are none, those at most two slips away (one, if it is short). At most
 * three. Capitals are no slips.
 */
export function nearest(typed: string, known: readonly string[]): readonly string[] {
  const word = typed.toLowerCase();
  const begun = known.filter((candidate) => word.length > 2 && candidate.startsWith(word));
  const most = word.length <= 3 ? 1 : 2;
  const scored = [...new Set(begun.length > 0 ? begun : known)]
    .map((candidate) => ({ candidate, slips: distance(word, candidate) }))
    .filter(({ candidate, slips }) => slips <= most || (word.length > 1 && candidate.startsWith(word)));
  scored.sort((a, b) => a.slips - b.slips || a.candidate.localeCompare(b.candidate));
  return scored.slice(0, 3).map(({ candidate }) => candidate);
}

/** The sentence to append to an error, empty where nothing is near. */
export function didYouMean(word: string, known: readonly string[], prefix = ''): string {
  const near = nearest(word, known);
  return near.length === 0 ? '' : `; did you mean ${near.map((name) => `${prefix}${name}`).join(', ')}?`;
}

/** Edits (insert, delete, replace, swap of neighbours) from `a` to `b`: optimal string alignment. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      next.push(best);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
