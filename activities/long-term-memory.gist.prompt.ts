import { z } from 'zod';
import { findInvention } from '../text/inventions.ts';
import { findCues } from '../text/cues.ts';
import { fence } from '../llm/fence.ts';
import { addressesReader } from '../text/grammar.ts';
import type { Task } from '../llm/task.ts';
import { contentStems, documentFrequency, relevance, shorten } from '../text/summary.ts';
import { readSentences, type Sentence } from '../text/sentences.ts';
import { withoutCutWord } from '../text/told.ts';

export const gistSchema = z.object({
  /** The most central member's telling sentence, and what the members have in common; empty when no member has a word. */
  content: z.string().max(600),
  /** The phrase that most members share; empty when they share none. */
  category: z.string().max(60),
});

export type Gist = z.infer<typeof gistSchema>;

export interface GistInput {
  /** Most central first. */
  members: { content: string }[];
  /** Top TF-IDF phrases of the members, best first. */
  phrases: string[];
}

const READ_MEMBERS = 60;

/** Of the most central member, the sentence about most of the phrases; evidence of routine counts against it. */
function telling(sentences: readonly Sentence[], phrases: readonly string[]): string {
  const score = (sentence: Sentence) => {
    const { failure, decision, change, lesson, routine } = findCues(sentence);
    return relevance(sentence, phrases.join(' ')) + Math.max(failure, decision, change, lesson) - routine;
  };
  const best = sentences.reduce<Sentence | null>(
    (top, next) => (top === null || score(next) > score(top) ? next : top),
    null,
  );
  return best ? shorten(best.text, 280) : '';
}

/** The phrase that occurs in most members, at least two; else the commonest content word of at least two; else nothing. */
function categorise(texts: readonly (readonly Sentence[])[], phrases: readonly string[]): string {
  const least = Math.min(2, texts.length);
  const uses = (phrase: string) =>
    texts.filter((text) => text.some((sentence) => relevance(sentence, phrase) > 0)).length;
  const counted = phrases.map((phrase) => ({ phrase, uses: uses(phrase) })).filter(({ uses }) => uses >= least);
  const shared = counted.reduce<(typeof counted)[number] | null>(
    (top, next) => (top === null || next.uses > top.uses ? next : top),
    null,
  );
  if (shared) return shorten(shared.phrase.trim().toLowerCase(), 60);
  const [stem, count] = [...documentFrequency(texts)].sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
  const word = texts
    .flat()
    .flatMap(({ words }) => words)
    .find((found) => found.stem === stem);
  return count >= least ? shorten(word?.lower ?? '', 60) : '';
}

function extract({ members, phrases }: GistInput): Gist {
  const texts = members
    .slice(0, READ_MEMBERS)
    .map(({ content }) => readSentences(content.slice(0, 2_000)).filter((sentence) => !addressesReader(sentence)));
  const core = telling(texts.find((text) => text.some((sentence) => contentStems(sentence).length > 0)) ?? [], phrases);
  const also = phrases
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== '' && !core.toLowerCase().includes(phrase.toLowerCase()))
    .slice(0, 5);
  const content = also.length > 0 && core !== '' ? `${core} (also: ${also.join(', ')})` : core;
  return { content: shorten(content, 600), category: categorise(texts, phrases) };
}

const instructions = `You write down what the notes of each group, from an agent's memory, have in common.
content: one to three sentences with what holds across the notes and is worth knowing later. Use the notes' own words; add no
name, figure or fact of your own. category: the topic, in one to four words.`;

const render = ({ members, phrases }: GistInput) =>
  [
    ...members.map(({ content }) => fence(content)),
    ...(phrases.length > 0 ? [`Phrases that many of them share:\n${fence(phrases.join(', '))}`] : []),
  ].join('\n');

const textsOf = ({ members, phrases }: GistInput) => [...members.map(({ content }) => content), ...phrases];

const complaint = ({ content }: Gist, input: GistInput) =>
  content.trim() === '' ? 'content is empty' : findInvention([withoutCutWord(content, textsOf(input))], textsOf(input));

/** What many memories say together; by rules an extraction, by a model in its words, but nothing that no member says. */
export const gistTask: Task<GistInput, Gist> = {
  name: 'gist',
  version: 1,
  rulesVersion: 1,
  answer: gistSchema,
  fallback: extract,
  role: 'generate',
  asked: gistSchema,
  instructions,
  render,
  batch: 12,
  rateLimit: { of: 'every', perMemory: 0.025 },
  answerTokens: 120,
  complaint,
  // A topic of the model's own is no reason to do without what it wrote.
  reconcile: ({ content, category }, fallback, input) => ({
    content: withoutCutWord(content, textsOf(input)),
    category: findInvention([category], textsOf(input)) === null ? category.toLowerCase() : fallback.category,
  }),
};
