import { z } from 'zod';
import { findInvention } from '../text/inventions.ts';
import { findCues } from '../text/cues.ts';
import { fence } from '../llm/fence.ts';
import { addressesReader } from '../text/grammar.ts';
import { isGreeting, isTheme } from '../text/greetings.ts';
import type { Task } from '../llm/task.ts';
import { contentStems, relevance, shorten } from '../text/summary.ts';
import { readSentences, type Sentence } from '../text/sentences.ts';
import { isRoutine } from '../text/telling-sentences.ts';
import { withoutCutWord } from '../text/told.ts';

export const insightSchema = z.object({
  /** One to three statements of several days; empty when the theme says nothing. */
  content: z.string().max(900),
});

export type Insight = z.infer<typeof insightSchema>;

export interface InsightInput {
  /** What recurs: a phrase or an entity. */
  theme: string;
  /** Oldest first; `createdAt` is ISO in UTC. */
  memories: { content: string; kind?: string; createdAt: string }[];
  /** The agents whose memories they are. */
  writers?: readonly string[];
}

const READ_MEMORIES = 60;

// How the rules weigh, by design choice; whoever changes one of these raises `rulesVersion`. Cues are from 0 to 1.
/** Cue from which a sentence counts as evidence, and from which it is worth keeping. */
const [EVIDENCE, KEEPING] = [0.5, 0.6];
/** Statements that an insight tells. */
const STATEMENTS = 3;
/** A statement has at least so many words that say something: "Decision: go." tells nobody what was decided. */
const LEAST_WORDS = 3;
const PREFERENCE =
  /\b(?:prefers?|preferred|would (?:like|love|rather)|loves|hates|dislikes|favou?rite|(?:do|does|did)(?:n['’]t| not) (?:like|want)|insists?|never|always)\b/i;
const HABIT =
  /\b(?:every (?:other )?(?:day|week|month|morning|evening|night|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|(?:mon|tues|wednes|thurs|fri|satur|sun)days|daily|weekly|monthly|twice a (?:day|week|month)|once a (?:day|week|month))\b/i;

/** What a sentence of the theme says, in the order in which it is kept. */
type Says = 'lesson' | 'change' | 'decision' | 'preference' | 'habit' | 'reached' | 'trouble' | 'goal';
const order: readonly Says[] = ['lesson', 'change', 'decision', 'preference', 'habit', 'reached', 'trouble', 'goal'];

interface Quote {
  readonly text: string;
  readonly day: string;
  readonly says: Says | null;
  /** Whether it names the theme. */
  readonly isAbout: boolean;
}

/** The sentence of a memory that says most of the kinds that are kept, that is about the theme if one is. */
function quote({ content, kind, createdAt }: InsightInput['memories'][number], theme: string): Quote | null {
  const sentences = readSentences(content.slice(0, 4_000)).filter((sentence) => !addressesReader(sentence));
  const about = sentences.filter((sentence) => relevance(sentence, theme) > 0);
  const rank = (sentence: Sentence) => order.length - order.indexOf(saidBy(sentence, kind) ?? 'goal');
  const best = (about.length > 0 ? about : sentences).reduce<Sentence | null>(
    (top, next) => (top === null || rank(next) > rank(top) ? next : top),
    null,
  );
  return (
    best && {
      ...{ text: shorten(best.text, 240), day: createdAt.slice(0, 10) },
      ...{ says: saidBy(best, kind), isAbout: about.length > 0 },
    }
  );
}

function saidBy(sentence: Sentence, kind = 'note'): Says | null {
  const cues = findCues(sentence);
  const { lesson, change, decision, achievement, failure } = cues;
  if (new Set(contentStems(sentence)).size < LEAST_WORDS) return failure >= EVIDENCE ? 'trouble' : null;
  if (kind === 'goal') return 'goal';
  if (isGreeting(sentence.text) || isRoutine(cues) || /\?\W*$/.test(sentence.text)) return null;
  if (lesson >= KEEPING) return 'lesson';
  if (change >= KEEPING) return 'change';
  if (decision >= KEEPING) return 'decision';
  if (PREFERENCE.test(sentence.text)) return 'preference';
  if (HABIT.test(sentence.text)) return 'habit';
  if (achievement >= EVIDENCE) return 'reached';
  return failure >= EVIDENCE ? 'trouble' : null;
}

const named: Readonly<Record<Says, string>> = {
  ...{ lesson: 'lesson', change: 'changed', decision: 'decided', preference: 'preference', habit: 'habit' },
  ...{ reached: 'reached', trouble: 'trouble', goal: 'goal' },
};

/** Of each kind the newest, of trouble and goals the first: how it began. Of what says the same once. */
function keep(quotes: readonly Quote[]): Quote[] {
  const newest = [...quotes].reverse();
  const kept = order.flatMap((says) => {
    const from = says === 'trouble' || says === 'goal' ? quotes : newest;
    return from.find((each) => each.says === says) ?? [];
  });
  return kept.filter((each, place) => kept.findIndex(({ text }) => text === each.text) === place).slice(0, STATEMENTS);
}

/** What a theme's memories say that holds, of several days, in the order of their days; nothing where they only name it. */
function find({ theme, writers = [], memories }: InsightInput): Insight {
  if (!isTheme(theme, writers)) return { content: '' };
  const read = memories.slice(-READ_MEMORIES).flatMap((memory) => quote(memory, theme) ?? []);
  // A tag need not be named; what is named somewhere counts where it is.
  const quotes = read.some(({ isAbout }) => isAbout) ? read.filter(({ isAbout }) => isAbout) : read;
  const kept = keep(quotes).sort((a, b) => a.day.localeCompare(b.day));
  const hasPoint = kept.some(({ says }) => says !== 'goal' && says !== 'trouble') || countTrouble(quotes) >= 2;
  if (!hasPoint || new Set(kept.map(({ day }) => day)).size < 2) return { content: '' };
  const told = kept.map(({ text, day, says }) => `${says === null ? '' : `${named[says]} `}(${day}): "${text}"`);
  const trouble = countTrouble(quotes) >= 2 ? ` Trouble on ${String(countTrouble(quotes))} days.` : '';
  return { content: shorten(`${shorten(theme, 80)}: ${told.join(' ')}${trouble}`, 900) };
}

const countTrouble = (quotes: readonly Quote[]) =>
  new Set(quotes.filter(({ says }) => says === 'trouble').map(({ day }) => day)).size;

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

/** What a theme that recurs over days amounts to; by rules in words as written. */
export const insightTask: Task<InsightInput, Insight> = {
  name: 'insight',
  version: 1,
  rulesVersion: 2,
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
