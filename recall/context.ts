import { z } from 'zod';
import { countLeast, Draft, headingOf, type Drafted, type MemoryInContext } from './draft.ts';
import type { EmbedQuestion } from './meaning.ts';
import type { Memories } from './memories.ts';
import { recall, type Recalled } from './recall.ts';

/** For what memories are wanted. */
export interface ContextRequest {
  readonly task: string;
  /** Whose memories; all agents' when absent. */
  readonly agent?: string | undefined;
  /** When it is asked, ISO 8601: later memories are not known yet. */
  readonly asOf: string;
  /** What the text may take at most. */
  readonly tokens: number;
}

/** A prompt's worth of memory. */
export interface TaskContext extends Drafted {
  readonly task: string;
  readonly asOf: string;
}

/** A gist that is told has one of so many best memories as a member. */
const NEAR = 20;
/**
 * How much a day counts on which an agent wrote much of what matters: by the mean of its three best among the thirty best memories. The
 * first five stand as recall has ordered them: a small budget holds no more. Measured on the sample's sixty questions, .793 of what answers
 * them is within 1,500 tokens with it, .772 without (`npm run bench -- context`).
 */
const DAY = { weight: 0.3, memories: 30, best: 3, after: 5 };
/** Tokens of a short memory's line, by which so many memories are asked for as a budget holds; more where all of them have room. */
const SHORT_LINE = 25;
const MOST_MEMORIES = 2_000;
/** Memories without room after which no more are tried. */
const MOST_MISSES = 10;

/**
 * Puts together what a prompt for a task should know, within so many tokens: first what was learned across memories, then memories in the
 * order of recall, those of days that matter farther up, an agent's of one day together. The same memories, task and time give the same text.
 */
export async function gatherContext(
  asked: Memories,
  embed: EmbedQuestion,
  request: ContextRequest,
): Promise<TaskContext> {
  const { task, agent, asOf, tokens } = request;
  for (let limit = MOST_MISSES + Math.ceil(tokens / SHORT_LINE); ; limit *= 4) {
    const { results } = await recall(asked, embed, { question: task, agent, asOf, limit });
    const memories = preferDays(results.map(toMemory));
    const draft = new Draft(task, tokens);
    draft.addLearned(await readLearned(asked, memories, request));
    const isFull = fill(draft, memories);
    if (isFull || results.length < limit || limit >= MOST_MEMORIES) return describe(request, draft, memories[0]);
  }
}

function describe({ task, asOf }: ContextRequest, draft: Draft, best: MemoryInContext | undefined): TaskContext {
  const drafted = draft.finish();
  if (best === undefined || drafted.memories.length > 0) return { task, asOf, ...drafted };
  return { task, asOf, ...drafted, tokens: { ...drafted.tokens, least: countLeast(best) } };
}

/** Memories as recall has ordered them, from the sixth on those of days that matter farther up. */
function preferDays(memories: readonly MemoryInContext[]): MemoryInContext[] {
  const days = new Map<string, number[]>();
  for (const memory of memories.slice(0, DAY.memories)) {
    const day = headingOf(memory);
    days.set(day, [...(days.get(day) ?? []), memory.score]);
  }
  let worst = -Infinity;
  const weighed = memories.toReversed().map((memory) => {
    // Recall has put a newer statement above the one that it replaces: it is worth as much.
    worst = Math.max(worst, memory.score);
    const best = (days.get(headingOf(memory)) ?? []).slice(0, DAY.best);
    return { memory, worth: worst + (DAY.weight * best.reduce((sum, score) => sum + score, 0)) / DAY.best };
  });
  const others = weighed.reverse().slice(DAY.after);
  return [...memories.slice(0, DAY.after), ...others.toSorted((a, b) => b.worth - a.worth).map(({ memory }) => memory)];
}

/** Shorter ones may fit where a longer one does not, but the farther down the less they tell of the task. @returns whether it is full */
function fill(draft: Draft, memories: readonly MemoryInContext[]): boolean {
  let misses = 0;
  for (const memory of memories) {
    if (draft.addMemory(memory)) continue;
    misses += 1;
    if (misses === MOST_MISSES || draft.isEmpty) return true;
  }
  return misses > 0;
}

function toMemory({ id, agent, createdAt, score, content, supersededBy }: Recalled): MemoryInContext {
  const later = supersededBy && { supersededBy: { id: supersededBy.id, createdAt: supersededBy.createdAt } };
  return { id, agent, createdAt, score, content, whole: true, ...later };
}

const learnedRows = z.array(
  z.object({
    id: z.string(),
    kind: z.enum(['gist', 'insight']),
    content: z.string(),
    changedAt: z.date().transform((date) => date.toISOString()),
    members: z.array(z.string()),
  }),
);

/** What was learned from the best memories, from the very best first. */
async function readLearned(
  asked: Memories,
  memories: readonly MemoryInContext[],
  { agent, asOf }: Pick<ContextRequest, 'agent' | 'asOf'>,
) {
  const ids = memories.slice(0, NEAR).map(({ id }) => id);
  const parameters = { ids: JSON.stringify(ids), agent: agent ?? null, as_of: asOf };
  const rows = learnedRows.parse(await asked.query(new URL('./context.learned.sql', import.meta.url), parameters));
  const rankOf = (members: readonly string[]) => ids.findIndex((id) => members.includes(id));
  return rows.toSorted((a, b) => rankOf(a.members) - rankOf(b.members)).map(({ members: _, ...learned }) => learned);
}
