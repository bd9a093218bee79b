import { z } from 'zod';
import type { Parameter } from '../duckdb/statement.ts';
import { UnknownMemoryError } from '../memory/errors.ts';
import { oneLine, shorten } from '../memory/line.ts';
import type { RecallFile } from './file.ts';

/** Characters from which on the beginning of an id stands for it. */
const LEAST_PREFIX = 8;
/** No id is longer, and what is that long is not compared with every one that is there. */
const LONGEST_ID = 1_000;
/** How far beyond its time the curve looks ahead, in days. */
const AHEAD_DAYS = 28;
/** Moments of the curve, evenly spread. */
const MOMENTS = 120;

/** Whose life is asked for. */
export interface WhyRequest {
  /** Of a memory, or 8 or more characters with which no other one begins. */
  readonly id: string;
  /** When it is asked, ISO 8601: what was later is not told. */
  readonly asOf: string;
}

const time = z.date().transform((date) => date.toISOString());
const fraction = z.number().transform((number) => Math.round(number * 10_000) / 10_000);
const spanShape = { startedAt: time, endedAt: time, size: z.number() };
const text = z.string().nullable();

const memoryRow = z.object({
  id: z.string(),
  content: z.string(),
  agent: z.string(),
  createdAt: time,
  context: text,
  tags: z.array(z.string()),
  /** This and the next two are null before the first cycle has read it. */
  kind: text,
  importance: fraction.nullable(),
  /** Whether it got a slot in working memory. */
  attended: z.boolean().nullable(),
  /** Null before the first night; and where it has another one since, as the file has the last one only. */
  fate: z.object({ name: z.string(), why: z.string(), since: time }).nullable(),
  /** Its agent's memories around it, without half an hour of silence between two. */
  session: z.object({ id: z.string(), ...spanShape, episodes: z.number() }).nullable(),
  episode: z.object({ id: z.string(), title: text, goal: text, outcome: text, ...spanShape }).nullable(),
  /** As of the file. */
  community: z.object({ id: z.string(), size: z.number() }).nullable(),
});
const strength = z.object({
  retrievability: fraction,
  /** Days until retrievability has fallen to .9. */
  stability: fraction,
  /** 1 to 10. */
  difficulty: fraction,
  /** What is left of the fast trace, and how much of the slow one there is. */
  hippocampal: fraction,
  cortical: fraction,
  state: z.string(),
});
const eventRow = z.object({
  at: time,
  /** `encode`, `recall`, `restudy`, `replay`; `coactivate`: active with others; `earlier`: so many `events` before those that follow. */
  kind: z.string(),
  /** 1 to 4, as FSRS has it. */
  grade: z.number().nullable(),
  events: z.number(),
  others: z.number().nullable(),
  strength,
  curve: z.array(z.object({ at: time, retrievability: fraction })),
});
const linkRow = z.object({
  id: z.string(),
  content: z.string(),
  agent: z.string(),
  createdAt: time,
  /** What is left of it then, and how often both were active together since they were linked; null where it was strengthened later. */
  weight: fraction.nullable(),
  activeTogether: z.number().nullable(),
  /** What found them to belong together when the link was made: `co-use`, `entity`, `episode`, `meaning`; none of links made before that was kept. */
  madeBy: z.array(z.string()),
  sameEpisode: z.boolean(),
  bothMention: z.array(z.string()),
});
const restatedRow = z.object({
  isOlder: z.boolean(),
  /** Of the other memory. */
  id: z.string(),
  content: z.string(),
  createdAt: time,
  /** Of the newer one, the sentence that differs. */
  sentence: z.string(),
  madeBy: z.string(),
});
type Restated = Omit<z.infer<typeof restatedRow>, 'isOlder'>;
const learnedRow = z.object({
  id: z.string(),
  kind: z.enum(['gist', 'insight']),
  content: z.string(),
  theme: text,
  madeBy: z.string(),
  changedAt: time,
  size: z.number(),
});

