import { z } from 'zod';
import { dropEmpty, hasField, type Draft, type Format, type LeftOut } from './format.ts';
import { readTime } from './time.ts';

const memorySchema = z.looseObject({
  id: z.union([z.string(), z.number()]).nullish(),
  memory: z.string().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  categories: z.array(z.string()).nullish(),
  user_id: z.string().nullish(),
  agent_id: z.string().nullish(),
});
/** Of a search, or of no use without mem0. */
const OWN = ['score', 'hash', 'created_at', 'updated_at', 'text_lemmatized'];

/** What `get_all` of mem0 gives, of its server and of its library: `{"results": [...]}`, or the list alone as it was before. */
export const mem0: Format = {
  name: 'mem0',
  title: 'memories of mem0',
  takes: (record) => hasField(record, 'memory') || isRelation(record),
  read: (record) => [isRelation(record) ? { leftOut: 'relation of the graph' } : readMemory(record)],
};

function isRelation(record: unknown): boolean {
  return hasField(record, 'relationship') && hasField(record, 'source');
}

function readMemory(record: unknown): Draft | LeftOut {
  const { id, memory, metadata, categories, user_id, agent_id, ...others } = memorySchema.parse(record);
  if (memory === null || memory === undefined || memory.trim() === '') return { leftOut: 'empty memory' };
  const told = Object.fromEntries(Object.entries(others).filter(([key]) => !OWN.includes(key)));
  return {
    sourceId: String(id ?? ''),
    content: memory,
    createdAt: readTime(others['created_at']),
    updatedAt: readTime(others['updated_at']),
    agent: agent_id ?? user_id ?? null,
    tags: categories ?? [],
    metadata: dropEmpty({ ...metadata, user_id, agent_id, ...told }),
  };
}
