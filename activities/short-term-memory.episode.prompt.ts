import { z } from 'zod';
import { findInvention } from '../text/inventions.ts';
import { findCues } from '../text/cues.ts';
import { fence } from '../llm/fence.ts';
import { addressesReader } from '../text/grammar.ts';
import { unmarked } from '../text/kind.ts';
import type { Task } from '../llm/task.ts';
import { mostCentral, shorten } from '../text/summary.ts';
import { readSentences, type Sentence } from '../text/sentences.ts';
import { withoutCutWord } from '../text/told.ts';
import type { Features } from './working-memory.features.prompt.ts';

export const episodeSchema = z.object({
  /** At most 80 characters; empty when no member has a word. */
  title: z.string().max(80),
  goal: z.string().max(280).nullable(),
  tasks: z.array(z.string().max(280)).max(12),
  actions: z.array(z.string().max(280)).max(12),
  outcome: z.string().max(280).nullable(),
});

export type Episode = z.infer<typeof episodeSchema>;

export interface EpisodeInput {
  /** In the order in which they happened. */
  members: { content: string; kind: Features['kind'] }[];
}

interface Member {
  readonly kind: Features['kind'];
  readonly sentences: readonly Sentence[];
}

/** At most so many members are read, the first ones: an episode is half an hour of an agent. */
const READ_MEMBERS = 200;

// How the rules weigh, by design choice; whoever changes one of these raises `rulesVersion`. Cues are from 0 to 1.
/** Cue of success, failure, decision or lesson from which a sentence may be how an episode ended. */
const OUTCOME_CUE = 0.35;
/** Cue of routine from which it is none, whatever else it tells. */
const ROUTINE_CUE = 0.8;

const line = (sentence: Sentence | null | undefined) => (sentence ? shorten(unmarked(sentence.text), 280) : '');
const linesOf = (members: readonly Member[], kind: Features['kind']) =>
  [...new Set(members.filter((member) => member.kind === kind).map(({ sentences }) => line(sentences[0])))]
    .filter(Boolean)
    .slice(0, 12);

/** How the episode ended: its last sentence that tells of success, failure, decision or a lesson; null when none does. */
function findOutcome(members: readonly Member[]): string | null {
  const results = members
    .filter(({ kind }) => kind === 'action' || kind === 'note')
    .flatMap(({ sentences }) => sentences)
    .filter((sentence) => {
      const { achievement, failure, decision, lesson, routine } = findCues(sentence);
      return Math.max(achievement, failure, decision, lesson) >= OUTCOME_CUE && routine < ROUTINE_CUE;
    });
  return line(results.at(-1)) || null;
}

function summarise({ members }: EpisodeInput): Episode {
  const read = members.slice(0, READ_MEMBERS).map(({ content, kind }): Member => {
    return { kind, sentences: readSentences(content.slice(0, 2_000)).filter((sentence) => !addressesReader(sentence)) };
  });
  const goal = linesOf(read, 'goal')[0] ?? null;
  const title = goal ?? line(mostCentral(read.map(({ sentences }) => sentences)));
  const [tasks, actions] = [linesOf(read, 'task'), linesOf(read, 'action')];
  return { title: shorten(title, 80), goal, tasks, actions, outcome: findOutcome(read) };
}

const instructions = `You describe episodes of an agent's work, each by itself, from its notes in their order.
title: what it was about, in at most ten words. goal: what was to be reached. tasks: what was to do. actions: what was done.
outcome: how it ended. goal and outcome are null, tasks and actions empty, where the notes do not say.
Use the notes' own words; add no name, figure or fact of your own.`;

const render = ({ members }: EpisodeInput) =>
  members.map(({ content, kind }) => `${kind}:\n${fence(content)}`).join('\n');

const textsOf = ({ members }: EpisodeInput) => members.map(({ content }) => content);

/** The answer without words that were cut off, and with null for what is empty. */
function tidy({ title, goal, tasks, actions, outcome }: Episode, input: EpisodeInput): Episode {
  const whole = (line: string) => withoutCutWord(line, textsOf(input));
  return {
    ...{ title: whole(title), tasks: tasks.map(whole), actions: actions.map(whole) },
    ...{ goal: whole(goal ?? '') || null, outcome: whole(outcome ?? '') || null },
  };
}

function complaint(asked: Episode, input: EpisodeInput): string | null {
  const { title, goal, tasks, actions, outcome } = tidy(asked, input);
  if (title.trim() === '') return 'title is empty';
  return findInvention([title, goal ?? '', ...tasks, ...actions, outcome ?? ''], textsOf(input));
}

/** What an episode was about: its goal, what was to do, what was done and how it ended, each in its members' own words. */
export const episodeTask: Task<EpisodeInput, Episode> = {
  name: 'episode',
  version: 1,
  // 2: the rules are the same, but an episode whose members changed kept what 1 had said of the former ones.
  rulesVersion: 2,
  answer: episodeSchema,
  fallback: summarise,
  role: 'extract',
  asked: episodeSchema,
  instructions,
  render,
  batch: 24,
  rateLimit: { of: 'partial', perMemory: 0.02 },
  answerTokens: 120,
  complaint,
  reconcile: (asked, _, input) => tidy(asked, input),
};
