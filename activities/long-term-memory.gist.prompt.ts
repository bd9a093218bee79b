import { z } from 'zod';
import { findInvention } from '../text/inventions.ts';
import { fence } from '../llm/fence.ts';
import { isTheme } from '../text/greetings.ts';
import type { Task } from '../llm/task.ts';
import { readSentencesAgain } from '../text/sentences.ts';
import { shorten } from '../text/summary.ts';
import {
  chooseTelling,
  findTelling,
  likeness,
  medianOf,
  openRarity,
  quoteAt,
  type WordCounts,
} from '../text/telling-sentences.ts';
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

/** A memory that states otherwise what an older one stated; days are of UTC. */
export const changeSchema = z.object({
  /** What the newer one says of it. */
  sentence: z.string(),
  newer: z.string(),
  newerAt: z.string(),
  before: z.string(),
  beforeAt: z.string(),
});

export type Change = z.infer<typeof changeSchema>;

/** What a memory says, who wrote it, and on which day. */
export interface Said {
  readonly content: string;
  readonly who?: string;
  readonly at?: string;
  /** Whether another memory states otherwise what it stated: it is told as a change or not at all. */
  readonly replaced?: boolean;
}

export interface GistInput {
  /** What a model is shown, the most central first. */
  members: { content: string }[];
  /** What the rules choose from; without it the members. */
  said?: Said[];
  /** What of them has replaced what, the surest first. */
  changes?: Change[];
  /** Cosine by meaning of each two of `said`; without it words are compared. */
  alike?: number[][] | null;
  words?: WordCounts;
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

/** As who, when: what they said; who only where it is another than before. */
function tellAll(chosen: readonly { each: Said; text: string }[]): string[] {
  return chosen.map(({ each: { who, at }, text }, place) => {
    const isSame = place > 0 && chosen[place - 1]?.each.who === who;
    return [[isSame ? undefined : who, at].filter(Boolean).join(', '), shorten(text, 260)].filter(Boolean).join(': ');
  });
}

/** What holds now and what held before, each in the words in which it was written. */
function tellChange({ sentence, newer, newerAt, before, beforeAt }: Change, rarity: (stem: string) => number) {
  const [after, earlier] = [readSentencesAgain(newer), readSentencesAgain(before)];
  const stated = Math.max(
    0,
    after.findIndex(({ text }) => text.includes(sentence) || sentence.includes(text)),
  );
  const kin = earlier.map((each) => (after[stated] ? likeness(each, after[stated], rarity) : 0));
  const quoted = shorten(quoteAt(earlier, kin.indexOf(Math.max(...kin))), 260);
  return `Now (${newerAt}): ${shorten(quoteAt(after, stated), 260)} Before (${beforeAt}): ${quoted}`;
}

/** Changes that a gist tells at most; they take the place of quotations. */
const CHANGES = 2;

function extract(input: GistInput): Gist {
  const { members, phrases, words, alike, sentences = 3, least = 0 } = input;
  const rarity = openRarity(words);
  const changes = (input.changes ?? []).slice(0, Math.min(CHANGES, sentences));
  const isTold = ({ content }: Said) => changes.some(({ newer, before }) => newer === content || before === content);
  const texts: readonly Said[] = input.said ?? members;
  const told = texts.map((each) => ({ each, found: findTelling(each.content.slice(0, 2_000), rarity) }));
  const tells = told.map(({ found }) => found?.tell ?? 0);
  if (tells.length === 0 || medianOf(tells) < least) return { content: '', category: '' };
  const alikeByWords = (a: number, b: number) => {
    const [first, second] = [told[a]?.found, told[b]?.found];
    return first && second ? likeness(first.sentence, second.sentence, rarity) : 0;
  };
  const near = alike ?? [];
  const cosine = near.length === told.length ? (a: number, b: number) => near[a]?.[b] ?? 0 : alikeByWords;
  const worth = told.map(({ each }, place) =>
    each.replaced === true || isTold(each) || (tells[place] ?? 0) < least ? 0 : (tells[place] ?? 0),
  );
  const chosen = chooseTelling(worth, cosine, sentences - changes.length)
    .flatMap((place) => told[place] ?? [])
    .flatMap(({ each, found }) => (found ? [{ each, text: found.text }] : []))
    .sort((a, b) => (a.each.at ?? '').localeCompare(b.each.at ?? ''));
  const content = [...tellAll(chosen), ...changes.map((change) => tellChange(change, rarity))].join(' ');
  const lower = content.toLowerCase();
  const also = phrases.filter(
    (phrase, place) =>
      isTheme(phrase, []) &&
      !lower.includes(phrase.trim().toLowerCase()) &&
      phrases.findIndex((other) => other.toLowerCase() === phrase.toLowerCase()) === place,
  );
  const about = also.length > 0 && content !== '' ? ` (about: ${also.slice(0, 5).join(', ')})` : '';
  return { content: shorten(content + about, 1_000), category: categorise(phrases) };
}

const instructions = `You write down what the notes of each group, from an agent's memory, have in common.
content: one to three sentences with what holds across the notes and is worth knowing later. Use the notes' own words; add no
name, figure or fact of your own. Where one note has replaced another, say what holds now and what held before, with its date.
category: the topic, in one to four words.`;

const showChange = ({ sentence, newerAt, before, beforeAt }: Change) =>
  `Now, since ${newerAt}:\n${fence(sentence)}\nBefore, since ${beforeAt}:\n${fence(shorten(before, 280))}`;

const render = ({ members, phrases, changes = [] }: GistInput) =>
  [
    ...members.map(({ content }) => fence(content)),
    ...changes.slice(0, CHANGES).map(showChange),
    ...(phrases.length > 0 ? [`Phrases that many of them share:\n${fence(phrases.join(', '))}`] : []),
  ].join('\n');

const textsOf = ({ members, phrases, changes = [] }: GistInput) => [
  ...members.map(({ content }) => content),
  ...phrases,
  ...changes.flatMap(({ sentence, newer, newerAt, before, beforeAt }) => [sentence, newer, newerAt, before, beforeAt]),
];

const complaint = ({ content }: Gist, input: GistInput) =>
  content.trim() === '' ? 'content is empty' : findInvention([withoutCutWord(content, textsOf(input))], textsOf(input));

/** What many memories say together; by rules an extraction, by a model in its words, but nothing that no member says. */
export const gistTask: Task<GistInput, Gist> = {
  name: 'gist',
  version: 2,
  rulesVersion: 4,
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
