import { listMigrations } from '../duckdb/migration-list.ts';

/** Tables of schema dreams, their keys, and whether each cycle replaces them whole. */
export const TABLES = [
  { name: 'working_memory', key: ['target', 'memory_id'] },
  { name: 'short_term_episodes', key: ['target', 'episode_id'] },
  { name: 'long_term_memories', key: ['target', 'memory_id'] },
  { name: 'memory_insights', key: ['target', 'insight_id'] },
  { name: 'semantic_network', key: ['target', 'src', 'dst'], replaced: true },
  { name: 'processing_metrics', key: ['target', 'cycle_id', 'step'] },
  // The last: it also names what the others rejected.
  { name: 'rejected_rows', key: ['target', 'position'], replaced: true },
] as const;

export type Table = (typeof TABLES)[number];

/** Whoever recalls adds to it; no cycle writes or clears it. */
const RECALL_EVENTS = 'recall_events';
export const VIEWS: readonly string[] = [
  ...['current_context', 'recent_episodes', 'knowledge_graph', 'memory_timeline', 'recalled_memories'],
];
/** All but the record of versions. */
export const RELATIONS: readonly string[] = [...TABLES.map(({ name }) => name), RECALL_EVENTS, ...VIEWS];
export const FOLDER = new URL('./dreams/', import.meta.url);
/** The migration that describes what those before it made; later ones describe their own. */
const DESCRIBING = 3;

/** Without these a table is not ours, whatever it is called: its key, and what tells which cycle it holds. */
export const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(TABLES.map(({ name, key }) => [name, key])),
  processing_metrics: ['target', 'cycle_id', 'step', 'as_of'],
  [RECALL_EVENTS]: ['target', 'recall_id', 'kind', 'memory_id'],
  migration: ['version', 'file', 'applied_at'],
};

/** The columns of tables that a schema of this version was made with, as `table.column`: each has its comment. */
export function columnsMade(version: number): string[] {
  const made = listMigrations(FOLDER).filter((migration) => migration.version <= Math.max(version, DESCRIBING));
  const comments = made.flatMap(({ sql }) => [...sql.matchAll(/^comment on column dreams\.(\w+\.\w+) is/gm)]);
  return [...new Set(comments.map(([, column = '']) => column))];
}
