/** The value, moved to within `most` of the stand-in's: however a model was talked into it, it gets no farther. */
export function bounded(value: number, standIn: number, most: number): number {
  return Math.min(standIn + most, Math.max(standIn - most, value));
}

const FIGURE = /\d+(?:[.,:/-]\d+)*/g;
const WORD = /\p{L}{3,}/gu;
/** Shorter words are the language's own and say little of where a sentence comes from. */
const TELLING = 5;

/**
 * Why a summary cannot be of these texts, as a sentence for who wrote it: it has a figure that none of them has, no word of
 * theirs, or more than half of its words of five letters and more (by their first five) are in none. Null when it may be.
 */
export function findInvention(summary: string, texts: readonly string[]): string | null {
  const told = texts.join('\n').toLowerCase();
  const figure = summary.match(FIGURE)?.find((each) => !told.includes(each));
  if (figure !== undefined) return `the figure ${figure} is in none of the texts`;
  const words = summary.toLowerCase().match(WORD) ?? [];
  const isTold = (word: string) => told.includes(word.slice(0, TELLING));
  if (!words.some(isTold)) return 'none of its words is in the texts';
  const telling = words.filter((word) => word.length >= TELLING);
  const unknown = telling.filter((word) => !isTold(word));
  return unknown.length * 2 > telling.length
    ? `most of its words are in none of the texts: ${unknown.slice(0, 5).join(', ')}`
    : null;
}
