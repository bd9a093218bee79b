import { clip, stemsOf, type Sentence } from './sentences.ts';

/** A verbatim part of at most `length` characters, cut at a word's end where there is one. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = clip(text, length);
  const space = cut.search(/\s\S*$/);
  return (space > length / 2 ? cut.slice(0, space) : cut).trimEnd();
}

/** The sentence with the greatest weight (the first of equals), at most 280 characters; empty when there is none. */
export function pickGist(sentences: readonly Sentence[], weighed: readonly number[]): string {
  const best = sentences.reduce((top, _, index) => ((weighed[index] ?? 0) > (weighed[top] ?? 0) ? index : top), 0);
  return shorten(sentences[best]?.text ?? '', 280);
}

const isContent = ({ pos, stop, lower }: Sentence['words'][number]) =>
  !stop && ['NOUN', 'PROPN', 'VERB', 'ADJ', 'NUM'].includes(pos) && /[\p{L}\p{N}]{2}/u.test(lower);
export const contentStems = (sentence: Sentence): string[] => sentence.words.filter(isContent).map(({ stem }) => stem);

/** For each stem, in how many of the texts it occurs. */
function documentFrequency(texts: readonly (readonly Sentence[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const stem of new Set(text.flatMap(contentStems))) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  return counts;
}

/** The sentence that shares most with the other texts (mean document frequency of its content, long ones damped). */
export function mostCentral(texts: readonly (readonly Sentence[])[]): Sentence | null {
  const frequency = documentFrequency(texts);
  const score = (sentence: Sentence) => {
    const stems = [...new Set(contentStems(sentence))];
    return stems.reduce((sum, stem) => sum + (frequency.get(stem) ?? 0), 0) / Math.sqrt(Math.max(4, stems.length));
  };
  return texts
    .flat()
    .reduce<Sentence | null>(
      (best, sentence) => (best === null || score(sentence) > score(best) ? sentence : best),
      null,
    );
}

/** Whether a sentence names a theme: it has one of the theme's stems. */
export function openTheme(theme: string): (sentence: Sentence) => boolean {
  const wanted = new Set(stemsOf(theme.toLowerCase().split(/\s+/).filter(Boolean)));
  return ({ words }) => words.some(({ stem }) => wanted.has(stem));
}
