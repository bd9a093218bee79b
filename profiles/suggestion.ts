/** `; did you mean "path"?`, or nothing when no known word is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const [best] = known
    .map((candidate) => ({ candidate, steps: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, steps }) => steps <= Math.max(1, Math.floor(Math.min(word.length, candidate.length) / 3)))
    .sort((a, b) => a.steps - b.steps);
  return best ? `; did you mean "${best.candidate}"?` : '';
}

/** Edits between two words (Levenshtein, a swap of neighbours counts as one). Long words are not compared. */
function distance(a: string, b: string): number {
  if (Math.max(a.length, b.length) > 64) return Infinity;
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) rows.push(nextRow(rows, a, b, i));
  return rows[a.length]?.[b.length] ?? Infinity;
}

function nextRow(rows: readonly number[][], a: string, b: string, i: number): number[] {
  const at = (row: number, column: number) => rows[row]?.[column] ?? Infinity;
  const row = [i];
  for (let j = 1; j <= b.length; j++) {
    const change = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
    const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
    row.push(
      Math.min(change, at(i - 1, j) + 1, (row[j - 1] ?? Infinity) + 1, swapped ? at(i - 2, j - 2) + 1 : Infinity),
    );
  }
  return row;
}
