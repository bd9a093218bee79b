import { createEntry, type JournalEntry, type JournalLine } from '../source/journal.ts';

/** A memory to be written: a text, or the fields of a line of a journal and whose it is. */
export type NewMemory = string | (JournalLine & { readonly agent?: string | undefined });
export type NewMemories = NewMemory | Iterable<NewMemory> | AsyncIterable<NewMemory>;

/** Entries of the agents' table, written now where they do not say when; `usual` is the agent where they do not say who. */
export async function* toEntries(memories: NewMemories, usual: string | undefined): AsyncGenerator<JournalEntry> {
  const now = new Date().toISOString();
  for await (const memory of isOne(memories) ? [memories] : memories) {
    const { agent, ...line } = typeof memory === 'string' ? { content: memory } : memory;
    const named = agent === undefined ? {} : { agent };
    const metadata = { ...(usual !== undefined && { agent: usual }), ...line.metadata, ...named };
    yield createEntry({ ...line, metadata }, now);
  }
}

function isOne(memories: NewMemories): memories is NewMemory {
  return typeof memories === 'string' || 'content' in memories;
}
