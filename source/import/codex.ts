import { parse as parseArray } from 'postgres-array';
import { z } from 'zod';
import { dropEmpty, hasField, type Draft, type Format, type LeftOut } from './format.ts';
import { readTime } from './time.ts';

/** Columns that Codex memory has besides those of a journal. */
const COLUMNS = [
  ...['content_hash', 'tier', 'status', 'importance_score', 'access_count', 'last_accessed_at', 'embedding', 'summary'],
  ...['chunk_index', 'total_chunks', 'parent_id', 'expires_at', 'semantic_cluster', 'consolidation_strength'],
];
/** Made from the text, and made again here. */
const DERIVED = /^(?:content_hash|embedding|.*_(?:embedding|vector)|tsv|search_vector)$/;

const rowSchema = z.looseObject({
  id: z.union([z.string(), z.number()]).nullish(),
  content: z.string().nullish(),
  context: z.string().nullish(),
  tags: z.union([z.array(z.string()), z.string().transform(readTags)]).nullish(),
  metadata: z.union([z.record(z.string(), z.unknown()), z.string().transform(readObject)]).nullish(),
  created_at: z.unknown().optional(),
  updated_at: z.unknown().optional(),
  agent: z.string().nullish(),
});

/** Rows of `public.memories` as psql gives them, of Codex memory or of a table like it. */
export const codex: Format = {
  name: 'codex',
  title: 'rows of a memories table (Codex memory)',
  takes: (record) => hasField(record, 'content') && COLUMNS.some((column) => hasField(record, column)),
  read: (record) => [readRow(record)],
};

function readRow(record: unknown): Draft | LeftOut {
  const row = rowSchema.parse(record);
  const { id, content, context, tags, metadata, created_at, updated_at, agent, ...others } = row;
  if (others['status'] === 'deleted') return { leftOut: 'deleted row' };
  if (content === null || content === undefined || content.trim() === '') return { leftOut: 'empty row' };
  const told = Object.entries(others).filter(([column]) => !DERIVED.test(column));
  const named = metadata?.['agent'];
  return {
    sourceId: String(id ?? ''),
    content,
    createdAt: readTime(created_at),
    updatedAt: readTime(updated_at),
    agent: agent ?? (typeof named === 'string' ? named : null),
    tags: tags ?? [],
    context: context ?? null,
    metadata: dropEmpty({ ...metadata, ...Object.fromEntries(told) }),
  };
}

/** `{a,"b c"}` as PostgreSQL writes a list, `["a"]`, or `a, b`. */
function readTags(text: string): string[] {
  if (/^\{.*\}$/s.test(text)) return parseArray(text);
  const list = z.array(z.string()).safeParse(/^\[.*\]$/s.test(text) ? parseJson(text) : text.split(','));
  return (list.data ?? [text]).map((tag) => tag.trim()).filter((tag) => tag !== '');
}

function readObject(text: string, { issues }: z.core.ParsePayload<string>): Record<string, unknown> {
  const object = z.record(z.string(), z.unknown()).safeParse(parseJson(text));
  if (object.success) return object.data;
  issues.push({ code: 'custom', input: text, message: 'expected a JSON object' });
  return z.NEVER;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
