import { findCodes } from './codes.ts';
import { isCommon, lookUp } from './models.ts';
import { isNameTag } from './names.ts';
import { isStopWord, stemsOf } from './text.ts';
import { daysOf, figuresOf, tokensOf, type Told, type Token } from './told.ts';

/** Words that say when, which only the texts themselves can say. */
const WHEN = new Set(['yesterday', 'tomorrow', 'today', 'tonight']);
/** Words of the grammar that are names with a capital. */
const ALSO_NAMES = new Set(['may', 'will']);
/** Letters of an ordinary word that its other forms have too: failed, failure. */
const SHARED = 4;

/** A number, also in words, or a day that none of the texts tells; null when there is none. */
export function findNewFigure(summary: string, told: Told): string | null {
  const figure = figuresOf(summary).find(({ figure }) => !told.figures.has(figure));
  if (figure !== undefined) return `the figure ${figure.written} is in none of the texts`;
  const day = daysOf(summary).find((each) => !told.days.has(each));
  return day === undefined ? null : `the date ${day} is in none of the texts`;
}

/**
 * A name that none of the texts tells; null when there is none. Whatever has a capital within a sentence counts for one, also
 * what a word list knows as a name or a day however it is written, what machines write, and words that English does not know.
 */
export function findNewName(summary: string, told: Told): string | null {
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
