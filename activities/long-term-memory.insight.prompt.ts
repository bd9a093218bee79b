import { z } from 'zod';
import { findInvention } from '../text/inventions.ts';
import { fence } from '../llm/fence.ts';
import { shorten } from '../text/summary.ts';
import type { Task } from '../llm/task.ts';
import { withoutCutWord } from '../text/told.ts';
import { findInsight, type InsightInput } from './long-term-memory.insight.rules.ts';

export const insightSchema = z.object({
  /** One to three statements of several days; empty when the theme says nothing. */
  content: z.string().max(1_000),
});

export type Insight = z.infer<typeof insightSchema>;

const instructions = `You look back on groups of notes of an agent's memory; the notes of each group share a theme.
content: one or two sentences with what the notes amount to together: what changes, what repeats, what was learned. Use the
notes' own words; add no name, figure or fact of your own, and count nothing. Where one note has replaced another, say what holds now and
what held before, with its date.`;

/** Notes of one theme that a model is shown: the first, for where it began, and the newest. */
const SHOWN = 12;

const shown = (memories: InsightInput['memories']) => [...memories.slice(0, 1), ...memories.slice(1).slice(1 - SHOWN)];

const show = (said: string, { content, createdAt }: InsightInput['memories'][number]) =>
  `${said}${createdAt.slice(0, 10)}:\n${fence(shorten(content, 280))}`;

const render = ({ theme, memories, changes = [] }: InsightInput) =>
  [
    `The theme:\n${fence(theme)}\nThe notes, oldest first:`,
    ...shown(memories).map((memory) => show('', memory)),
    ...changes.slice(0, 1).flatMap(({ newer, older }) => {
      const [now, before] = [memories[newer], memories[older]];
      return now && before ? [show('Now, since ', now), show('Before, since ', before)] : [];
    }),
  ].join('\n');

const textsOf = ({ theme, memories }: InsightInput) => [
  theme,
  ...memories.map(({ content, createdAt }) => `${createdAt} ${content}`),
];

const complaint = ({ content }: Insight, input: InsightInput) =>
  content.trim() === '' ? 'content is empty' : findInvention([withoutCutWord(content, textsOf(input))], textsOf(input));

/** What a theme that recurs over days amounts to; by rules in words as written. */
export const insightTask: Task<InsightInput, Insight> = {
  name: 'insight',
  version: 2,
  rulesVersion: 4,
  answer: insightSchema,
  fallback: findInsight,
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
