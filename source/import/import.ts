import { stat } from 'node:fs/promises';
import { ConfigurationError, messageOf } from '../../memory/errors.ts';
import { NotTextError } from '../file-text.ts';
import { JournalSurvey, readJournal, type JournalEntry, type JournalSummary } from '../journal.ts';
import { detect, type Detected } from './detect.ts';
import { toEntry } from './entry.ts';
import type { LeftOut } from './format.ts';

export interface ImportOptions {
  /** Whose the memories are; by default whose the file says. */
  readonly agent?: string | undefined;
  /** What a journal's line without a time is of, ISO 8601. */
  readonly now: string;
}

/** What a file holds. */
export interface ImportSummary extends JournalSummary {
  /** `journal`, `mem0`, …, and what that is called to a person. */
  readonly format: string;
  readonly title: string;
  /** How many memories each agent has; of null are those that name none. */
  readonly agents: readonly { readonly agent: string | null; readonly memories: number }[];
  /** What becomes no memory: how many, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
  readonly first: readonly JournalEntry[];
}

/** A file of memories, opened. */
export interface Import {
  readonly format: string;
  /** Reads it memory by memory; each time from its beginning. @throws ConfigurationError with place and reason */
  read(): AsyncGenerator<JournalEntry>;
  /** Reads all of it and keeps only what is told of it. @throws ConfigurationError */
  survey(): Promise<ImportSummary>;
}

/** An export without times is of the hour in which it was last changed, in its order, a millisecond each. */
const HOUR_MS = 3_600_000;
const SHOWN = 5;

/**
 * Opens a journal or another system's export.
 * @throws ConfigurationError where it cannot be read, or is nothing that is known
 */
export async function openImport(file: string, options: ImportOptions): Promise<Import> {
  const failed = (error: unknown): never => {
    throw describeFailure(file, error);
  };
  const [detected, { mtimeMs }] = await Promise.all([detect(file), stat(file)]).catch(failed);
  const all = () => readAll(file, detected, { ...options, base: mtimeMs - HOUR_MS });
  return {
    format: detected.name,
    async *read() {
      try {
        for await (const part of all()) if (!('leftOut' in part)) yield part.entry;
      } catch (error) {
        failed(error);
      }
    },
    survey: () => survey({ file, now: options.now }, detected, all()).catch(failed),
  };
}

interface Read {
  readonly entry: JournalEntry;
  /** The export does not tell its time. */
  readonly undated: boolean;
}

async function* readAll(
  file: string,
  { name, parts }: Detected,
  { agent, now, base }: ImportOptions & { readonly base: number },
): AsyncGenerator<Read | LeftOut> {
  if (parts === null) {
    for await (const entry of readJournal(file, now)) yield { entry: ofAgent(entry, agent), undated: false };
    return;
  }
  const ids = new Set<string>();
  let order = 0;
  for await (const part of parts()) {
    if ('leftOut' in part) {
      yield part;
      continue;
    }
    order += 1;
    const entry = toEntry(part, { format: name, agent, fallback: new Date(base + order).toISOString() });
    if (ids.has(entry.id)) yield { leftOut: 'said before' };
    else yield { entry, undated: (part.createdAt ?? part.updatedAt ?? null) === null };
    ids.add(entry.id);
  }
}

function ofAgent(entry: JournalEntry, agent: string | undefined): JournalEntry {
  return agent === undefined ? entry : { ...entry, metadata: { ...entry.metadata, agent } };
}

async function survey(
  { file, now }: { readonly file: string; readonly now: string },
  { name, title }: Detected,
  parts: AsyncIterable<Read | LeftOut>,
): Promise<ImportSummary> {
  const journal = new JournalSurvey(file, now);
  const [agents, leftOut] = [new Map<string | null, number>(), new Map<string, number>()];
  const first: JournalEntry[] = [];
  let undated = 0;
  const count = <Key>(counts: Map<Key, number>, key: Key) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for await (const part of parts) {
    if ('leftOut' in part) {
      count(leftOut, part.leftOut);
      continue;
    }
    const { agent } = part.entry.metadata;
    journal.add(part.entry);
    count(agents, typeof agent === 'string' ? agent : null);
    if (part.undated) undated += 1;
    if (first.length < SHOWN) first.push(part.entry);
  }
  const { warnings, ...summary } = journal.summary();
  const late = `${file}: ${String(undated)} memories have no time; they are of the hour before the file was last changed, in its order`;
  return {
    ...{ format: name, title, ...summary, warnings: undated > 0 ? [...warnings, late] : warnings },
    ...{
      agents: [...agents].map(([agent, memories]) => ({ agent, memories })),
      leftOut: Object.fromEntries(leftOut),
      first,
    },
  };
}

/** What the file system and a decoder say, as what to do. */
function describeFailure(file: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(?:ENOENT|ENOTDIR|EISDIR|EACCES|EPERM)$/.test(code))
    return new ConfigurationError(`${file}: cannot be read (${code}); expected a file of memories`, { cause: error });
  if (error instanceof NotTextError)
    return new ConfigurationError(`${file}:${String(error.line)}: ${error.message}. Nothing was loaded.`, {
      cause: error,
    });
  return error instanceof Error ? error : new Error(messageOf(error));
}
