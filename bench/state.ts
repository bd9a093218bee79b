import { readFileSync } from 'node:fs';
import { featuresTask } from '../activities/working-memory.features.prompt.ts';
import { MINILM, MINILM_SHA256 } from '../downloads/minilm.ts';
import type { Database } from '../duckdb/database.ts';
import { signRules } from '../llm/rules.ts';

const SAMPLE = new URL('../sample/journal.jsonl', import.meta.url);
/** Numbers of a vector, as MiniLM's have them, whose they are said to be: a question is compared with those of its own model only. */
const LENGTH = 384;
const MODEL = `onnx-${MINILM}@${MINILM_SHA256.slice(0, 12)}`;
/** Memories of one topic have vectors near each other: cosine .8. */
const TOPICS = 500;

/** Memories that a worker would have after its stages, by consecutive numbers. */
export interface Filling {
  readonly from: number;
  readonly to: number;
  readonly agents: number;
  /** The cycle that has written them, ISO 8601. */
  readonly cycle: string;
}

/**
 * Writes memories straight into a worker's tables, as if stages had made them: two texts of the sample each, 90 s apart, with a
 * vector, a trace, a fate, five memories an episode, two entities and five links. Chance is a hash of the number.
 */
export async function fillState(database: Database, { from, to, agents, cycle }: Filling): Promise<void> {
  const texts = readFileSync(SAMPLE, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { content: string }).content);
  const bounds = { first: from, last: to, agents, cycle };
  await database.use(async (connection) => {
    await connection.run(
      `create or replace temp table text as
      select row_number() over () - 1 as number, content
      from (select unnest(from_json($1, '["VARCHAR"]')) as content)`,
      [JSON.stringify(texts)],
    );
    for (const statement of STATEMENTS) {
      const named = Object.fromEntries(Object.entries(bounds).filter(([name]) => statement.includes(`$${name}`)));
      await connection.run(statement, named);
    }
  });
}

const STATEMENTS = [
  `create or replace temp table filling as
   with texts as (select list(content order by number) as content from text)
   select 'm' || i as memory_id, i, 'agent-' || (i % $agents) as agent,
     content[(1 + hash(i) % len(content))::bigint] || ' ' || content[(1 + hash(i + 1) % len(content))::bigint] || ' Number ' || i || '.' as content,
     '2026-01-01'::timestamp + to_seconds(90 * i) as created_at, $cycle::timestamp as changed_at
   from range($first, $last) r(i), texts`,
  `insert into raw_memory
   select memory_id, agent, content, null, ['tag-' || (i % 50)], json_object('agent', agent), created_at, created_at, md5(content),
     null, changed_at from filling order by i`,
  `insert into feature
   select memory_id, md5(content), 'note', (hash(i) % 1000) / 1000, 0.2, 0.3, 0.1, left(content, 80), ['2026-03-01'],
     '${signRules(featuresTask)}', changed_at from filling order by i`,
  `insert into mention
   select memory_id, agent, 'entity-' || (hash(i + part) % 5000), 'Entity', 'thing', created_at
   from filling, range(2) p(part) order by i, part`,
  `insert into working_memory
   select memory_id, agent, time_bucket(interval 5 minute, created_at), 0.5, 0.5, 0.5, 1, 7, changed_at from filling order by i`,
  `insert into episode
   select 'e' || (i // 5 // $agents * $agents + i % $agents), any_value(agent), min(created_at), max(created_at), count(*)::integer,
     'silence', md5(min(memory_id)), any_value(left(content, 40)), any_value(left(content, 60)), null, null, null, [], [], 'rules#1',
     any_value(changed_at),
     any_value('e' || (i // 5 // $agents * $agents + i % $agents)) from filling group by 1 order by min(i)`,
  `insert into episode_member
   select memory_id, 'e' || (i // 5 // $agents * $agents + i % $agents), (i // $agents % 5 + 1)::integer from filling order by i`,
  `insert into trace
   select memory_id, created_at, created_at, 1, 2 + (hash(i) % 100) / 10, 5, 0.1, created_at, i, changed_at from filling order by i`,
  `insert into fate
   select memory_id, 'hippocampal_retention', 'still well retrievable', changed_at, changed_at from filling order by i`,
  `insert into association
   select memory_id, 'm' || (hash(i + 7 * link) % (i + 1)), 0.3, 1, created_at, changed_at, 'entity', 0.3, created_at, 1, 0
   from filling, range(5) l(link) where hash(i + 7 * link) % (i + 1) <> i
   on conflict do nothing`,
  `insert into embedding
   select memory_id, '${MODEL}', 0, md5(content),
     list_transform(range(${String(LENGTH)}), lambda place: (
       (hash(i * ${String(LENGTH)} + place) % 20001)::float + 2 * (hash((i % ${String(TOPICS)} + 1e9::bigint) * ${String(LENGTH)} + place) % 20001)::float
       - 30000) / 10000 / 25.3)::float[],
     null, changed_at
   from filling order by i`,
  `insert into gist
   select 'g' || (i // 100), 'c' || (i // 100), any_value(left(content, 100)), 'theme', 'rules#1', any_value(changed_at)
   from filling group by all having count(*) = 100`,
  `insert into gist_member
   select 'g' || (i // 100), memory_id, (i % 10)::integer from filling where i % 10 = 0
   on conflict do nothing`,
];
