import type { Cues } from './cues.ts';
import { lookUp } from './libraries.ts';
import { stemsOf, type Sentence } from './sentences.ts';

export interface Affect {
  /** 0 calm to 1 agitated. */
  readonly arousal: number;
  /** -1 bad to 1 good. */
  readonly valence: number;
}

// Words of feeling by strength; words like "sad" and "calm" move valence (by wink's word list), not arousal.
const feelings: Readonly<Record<number, string>> = {
  1: 'furious panic terrified devastated ecstatic horrified nightmare terrifying rage screaming thrilled catastrophe',
  0.8: 'angry disaster shock scared frightened excited exhilarated desperate outrage crying tears shouting yelling terrible horrible overjoyed sobbing',
  0.6: 'upset worried anxious stressed nervous frustrated relieved amazing fantastic awful afraid tense delighted chaos frantic celebrate proud love hate cheering ashamed sick hurt shaking trembling quarrel',
  0.4: 'annoyed emergency surprised incredible great surprise embarrassed disappointed hectic happy glad crash outage breach',
};
const intensifiers = new Set([
  'very',
  'extremely',
  'really',
  'totally',
  'completely',
  'absolutely',
  'incredibly',
  'so',
  'utterly',
  'massively',
  'hugely',
  'deeply',
  'badly',
  'finally',
]);
const pictures =
  /[\u{1F525}\u{1F621}\u{1F92C}\u{1F631}\u{1F62D}\u{1F973}\u{1F389}\u{1F6A8}\u{1F4A5}\u{1F605}\u{1F64C}\u{26A0}]/gu;

let strengths: ReadonlyMap<string, number> | undefined;
function strengthOf(stem: string): number {
  strengths ??= new Map(
    Object.entries(feelings).flatMap(([strength, words]) =>
      words.split(' ').map((word) => [stemsOf([word])[0] ?? word, Number(strength)] as const),
    ),
  );
  return strengths.get(stem) ?? 0;
}

/** Words shouted in capitals; acronyms are no words of the list and do not count. */
const shouted = ({ words }: Sentence) =>
  words.filter(({ text, lower, stop }) => /^\p{Lu}{4,}$/u.test(text) && (stop || lookUp(lower).length > 0)).length;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** Arousal of one sentence, as a weighted sum of what shows it. */
function arousalOf(sentence: Sentence, cues: Cues): number {
  const felt = sentence.words
    .filter(({ negated }) => !negated)
    .map(({ stem }) => strengthOf(stem))
    .sort((a, b) => b - a);
  const exclaimed = Math.min(2, sentence.text.match(/!/g)?.length ?? 0) / 2;
  const intense =
    Math.min(2, sentence.words.filter(({ lower, pos }) => pos === 'ADV' && intensifiers.has(lower)).length) / 2;
  const pictured = Math.min(2, sentence.text.match(pictures)?.length ?? 0) / 2;
  const feeling = (felt[0] ?? 0) + 0.25 * (felt[1] ?? 0);
  return clamp(
    0.55 * feeling +
      0.2 * exclaimed +
      0.15 * Math.min(1, shouted(sentence) / 2) +
      0.12 * intense +
      0.12 * pictured +
      0.25 * cues.failure +
      0.1 * cues.achievement +
      0.1 * Math.abs(sentence.sentiment),
    0,
    1,
  );
}

/** wink's sentiment, corrected by what it does not know: that an outage is bad and a launch good. */
const valenceOf = (sentence: Sentence, cues: Cues) =>
  clamp(0.5 * sentence.sentiment + 0.6 * cues.achievement - 0.7 * cues.failure, -1, 1);

/** How strongly a memory is felt: the arousal of its strongest sentence, and the valence weighted by each sentence's arousal. */
export function measureAffect(sentences: readonly Sentence[], cues: readonly Cues[]): Affect {
  const none: Cues = { failure: 0, decision: 0, change: 0, lesson: 0, commitment: 0, achievement: 0, routine: 0 };
  const each = sentences.map((sentence, index) => ({
    arousal: arousalOf(sentence, cues[index] ?? none),
    valence: valenceOf(sentence, cues[index] ?? none),
  }));
  const weight = each.reduce((sum, { arousal }) => sum + 0.1 + arousal, 0);
  const valence = each.reduce((sum, { arousal, valence }) => sum + (0.1 + arousal) * valence, 0);
  return { arousal: Math.max(0, ...each.map(({ arousal }) => arousal)), valence: weight > 0 ? valence / weight : 0 };
}
