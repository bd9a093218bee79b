import { z } from 'zod';
import { findInvention } from '../text/inventions.ts';
import { findCues, type Cues } from '../text/cues.ts';
import { fence } from '../llm/fence.ts';
import { addressesReader } from '../text/grammar.ts';
import type { Task } from '../llm/task.ts';
import { relevance, shorten } from '../text/summary.ts';
import { readSentences, type Sentence } from '../text/sentences.ts';
import { withoutCutWord } from '../text/told.ts';

export const insightSchema = z.object({
  /** One or two sentences with counts and quotations; empty when there is no memory to tell of. */
  content: z.string().max(900),
});

export type Insight = z.infer<typeof insightSchema>;

export interface InsightInput {
  /** What recurs: a phrase or an entity. */
  theme: string;
  /** Oldest first; `createdAt` is ISO in UTC. */
  memories: { content: string; createdAt: string }[];
}

const READ_MEMORIES = 60;

// How the rules weigh, by design choice; whoever changes one of these raises `rulesVersion`. Cues are from 0 to 1.
/** What a sentence of full evidence is worth beside its relevance to the theme, which is a share too. */
const EVIDENCE_SHARE = 0.5;
/** What other evidence is worth where a lesson is worth 1. */
const EVIDENCE = { decision: 0.9, change: 0.8, failure: 0.6 } as const;
/** Cue from which a quotation counts as telling of trouble, a lesson and so on. */
const TELLING_CUE = 0.5;
/** Cue from which a quotation is worth keeping before a newer one. */
const KEEPING_CUE = 0.6;

interface Quote {
  readonly text: string;
  readonly day: string;
  readonly cues: Cues;
}

/** The sentence of a memory that is most about the theme, the better evidence first among equals. */
function quote({ content, createdAt }: InsightInput['memories'][number], theme: string): Quote | null {
  const sentences = readSentences(content.slice(0, 4_000)).filter((sentence) => !addressesReader(sentence));
  const score = (sentence: Sentence) => relevance(sentence, theme) + EVIDENCE_SHARE * weight(findCues(sentence));
  const best = sentences.reduce<Sentence | null>(
    (top, next) => (top === null || score(next) > score(top) ? next : top),
    null,
  );
  return best && { text: shorten(best.text, 240), day: createdAt.slice(0, 10), cues: findCues(best) };
}

const weight = ({ lesson, decision, change, failure }: Cues) =>
  Math.max(lesson, EVIDENCE.decision * decision, EVIDENCE.change * change, EVIDENCE.failure * failure);

/** What the theme's memories mostly are, in words, when at least half of them agree. */
function tone(quotes: readonly Quote[]): string {
  const named = {
    failure: 'trouble',
    lesson: 'lessons',
    decision: 'decisions',
    change: 'changes',
    achievement: 'successes',
  } as const;
  const counts = Object.entries(named).map(([family, word]) => ({
    word,
    count: quotes.filter(({ cues }) => cues[family as keyof typeof named] >= TELLING_CUE).length,
  }));
  const top = counts.reduce((best, next) => (next.count > best.count ? next : best));
  return top.count >= 2 && top.count * 2 >= quotes.length ? `, ${top.count} of them telling of ${top.word}` : '';
}

/** The quotation to keep: a lesson or decision if there is one (the newest), else the newest memory. */
function keeper(quotes: readonly Quote[]): Quote | undefined {
  const told = quotes.filter(({ cues }) => weight(cues) >= KEEPING_CUE);
  const lessons = told.filter(({ cues }) => Math.max(cues.lesson, cues.decision) >= KEEPING_CUE);
  return lessons.at(-1) ?? told.at(-1) ?? quotes.at(-1);
}

function find({ theme, memories }: InsightInput): Insight {
  const quotes = memories
    .slice(-READ_MEMORIES)
    .map((memory) => quote(memory, theme))
    .filter((found) => found !== null);
  const [first, last, kept] = [quotes[0], quotes.at(-1), keeper(quotes)];
  if (!first || !last || !kept) return { content: '' };
  const days = new Set(quotes.map(({ day }) => day)).size;
  const span = days > 1 ? `on ${days} days from ${first.day} to ${last.day}` : `on ${first.day}`;
  const head = `"${shorten(theme, 80)}" came up in ${quotes.length} ${quotes.length === 1 ? 'memory' : 'memories'} ${span}${tone(quotes)}.`;
  const quoted =
    kept === first
      ? ` "${kept.text}"`
      : ` First: "${first.text}" ${kept === last ? 'Latest' : 'To keep'}: "${kept.text}"`;
  return { content: head + quoted };
}

const instructions = `You look back on groups of notes of an agent's memory; the notes of each group share a theme.
content: one or two sentences with what the notes amount to together: what changes, what repeats, what was learned. Use the
notes' own words; add no name, figure or fact of your own, and count nothing.`;

/** Notes of one theme that a model is shown: the first, for where it began, and the newest. */
const SHOWN = 12;

const shown = (memories: InsightInput['memories']) => [...memories.slice(0, 1), ...memories.slice(1).slice(1 - SHOWN)];

const render = ({ theme, memories }: InsightInput) => `The theme:
${fence(theme)}
The notes, oldest first:
${shown(memories)
  .map(({ content, createdAt }) => `${createdAt.slice(0, 10)}:\n${fence(content)}`)
  .join('\n')}`;

const textsOf = ({ theme, memories }: InsightInput) => [
  theme,
  ...memories.map(({ content, createdAt }) => `${createdAt} ${content}`),
];

const complaint = ({ content }: Insight, input: InsightInput) =>
  content.trim() === '' ? 'content is empty' : findInvention([withoutCutWord(content, textsOf(input))], textsOf(input));

/** What a theme that recurs over days amounts to; by rules with counts as counted and words as written. */
export const insightTask: Task<InsightInput, Insight> = {
  name: 'insight',
  version: 1,
  rulesVersion: 1,
  answer: insightSchema,
  fallback: find,
  role: 'generate',
  asked: insightSchema,
  instructions,
  render,
  batch: 12,
  rateLimit: { of: 'every', perMemory: 0.025 },
  answerTokens: 80,
  complaint,
  reconcile: ({ content }, _, input) => ({ content: withoutCutWord(content, textsOf(input)) }),
};
