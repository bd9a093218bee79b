import stem from 'wink-porter2-stemmer';

const WORD = /[\p{L}\p{N}]+(?:['’]\p{L}+)?/gu;

/** Snowball's English stop words (snowballstem.org/algorithms/english/stop.txt): they tell nothing about what is asked. */
const STOP_WORDS = new Set(
  (
    'i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its itself ' +
    'they them their theirs themselves what which who whom this that these those am is are was were be been being have has had having ' +
    'do does did doing would should could ought a an the and but if or because as until while of at by for with about against between ' +
    'into through during before after above below to from up down in out on off over under again further then once here there when ' +
    'where why how all any both each few more most other some such no nor not only own same so than too very can will just don now ' +
    "i'm you're he's she's it's we're they're i've you've we've they've i'd you'd he'd she'd we'd they'd i'll you'll he'll she'll " +
    "we'll they'll isn't aren't wasn't weren't hasn't haven't hadn't doesn't don't didn't won't wouldn't shan't shouldn't can't cannot " +
    "couldn't mustn't let's that's who's what's here's there's when's where's why's how's"
  ).split(' '),
);

/** The stem of each word, learned once: Porter2 takes longer than looking it up, and a store's words come again. */
const known = new Map<string, string>();
const MOST_KNOWN = 200_000;
/** The stemmer takes a minute for a word of 100,000 letters, which is none. */
const LONGEST_WORD = 64;

/** The words of a text that say something, in order, as Porter2 stems (Porter 2001); words of other languages stay as they are. */
export function termsOf(text: string): string[] {
  return wordsOf(text)
    .filter((word) => !STOP_WORDS.has(word))
    .map(stemOf);
}

/**
 * The number of a term wherever it is kept: FNV-1a over its UTF-16 units, 32 bits. It needs no dictionary, so what is read at night, by day
 * and of a question meets. Among half a million terms of a store a word is taken for another one in 1 of 8,000 cases.
 */
export function numberOf(term: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < term.length; at += 1) hash = Math.imul(hash ^ term.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** The words of a text in lower case, with straight apostrophes. */
export function wordsOf(text: string): string[] {
  return Array.from(text.matchAll(WORD), ([word]) => word.toLowerCase().replace('’', "'"));
}

function stemOf(word: string): string {
  const found = known.get(word);
  if (found !== undefined) return found;
  const made = stem(word.slice(0, LONGEST_WORD).replace(/'s?$/, ''));
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(word, made);
  return made;
}
