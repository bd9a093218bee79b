import { findCodes } from './codes.ts';
import { isCommon, lookUp } from './libraries.ts';
import { isNameTag } from './names.ts';
import { isStopWord, stemsOf } from './sentences.ts';
import { daysOf, figuresOf, readTold, tokensOf, type Told, type Token } from './told.ts';

/** Words that say when, which only the texts themselves can say. */
const WHEN = new Set(['yesterday', 'tomorrow', 'today', 'tonight']);
/** Words of the grammar that are names with a capital. */
const ALSO_NAMES = new Set(['may', 'will']);
/** Letters of an ordinary word that its other forms have too: failed, failure. */
const SHARED = 4;
const LETTERS = /\p{L}{3,}/gu;
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
  const words = summary.toLowerCase().match(LETTERS) ?? [];
  const isTold = (word: string) => text.includes(word.slice(0, TELLING));
  if (!words.some(isTold)) return 'none of its words is in the texts';
  const telling = words.filter((word) => word.length >= TELLING);
  const unknown = telling.filter((word) => !isTold(word));
  return unknown.length * 2 > telling.length
    ? `most of its words are in none of the texts: ${unknown.slice(0, 5).join(', ')}`
    : null;
}

/** A number, also in words, or a day that none of the texts tells; null when there is none. */
function findNewFigure(summary: string, told: Told): string | null {
  const figure = figuresOf(summary).find(({ figure }) => !told.figures.has(figure));
  if (figure !== undefined) return `the figure ${figure.written} is in none of the texts`;
  const day = daysOf(summary).find((each) => !told.days.has(each));
  return day === undefined ? null : `the date ${day} is in none of the texts`;
}

/**
 * A name that none of the texts tells; null when there is none. Whatever has a capital within a sentence counts for one, also
 * what a word list knows as a name or a day however it is written, what machines write, and words that English does not know.
 */
function findNewName(summary: string, told: Told): string | null {
  const code = findCodes(summary).find(({ name }) => !/^[€$£\d]/.test(name) && !told.text.includes(name));
  if (code !== undefined) return `${code.label} is in none of the texts`;
  const tokens = tokensOf(summary);
  const name = tokens.find((token, index) => isNewName(token, tokens[index + 1], summary, told));
  return name === undefined ? null : `the name ${name.word} is in none of the texts`;
}

function isNewName({ word, at }: Token, next: Token | undefined, summary: string, told: Told): boolean {
  const lower = word.toLowerCase();
  if (told.words.has(lower)) return false;
  if (isNameTag(lower) || WHEN.has(lower)) return true;
  const isCapital = /^\p{Lu}/u.test(word);
  if (isStopWord(lower) && !(isCapital && ALSO_NAMES.has(lower))) return false;
  if (isTold(lower, told)) return false;
  if (/.\p{Lu}/u.test(word)) return true;
  if (!isCommon(lower)) return isCapital || isEnglish(told);
  return isCapital && !(opensSentence(summary, at) && !isBareSubject(lower, next));
}

/** Another form of a word that is told; of a name there are none. */
function isTold(lower: string, told: Told): boolean {
  if (told.stems().has(stemsOf([lower])[0] ?? lower)) return true;
  const beginning = lower.slice(0, SHARED);
  return lower.length > SHARED && isCommon(lower) && [...told.words].some((word) => word.startsWith(beginning));
}

const opensSentence = (text: string, at: number) => /(?:^|[.!?\n])[^\p{L}\p{N}:(]*$/u.test(text.slice(0, at));

/** "Rose fixed", but not "Recurring faults": a common noun would have its article, or an s. */
function isBareSubject(lower: string, next: Token | undefined): boolean {
  if (/(?:s|ing)$/.test(lower) || next === undefined) return false;
  const tags = lookUp(next.word.toLowerCase());
  return (
    /^(?:and|or|is|was|has|had|will|did|\p{L}+ed)$/u.test(next.word) ||
    tags.some((tag) => /^(?:Past|Present)Tense$/.test(tag))
  );
}

/** Whether most words of the texts are English: of another language the word list knows none, and says nothing about names. */
function isEnglish({ words }: Told): boolean {
  const long = [...words].filter((word) => word.length > SHARED).slice(0, 200);
  return long.filter(isCommon).length * 2 > long.length;
}
