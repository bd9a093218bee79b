/** The value, moved to within `most` of the stand-in's: however a model was talked into it, it gets no farther. */
export function bounded(value: number, standIn: number, most: number): number {
  return Math.min(standIn + most, Math.max(standIn - most, value));
}

const FIGURE = /\d+(?:[.,:/-]\d+)*/g;
const WORD = /\p{L}{5,}/gu;

/**
 * Why a summary cannot be of these texts, as a sentence for who wrote it: it has a figure that none of them has, or more
 * than half of its words (of five letters and more, by their first five) occur in none. Null when it may be.
 */
export function findInvention(summary: string, texts: readonly string[]): string | null {
  const told = texts.join('\n').toLowerCase();
  const figure = summary.match(FIGURE)?.find((each) => !told.includes(each));
  if (figure !== undefined) return `the figure ${figure} is in none of the texts`;
  const words = summary.toLowerCase().match(WORD) ?? [];
  const unknown = words.filter((word) => !told.includes(word.slice(0, 5)));
  return unknown.length * 2 > words.length
    ? `most of its words are in none of the texts: ${unknown.slice(0, 5).join(', ')}`
    : null;
}
