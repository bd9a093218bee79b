import { whitespace } from './text.ts';

/** Letters as Python changes and tells them. */

/** One character, as it stands at the beginning of a word. */
function titled(character: string): string {
  const upper = character.toUpperCase();
  // "ß" becomes "Ss" at the beginning of a word, and "ﬁ" becomes "Fi".
  return Array.from(upper).length > 1 ? upper.charAt(0) + upper.slice(1).toLowerCase() : upper;
}

export function capitalize(text: string): string {
  const [first = '', ...rest] = Array.from(text);
  return titled(first) + rest.join('').toLowerCase();
}

/** Python's `str.title()`: a word is a run of letters, so that "they're" becomes "They'Re". */
export function title(text: string): string {
  return text.replaceAll(/(\p{L})(\p{L}*)/gu, (_, first: string, rest: string) => titled(first) + rest.toLowerCase());
}

/** Jinja's `| title`: a word ends at white space, a dash or an opening bracket. */
export function titleWords(text: string): string {
  return text
    .split(new RegExp(`((?:[-({\\[<]|${whitespace})+)`, 'u'))
    .map((item) => {
      const [first = '', ...rest] = Array.from(item);
      return first.toUpperCase() + rest.join('').toLowerCase();
    })
    .join('');
}

export function swapCase(text: string): string {
  return Array.from(text, (each) => (each === each.toUpperCase() ? each.toLowerCase() : each.toUpperCase())).join('');
}

export function isLower(text: string): boolean {
  return /\p{Lowercase}/u.test(text) && !/\p{Uppercase}|\p{Lt}/u.test(text);
}

export function isUpper(text: string): boolean {
  return /\p{Uppercase}/u.test(text) && !/\p{Lowercase}|\p{Lt}/u.test(text);
}

/** Python's own questions about every character of a text. */
export const questions: Readonly<Record<string, RegExp>> = {
  isalnum: /^[\p{L}\p{N}]+$/u,
  isalpha: /^\p{L}+$/u,
  isascii: /^\p{ASCII}*$/u,
  isspace: new RegExp(`^${whitespace}+$`, 'u'),
};

function edges(characters: string | undefined): (character: string) => boolean {
  if (characters === undefined) {
    const blank = new RegExp(whitespace, 'u');
    return (character) => blank.test(character);
  }
  const set = new Set(characters);
  return (character) => set.has(character);
}

/** Without the given characters, or white space, at its ends. */
export function strip(text: string, characters: string | undefined, side: 'both' | 'left' | 'right'): string {
  const all = Array.from(text);
  const gone = edges(characters);
  const first = side === 'right' ? 0 : all.findIndex((character) => !gone(character));
  const last = side === 'left' ? all.length - 1 : all.findLastIndex((character) => !gone(character));
  return first === -1 || last === -1 ? '' : all.slice(first, last + 1).join('');
}

/** Python's `str.split()`: without a separator at runs of white space. `limit` is negative for all. */
export function split(text: string, separator: string | undefined, limit: number): string[] {
  if (separator === undefined) return splitBlank(text, limit);
  const parts = text.split(separator);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  return [...parts.slice(0, limit), parts.slice(limit).join(separator)];
}

function splitBlank(text: string, limit: number): string[] {
  const words: string[] = [];
  let rest = strip(text, undefined, 'left');
  const blank = new RegExp(`${whitespace}+`, 'u');
  while (rest !== '' && words.length !== limit) {
    const match = blank.exec(rest);
    words.push(rest.slice(0, match?.index ?? rest.length));
    rest = match ? rest.slice(match.index + match[0].length) : '';
  }
  // What the limit leaves keeps its white space at the end.
  return rest === '' ? words : [...words, rest];
}

/** The same from the right. */
export function splitRight(text: string, separator: string | undefined, limit: number): string[] {
  const reversed = (part: string) => Array.from(part).reverse().join('');
  return split(reversed(text), separator === undefined ? undefined : reversed(separator), limit)
    .map(reversed)
    .reverse();
}

const lineBreak = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/u;

export function splitLines(text: string, keepEnds: boolean): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest !== '') {
    const match = lineBreak.exec(rest);
    const end = match ? match.index + match[0].length : rest.length;
    lines.push(rest.slice(0, keepEnds || !match ? end : match.index));
    rest = rest.slice(end);
  }
  return lines;
}
