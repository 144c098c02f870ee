/** The known word that a mistyped one is most like; undefined where none is near. Letters' case, `-` and `_` make no difference. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[-_ ]/g, '');
  const [first] = known.map((candidate) => ({ candidate, distance: distance(plain(word), plain(candidate)) })).sort((a, b) => a.distance - b.distance);
  return first !== undefined && first.distance <= Math.max(1, Math.floor(word.length / 4)) ? first.candidate : undefined;
}

/** How many letters must be put in, taken out or changed (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of from.slice(0, 100).split('').entries()) {
    const next = [index + 1];
    for (let at = 1; at <= to.length; at += 1) next.push(Math.min((row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1, (row[at - 1] ?? 0) + (letter === to[at - 1] ? 0 : 1)));
    row = next;
  }
  return row[to.length] ?? 0;
}
