import { oneLine } from '../memory/line.ts';
import { segmentSentences } from '../text/segments.ts';
import { termsOf } from '../text/terms.ts';
import { countTokens } from '../text/tokens.ts';

/** Shorter ones, "Yes." for example, are said more than once and mean something else each time. */
const LEAST_CHARACTERS = 20;
const GAP = '…';

/** What a context has told already, sentence by sentence. */
export class Told {
  readonly #sentences = new Set<string>();
  /** What quotes others in the middle of its own sentences. */
  readonly #quoting: string[] = [];

  has(sentence: string): boolean {
    if (sentence.length < LEAST_CHARACTERS) return false;
    return this.#sentences.has(sentence) || this.#quoting.some((text) => text.includes(sentence));
  }

  add(text: string): void {
    for (const sentence of cutSentences(text)) this.#sentences.add(sentence);
  }

  addQuoting(text: string): void {
    this.#quoting.push(oneLine(text));
  }
}

/** What is told of a memory. */
export interface Excerpt {
  readonly text: string;
  /** Whether it is all that the memory says. */
  readonly whole: boolean;
}

/**
 * What a memory says that was not told, in one line of at most so many tokens: all of it, or the sentences that have most words of the
 * task, in their order. Null where all was told, or where not even a part of one sentence fits.
 */
export function excerpt(
  content: string,
  { words, told, tokens }: { readonly words: ReadonlySet<string>; readonly told: Told; readonly tokens: number },
): Excerpt | null {
  const sentences = cutSentences(content);
  const fresh = [...sentences.keys()].filter((at) => !told.has(sentences[at] ?? ''));
  if (fresh.length === 0) return null;
  const all = join(sentences, fresh);
  if (countTokens(all) <= tokens) return { text: all, whole: fresh.length === sentences.length };
  const shared = sentences.map((sentence) => new Set(termsOf(sentence).filter((term) => words.has(term))).size);
  const best = fresh.toSorted((a, b) => (shared[b] ?? 0) - (shared[a] ?? 0) || a - b);
  const chosen = chooseWithin(sentences, best, tokens);
  const text = chosen.length > 0 ? join(sentences, chosen) : clip(sentences[best[0] ?? 0] ?? '', tokens);
  return text === '' ? null : { text, whole: false };
}

const cutSentences = (content: string): string[] => segmentSentences(oneLine(content));

/**
 * Those of the best sentences that fit, in their order. Each is counted once: of 100 KB, counting the whole text for each sentence took
 * five seconds, and a text has no more tokens than its sentences and gaps together.
 */
function chooseWithin(sentences: readonly string[], best: readonly number[], tokens: number): number[] {
  const costs = new Map(best.map((at) => [at, countTokens(sentences[at] ?? '')]));
  const gap = countTokens(GAP);
  let chosen: number[] = [];
  let spent = 0;
  for (const at of best) {
    const cost = costs.get(at) ?? 0;
    if (spent + cost > tokens) continue;
    const more = [...chosen, at].sort((a, b) => a - b);
    if (spent + cost + gap * countGaps(sentences, more) > tokens) continue;
    [chosen, spent] = [more, spent + cost];
  }
  return chosen;
}

function countGaps(sentences: readonly string[], places: readonly number[]): number {
  const inside = places.filter((at, index) => at > (places[index - 1] ?? -1) + 1).length;
  return inside + (places.at(-1) === sentences.length - 1 ? 0 : 1);
}

/** The sentences at these places, in one line that shows where some are left out. */
function join(sentences: readonly string[], places: readonly number[]): string {
  const parts = places.flatMap((at, index) => {
    const before = index === 0 ? -1 : (places[index - 1] ?? 0);
    return at > before + 1 ? [GAP, sentences[at] ?? ''] : [sentences[at] ?? ''];
  });
  return [...parts, ...(places.at(-1) === sentences.length - 1 ? [] : [GAP])].join(' ');
}

/** The beginning of a sentence that fits, in whole words where it has some. */
function clip(sentence: string, tokens: number): string {
  let [fits, over] = [0, sentence.length];
  while (over - fits > 1) {
    const middle = Math.floor((fits + over) / 2);
    if (countTokens(`${sentence.slice(0, middle)} ${GAP}`) <= tokens) fits = middle;
    else over = middle;
  }
  const cut = sentence
    .slice(0, fits)
    .toWellFormed()
    .replace(/\ufffd$/, '');
  const words = cut.replace(/\s+\S*$/, '');
  return words === '' ? '' : `${words} ${GAP}`;
}
