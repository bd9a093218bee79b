/** A run of letters and digits without a space, as in base64; a word, up to the next capital; white space; any other character. */
const PIECE = /[A-Za-z0-9+/=]{32,}|[A-Z]*[a-z]+|[A-Z]+|\s+|[^]/gu;
const CLUSTERS = /[b-df-hj-np-tv-xz]{4,}/gi;

/** Characters for a token: of a word, of a word with a capital (names are rare words), of a code, of blanks. */
const IN_WORD = 4;
const IN_NAME = 3;
const IN_CODE = 1.3;
const IN_BLANKS = 4;

/** Tokens for a character, up to the first code point behind a script, by its bytes and by how well tokenizers know it. */
const SCRIPTS: readonly (readonly [end: number, tokens: number])[] = [
  [0x80, 1], // digits and marks of ASCII: some models take each digit by itself
  [0x250, 2], // letters with accents, which cut a word in pieces
  [0x400, 1.5], // Greek
  [0x530, 1], // Cyrillic
  [0x590, 2.5], // Armenian
  [0x800, 1.5], // Hebrew, Arabic
  [0x900, 3],
  [0xf00, 2], // of India, Thai
  [0x1e00, 3],
  [0x1f00, 2], // Vietnamese
  [0x2000, 3],
  [0x2c00, 2], // dashes, quotation marks, arrows
  [0x2e80, 3],
  [0xa000, 2], // Chinese, Japanese
  [0xac00, 3],
  [0xd7b0, 2], // Korean
  [0xff00, 3],
  [0xfff0, 2],
  [0x10000, 3],
  [Infinity, 4], // emoji, old scripts
];

/**
 * Tokens that a text takes at most, without the tokenizer of any model: a sum over words and characters, chosen so that it is not
 * below what cl100k and o200k count, two vocabularies of OpenAI, for texts in 24 scripts and languages, code and base64
 * (test/text/tokens.test.ts). English prose counts 1.4 times as much. Rare Chinese characters alone count too little.
 */
export function countTokens(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECE)) tokens += countPiece(piece);
  return Math.ceil(tokens);
}

function countPiece(piece: string): number {
  if (/^\s/.test(piece)) return countBlanks(piece);
  if (/^[A-Za-z0-9+/=]{32,}$/.test(piece)) return piece.length / IN_CODE;
  if (/^[A-Za-z]/.test(piece)) return countWord(piece);
  const point = piece.codePointAt(0) ?? 0;
  return SCRIPTS.find(([end]) => point < end)?.[1] ?? 0;
}

/** A single space belongs to the word behind it. */
function countBlanks(blanks: string): number {
  const others = blanks.replaceAll(/\r?\n/g, '');
  const lines = blanks.split('\n').length - 1;
  return lines + (blanks === ' ' ? 0 : Math.ceil(others.length / IN_BLANKS));
}

/** Letters that nobody can pronounce together are no word, and are taken nearly one by one. */
function countWord(word: string): number {
  const clusters = word.match(CLUSTERS) ?? [];
  const more = clusters.reduce((sum, { length }) => sum + Math.ceil((length - 3) / 2), 0);
  return Math.ceil(word.length / (/^[A-Z]/.test(word) ? IN_NAME : IN_WORD)) + more;
}
