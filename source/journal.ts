import { v5 as uuidv5 } from 'uuid';
import { z } from 'zod';
import { ConfigurationError, messageOf } from '../memory/errors.ts';
import { timeSchema } from '../memory/types.ts';
import { NotTextError, readLines } from './file-text.ts';

/** Ids that a journal does not give are derived under this namespace; changing it would make loaded journals load again. */
const ID_NAMESPACE = '5b0f6c1e-3d0a-4a57-9d5e-0c8b1f6f2a41';

/** PostgreSQL holds neither the character NUL nor half of a surrogate pair. */
const NUL = 'holds the character NUL (U+0000), which PostgreSQL cannot store';
const HALF = 'holds half of a surrogate pair, which is no character';

const text = z
  .string()
  .refine((value) => !value.includes('\0'), NUL)
  .refine((value) => value.isWellFormed(), HALF);

const lineSchema = z.strictObject({
  id: text.min(1).optional(),
  content: text,
  created_at: timeSchema.optional(),
  updated_at: timeSchema.optional(),
  tags: z.array(text).readonly().nullish(),
  context: text.nullish(),
  metadata: z
    .record(z.string(), z.unknown())
    .refine((value) => !textsIn(value).some((each) => each.includes('\0')), NUL)
    .refine((value) => textsIn(value).every((each) => each.isWellFormed()), HALF)
    .nullish(),
});

/** One memory as an agent writes it; times are ISO 8601 in UTC. */
export interface JournalEntry {
  readonly id: string;
  readonly content: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly tags: readonly string[];
  readonly context: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What a journal holds, without its texts. */
export interface JournalSummary {
  readonly memories: number;
  /** The earliest and the latest time of writing, ISO 8601; null for an empty journal. */
  readonly from: string | null;
  readonly to: string | null;
  /** Things that are accepted and worth a word, each once. */
  readonly warnings: readonly string[];
}

/**
 * Reads a journal (JSON Lines) entry by entry, so that a million lines need the memory of one. An entry without a time is of
 * `now`; one without an id gets the UUIDv5 of its content and time, so that loading it twice changes nothing.
 * @throws ConfigurationError with file, line number and reason
 */
export async function* readJournal(file: string, now: string): AsyncGenerator<JournalEntry> {
  let number = 0;
  try {
    for await (const line of readLines(file)) {
      number += 1;
      const entry = parseLine(line, now);
      if (entry !== undefined) yield entry;
    }
  } catch (error) {
    throw describeFailure(file, number, error);
  }
}

/** What is told of the memories of a file without keeping them. */
export class JournalSurvey {
  #memories = 0;
  #from: string | null = null;
  #to: string | null = null;
  #future = 0;
  #ancient = 0;
  #undated = 0;
  readonly #file: string;
  readonly #now: string;

  constructor(file: string, now: string) {
    this.#file = file;
    this.#now = now;
  }

  add({ created_at, updated_at }: JournalEntry): void {
    this.#memories += 1;
    if (this.#from === null || created_at < this.#from) this.#from = created_at;
    if (this.#to === null || created_at > this.#to) this.#to = created_at;
    if (updated_at > this.#now) this.#future += 1;
    if (created_at < '1970') this.#ancient += 1;
    if (created_at === this.#now) this.#undated += 1;
  }

  summary(): JournalSummary {
    const warn = (count: number, told: string) =>
      count > 0 ? [`${this.#file}: ${String(count)} memories ${told}`] : [];
    const warnings = [
      ...warn(this.#undated, 'have no created_at; they count as written now'),
      ...warn(this.#future, 'are dated in the future; they count from that time on'),
      ...warn(this.#ancient, 'are dated before 1970'),
    ];
    return { memories: this.#memories, from: this.#from, to: this.#to, warnings };
  }
}

/** Checks a whole journal without keeping it. */
export async function surveyJournal(file: string, now: string): Promise<JournalSummary> {
  const survey = new JournalSurvey(file, now);
  for await (const entry of readJournal(file, now)) survey.add(entry);
  return survey.summary();
}

/** A line of a journal, as somebody gives it. */
export type JournalLine = z.input<typeof lineSchema>;

/** An entry made from one that was given; without a time it is of `now`. @throws ConfigurationError with what does not fit */
export function createEntry(line: JournalLine, now: string): JournalEntry {
  const parsed = lineSchema.safeParse({ ...line, created_at: line.created_at ?? now });
  if (parsed.success) return complete(parsed.data, now);
  throw new ConfigurationError(`remember: ${describeFault(parsed.error)}. Nothing was written.`, {
    cause: parsed.error,
  });
}

function parseLine(line: string, now: string): JournalEntry | undefined {
  return line.trim() === '' ? undefined : complete(lineSchema.parse(JSON.parse(line)), now);
}

function complete(line: z.infer<typeof lineSchema>, now: string): JournalEntry {
  const created = line.created_at ?? now;
  const updated = line.updated_at ?? created;
  return {
    id: line.id ?? uuidv5(`${line.content}\n${line.created_at === undefined ? '' : created}`, ID_NAMESPACE),
    content: line.content,
    created_at: created,
    updated_at: updated < created ? created : updated,
    tags: line.tags ?? [],
    context: line.context ?? null,
    metadata: line.metadata ?? {},
  };
}

/** All texts of a JSON value, the keys of its objects included. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...textsIn(item)]);
}

function describeFailure(file: string, number: number, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'EISDIR' || code === 'EACCES')
    return new ConfigurationError(`journal ${file}: cannot be read (${code}); expected a file of JSON Lines`);
  if (error instanceof ConfigurationError) return error;
  const line = error instanceof NotTextError ? error.line : number;
  return new ConfigurationError(`${file}:${String(line)}: ${describeFault(error)}. Nothing was loaded.`, {
    cause: error,
  });
}

function describeFault(error: unknown): string {
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; ');
  if (error instanceof SyntaxError) return 'expected one JSON object in a line, got something else';
  return messageOf(error);
}
