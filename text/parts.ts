import { clip, cutSentences, READ_CHARACTERS } from './sentences.ts';

/** Characters of a part at most: some 130 words of English, which the models that embed see at once. */
const PART = 800;

/**
 * A text in parts of a few sentences, 200 to 800 characters each and about alike, as far as readers look at it (8,000 characters): 11
 * parts of prose, 40 of anything. A text of up to 800 characters is one part. Cut between two sentences, else at a space, else
 * between two characters.
 */
export function cutParts(content: string): string[] {
  const text = clip(content, READ_CHARACTERS);
  if (text.length <= PART) return [text];
  const starts = findStarts(text);
  const parts: string[] = [];
  let from = 0;
  while (text.length - from > PART) {
    const to = findCut(text, from, starts);
    parts.push(text.slice(from, to));
    from = to;
  }
  return [...parts, text.slice(from)];
}

/** Where its sentences begin. */
function findStarts(text: string): number[] {
  let from = 0;
  return cutSentences(text).map((sentence) => {
    const at = text.indexOf(sentence, from);
    from = at + sentence.length;
    return at;
  });
}

/** Where the part that begins at `from` ends best: so that all that follow can be as long as it. */
function findCut(text: string, from: number, starts: readonly number[]): number {
  const rest = text.length - from;
  const length = Math.ceil(rest / Math.ceil(rest / PART));
  const wanted = from + length;
  const nearest = (places: readonly number[]) =>
    places
      .filter((place) => place > from + length / 2 && place <= from + PART)
      .sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0];
  const spaces = () => [...text.slice(from, from + PART).matchAll(/\s(?=\S)/g)].map(({ index }) => from + index + 1);
  return nearest(starts) ?? nearest(spaces()) ?? from + clip(text.slice(from), length).length;
}
