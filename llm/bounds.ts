import { findNewFigure, findNewName } from './inventions.ts';
import { readTold, type Told } from './told.ts';

/** The value, moved to within `most` of the stand-in's: however a model was talked into it, it gets no farther. */
export function bounded(value: number, standIn: number, most: number): number {
  return Math.min(standIn + most, Math.max(standIn - most, value));
}

const WORD = /\p{L}{3,}/gu;
/** Shorter words are the language's own and say little of where a sentence comes from. */
const TELLING = 5;

/**
 * Why a summary cannot be of these texts, as a sentence for who wrote it: one of its parts has a figure, a date or a name that
 * none of them tells, no word of theirs, or more than half of its words of five letters and more (by their first five) are in
 * none. Null when it may be of them.
 */
export function findInvention(parts: readonly string[], texts: readonly string[]): string | null {
  const told = readTold(texts);
  const said = parts.filter((part) => part.trim() !== '');
  for (const find of [findNewFigure, findForeignWords, findNewName])
    for (const part of said) {
      const problem = find(part, told);
      if (problem !== null) return problem;
    }
  return null;
}

function findForeignWords(summary: string, { text }: Told): string | null {
  const words = summary.toLowerCase().match(WORD) ?? [];
  const isTold = (word: string) => text.includes(word.slice(0, TELLING));
  if (!words.some(isTold)) return 'none of its words is in the texts';
  const telling = words.filter((word) => word.length >= TELLING);
  const unknown = telling.filter((word) => !isTold(word));
  return unknown.length * 2 > telling.length
    ? `most of its words are in none of the texts: ${unknown.slice(0, 5).join(', ')}`
    : null;
}
