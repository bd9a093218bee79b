import { ConfigurationError } from '../memory/errors.ts';
import { createEntry, type JournalEntry, type JournalLine } from '../source/journal.ts';

/** A memory to be written: a text, or the fields of a line of a journal and whose it is. */
export type NewMemory = string | (JournalLine & { readonly agent?: string | undefined });
export type NewMemories = NewMemory | Iterable<NewMemory> | AsyncIterable<NewMemory>;

/**
 * Entries of the agents' table, written now where they do not say when; `usual` is the agent where they do not say who.
 * @throws ConfigurationError for what is no memory
 */
export async function* toEntries(memories: NewMemories, usual: string | undefined): AsyncGenerator<JournalEntry> {
  const now = new Date().toISOString();
  for await (const memory of toList(memories)) {
    const { agent, ...line } = toLine(memory);
    const named = agent === undefined ? {} : { agent };
    const metadata = { ...(usual !== undefined && { agent: usual }), ...line.metadata, ...named };
    yield createEntry({ ...line, metadata }, now);
  }
}

/** A program without types may give anything. */
type Given<T> = T | undefined | null;

function toList(memories: Given<NewMemories>): Iterable<Given<NewMemory>> | AsyncIterable<Given<NewMemory>> {
  if (typeof memories !== 'object' || memories === null || 'content' in memories) return [memories];
  return Symbol.iterator in memories || Symbol.asyncIterator in memories ? memories : [memories];
}

function toLine(memory: Given<NewMemory>): Exclude<NewMemory, string> {
  if (typeof memory === 'object' && memory !== null) return memory;
  if (typeof memory === 'string' && memory.trim() !== '') return { content: memory };
  const given = typeof memory === 'string' ? 'an empty one' : String(memory);
  throw new ConfigurationError(
    `remember: expected a text, or an object with a content, got ${given}. Nothing was written.`,
  );
}