/** A memory's life, as far as the recall file tells it: what became of it, and why. */
export interface Life extends z.infer<typeof memoryRow> {
  readonly asOf: string;
  /** Null before the first cycle has encoded it. */
  readonly strength: z.infer<typeof strength> | null;
  readonly events: readonly Omit<z.infer<typeof eventRow>, 'strength' | 'curve'>[];
  /** Its retrievability from its writing to four weeks after `asOf`. */
  readonly curve: z.infer<typeof eventRow>['curve'];
  /** The strongest first. */
  readonly links: readonly z.infer<typeof linkRow>[];
  /** What restates it, and what it restates, as nights have found it, the oldest first. */
  readonly supersededBy: readonly Restated[];
  readonly supersedes: readonly Restated[];
  /** Gists and insights that rest on it. */
  readonly learned: readonly z.infer<typeof learnedRow>[];
}

/** The life of a memory, or null where the file has none of that id. @throws UnknownMemoryError where several are meant, or it was written later */
export async function why(file: RecallFile, { id: asked, asOf }: WhyRequest): Promise<Life | null> {
  const id = await find(file, asked);
  if (id === null) return null;
  const [memory] = await read(file, 'memory', memoryRow, { id, as_of: asOf });
  if (memory === undefined) return null;
  if (Date.parse(memory.createdAt) > Date.parse(asOf))
    throw new UnknownMemoryError(`${id} was not written yet as of ${asOf}: it is of ${memory.createdAt}.`, true);
  const { agent, episode } = memory;
  const [events, links, restated, learned] = await Promise.all([
    read(file, 'event', eventRow, { id, as_of: asOf, moments: MOMENTS, ahead_days: AHEAD_DAYS }),
    read(file, 'link', linkRow, { id, as_of: asOf, agent, episode: episode?.id ?? null }),
    read(file, 'restated', restatedRow, { id, as_of: asOf }),
    read(file, 'learned', learnedRow, { id, as_of: asOf }),
  ]);
  return {
    ...memory,
    asOf,
    strength: events.at(-1)?.strength ?? null,
    events: events.map(({ strength: _, curve: __, ...event }) => event),
    curve: events.flatMap(({ curve }) => curve),
    links,
    supersededBy: restated.filter(({ isOlder }) => isOlder).map(toRestated),
    supersedes: restated.filter(({ isOlder }) => !isOlder).map(toRestated),
    learned,
  };
}

const toRestated = ({ isOlder: _, ...restated }: z.infer<typeof restatedRow>): Restated => restated;

/** That nothing of that id is known, with the nearest ids. */
export async function describeUnknown(file: RecallFile, id: string): Promise<UnknownMemoryError> {
  const nearest = id.length > LONGEST_ID ? [] : await read(file, 'nearest', z.object({ id: z.string() }), { id });
  // Ids alone: what a memory says must not get into an error, which is nobody's data.
  const ids = nearest.map((each) => shorten(oneLine(each.id), 100)).join(', ');
  return new UnknownMemoryError(
    `no memory ${shorten(oneLine(id), 100)} is known.${ids === '' ? '' : ` The nearest ids: ${ids}.`} ` +
      'Recall finds memories by what they say, and gives their ids.',
  );
}

/** Whether an id is, or alone may be, meant by what was asked for. */
export function isMeant(id: string, asked: string): boolean {
  return id === asked || (asked.length >= LEAST_PREFIX && id.startsWith(asked));
}

async function find(file: RecallFile, id: string): Promise<string | null> {
  const matches = await read(file, 'match', z.object({ id: z.string() }), { id, as_prefix: id.length >= LEAST_PREFIX });
  const [first] = matches;
  if (first === undefined) return null;
  if (first.id === id || matches.length === 1) return first.id;
  throw new UnknownMemoryError(
    `several memories begin with ${id}: ${matches.map((match) => match.id).join(', ')}, … Give more of the id.`,
    true,
  );
}

async function read<T>(
  file: RecallFile,
  verb: string,
  row: z.ZodType<T>,
  parameters: Record<string, Parameter>,
): Promise<T[]> {
  return z.array(row).parse(await file.query(new URL(`./why.${verb}.sql`, import.meta.url), parameters));
}
