import { grammar } from './cue-grammar.ts';
import { tables } from './cue-words.ts';
import { termsOf } from './terms.ts';

const STRONG = 0.85;
/** Words that tell a change whatever part of speech they are; "move" and "raise" need the grammar of their sentence. */
const WORDS = new Set(
  Object.entries(tables.change)
    .filter(([strength]) => Number(strength) >= STRONG)
    .flatMap(([, words]) => termsOf(words.replaceAll(/\b[vna]:/g, ''))),
);
/** Softer than the grammar of the cues, which decides about importance: here a memory has a kindred older one already. */
const SOFT =
  /\b(?:now|from (?:now|then) on|starting (?:today|tomorrow|next)|as of|instead|any ?more|newer|dropped|(?:chang|mov|switch|push|rais|lower|extend|updat|upgrad)(?:ed|es)|rolled out|(?:goes|go|went) (?:back|with|up|down)|only from|takes? .{1,40} off|not what)\b/;
const GRAMMAR = grammar.filter(([family]) => family === 'change');

/** How strongly a text says that something is no longer as it was: 0, 0.5 or the strength of the strongest cue, at most 1. */
export function findChange(text: string): number {
  const lower = spell(text);
  const told = GRAMMAR.filter(([, , pattern]) => pattern.test(lower)).map(([, strength]) => strength);
  const words = termsOf(lower).some((term) => WORDS.has(term)) ? STRONG : 0;
  return Math.max(words, SOFT.test(lower) ? 0.5 : 0, ...told);
}

/** As the grammar is written: in lower case, a comma standing by itself. */
const spell = (text: string) =>
  text
    .toLowerCase()
    .replaceAll('’', "'")
    .replaceAll(/\s*([,;!?])\s*/g, ' $1 ');
