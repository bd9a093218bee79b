import { z } from 'zod';
import { findInvention } from '../text/inventions.ts';
import { fence } from '../llm/fence.ts';
import { isTheme } from '../text/greetings.ts';
import type { Task } from '../llm/task.ts';
import { rarityOf } from '../text/restatement.ts';
import type { Sentence } from '../text/sentences.ts';
import { shorten } from '../text/summary.ts';
import { chooseTelling, findTelling, likeness, medianOf } from '../text/telling-sentences.ts';
import { numberOf } from '../text/terms.ts';
import { withoutCutWord } from '../text/told.ts';

export const gistSchema = z.object({
  /** What members say that tells most, with who and when; empty when they tell nothing. */
  content: z.string().max(600),
  /** The phrase that sets the members apart; empty when they share none. */
  category: z.string().max(60),
});

/** Three sentences with who and when are longer than what a model is asked for. */
const keptSchema = gistSchema.extend({ content: z.string().max(1_000) });

export type Gist = z.infer<typeof gistSchema>;

/** What a memory says, who wrote it, and on which day. */
export interface Said {
  readonly content: string;
  readonly who?: string;
  readonly at?: string;
}

export interface GistInput {
  /** What a model is shown, the most central first. */
  members: { content: string }[];
  /** What the rules choose from; without it the members. */
  said?: Said[];
  /** Cosine by meaning of each two of `said`; without it words are compared. */
  alike?: number[][] | null;
  /** How many memories there are, and how many have a term (by its number). */
  words?: { total: number; found: [number, number][] };
  /** What sets the members apart, by class tf-idf, best first. */
  phrases: string[];
  /** Sentences that the rules quote at most. */
  sentences?: number;
  /** What the middle one of the members has to tell, or there is no gist. */
  least?: number;
}

/** The phrase that says best what the members are about, unless only one of them has a word. */
const categorise = (phrases: readonly string[]): string =>
  shorten((phrases.find((phrase) => isTheme(phrase, [])) ?? '').trim().toLowerCase(), 60);

function openRarity(words: GistInput['words']): (stem: string) => number {
  const found = new Map(words?.found);
  const size = words?.total ?? 0;
  return (stem) => rarityOf(found.get(numberOf(stem)) ?? 0, size);
}

/** As who, when: what they said. */
const quote = ({ who, at }: Said, { text }: Sentence) =>
  [[who, at].filter(Boolean).join(', '), shorten(text, 260)].filter(Boolean).join(': ');

function extract({ members, said, phrases, words, alike, sentences = 3, least = 0 }: GistInput): Gist {
  const rarity = openRarity(words);
  const texts: readonly Said[] = said ?? members;
  const told = texts.map((each) => ({ each, found: findTelling(each.content.slice(0, 2_000), rarity) }));
  const tells = told.map(({ found }) => found?.tell ?? 0);
  if (tells.length === 0 || medianOf(tells) < least) return { content: '', category: '' };
  const alikeByWords = (a: number, b: number) => {
    const [first, second] = [told[a]?.found, told[b]?.found];
    return first && second ? likeness(first.sentence, second.sentence, rarity) : 0;
  };
  const near = alike ?? [];
  const cosine = near.length === told.length ? (a: number, b: number) => near[a]?.[b] ?? 0 : alikeByWords;
  const chosen = chooseTelling(tells, cosine, sentences).flatMap((place) => told[place] ?? []);
  const content = chosen
    .sort((a, b) => (a.each.at ?? '').localeCompare(b.each.at ?? ''))
    .flatMap(({ each, found }) => (found ? [quote(each, found.sentence)] : []))
    .join(' ');
  const lower = content.toLowerCase();
  const also = phrases.filter((phrase) => isTheme(phrase, []) && !lower.includes(phrase.trim().toLowerCase()));
  const about = also.length > 0 && content !== '' ? ` (about: ${also.slice(0, 5).join(', ')})` : '';
  return { content: shorten(content + about, 1_000), category: categorise(phrases) };
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
  rulesVersion: 2,
  answer: keptSchema,
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
