import type { TABLES } from './write-back.tables.ts';

const OF_MEMORY = 'memory_id in (select memory_id from forgetting)';
const OF_PAIR = 'src in (select memory_id from forgetting) or dst in (select memory_id from forgetting)';
const derived = (kind: 'episode' | 'gist' | 'insight') =>
  `${kind}_id in (select id from derived where kind = '${kind}')`;

/**
 * What forgetting does to each table of the state: which rows it deletes; null where a row holds neither a text nor an id of a memory,
 * or is blanked by a statement of its own. Who adds a table says here what becomes of it.
 */
export const STATE_TABLES: Readonly<Record<string, string | null>> = {
  raw_memory: OF_MEMORY,
  feature: OF_MEMORY,
  embedding: OF_MEMORY,
  recall_text: OF_MEMORY,
  mention: OF_MEMORY,
  working_memory: OF_MEMORY,
  readiness: OF_MEMORY,
  event: OF_MEMORY,
  trace: OF_MEMORY,
  fate: OF_MEMORY,
  // Others of its community may bear its name: forget.rename-network.sql.
  network: OF_MEMORY,
  coactivation: OF_PAIR,
  association: OF_PAIR,
  supersession: 'newer in (select memory_id from forgetting) or older in (select memory_id from forgetting)',
  distant_association: OF_PAIR,
  // Its other memories too: they are bound again.
  episode_member: derived('episode'),
  episode: derived('episode'),
  gist_member: derived('gist'),
  gist: derived('gist'),
  insight_member: derived('insight'),
  insight: derived('insight'),
  // A draft names no member: all are answered again.
  insight_draft: 'true',
  recall_feedback: OF_MEMORY,
  rejected_row: OF_MEMORY,
  // Answers are kept under a hash of their prompt, so that nothing tells whose text stood in it: all of them go.
  llm_cache: 'true',
  llm_unfit: `id in (select memory_id from forgetting) or id in (select content_hash from forgetting) or id in (select id from derived)`,
  // Its last id is blanked: forget.blank-watermark.sql.
  watermark: null,
  // The request itself: of what is erased a hash stays.
  forgotten: null,
  // Times and counts; values of the profile.
  ledger: null,
  lived_night: null,
  weight_step: null,
  setting: null,
  llm_usage: null,
  published_file: null,
  changed_cycle: null,
  migration: null,
};

type DreamsTable = (typeof TABLES)[number]['name'] | 'recall_events' | 'migration';

/** The same for schema dreams; `$1` are the ids, as text[]. */
export const DREAMS_TABLES: Readonly<Record<DreamsTable, string | null>> = {
  working_memory: 'memory_id = any ($1)',
  // The others of its session too: they are formed again. As JSON, a row of a schema without the column has none.
  short_term_episodes: `memory_ids && $1 or (target, to_jsonb(short_term_episodes)->>'session_id') in
    (select e.target, to_jsonb(e)->>'session_id' from dreams.short_term_episodes e where e.memory_ids && $1)`,
  // Others of its community may bear its name: they get another.
  long_term_memories: 'memory_id = any ($1)',
  memory_insights: 'memory_ids && $1',
  semantic_network: 'src = any ($1) or dst = any ($1)',
  rejected_rows: 'memory_id = any ($1)',
  // A question that gave it loses its text, which may tell of it.
  recall_events: 'memory_id = any ($1)',
  // Its counts name the first rows that a step passed over: those are taken out of them.
  processing_metrics: null,
  migration: null,
};
