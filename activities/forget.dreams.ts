import type pg from 'pg';
import { z } from 'zod';
import type { Counts } from '../memory/types.ts';
import { DREAMS_TABLES } from './forget.tables.ts';

const namesRow = z.array(z.object({ name: z.string() }));

/** A community that was named after a memory, and its name from now on. */
export const communities = z.array(z.object({ old_name: z.string(), new_name: z.string() }));

interface Erasure {
  readonly target: string;
  readonly ids: readonly string[];
  readonly renamed: z.infer<typeof communities>;
}

/** Those of rejected rows, of which the counts of a step name the first, in their first characters. */
const UNNAME = `
  update dreams.processing_metrics p set counts = jsonb_set(counts, '{rejected_rows}', kept.rows)
  from (
    select cycle_id, step, coalesce(jsonb_agg(r) filter (where r->>'id' is null or not r->>'id' = any ($1)), '[]') as rows
    from (
      select cycle_id, step, jsonb_array_elements(
        case jsonb_typeof(counts->'rejected_rows') when 'array' then counts->'rejected_rows' else '[]' end) as r
      from dreams.processing_metrics where target = $2
    ) named group by cycle_id, step having bool_or(coalesce(r->>'id' = any ($1), false))
  ) kept
  where p.target = $2 and p.cycle_id = kept.cycle_id and p.step = kept.step`;
const NAMED_CHARACTERS = 100;

const RENAME = `
  update dreams.long_term_memories m set minicolumn_id = r.new_name
  from jsonb_to_recordset($1::jsonb) as r (old_name text, new_name text)
  where m.target = $2 and m.minicolumn_id = r.old_name`;

const UNASK = `
  update dreams.recall_events set question = null
  where target = $2 and question is not null
    and recall_id in (select recall_id from dreams.recall_events where target = $2 and memory_id = any ($1))`;

/**
 * Erases memories from a target's rows of schema dreams, in one transaction; gives the rows that are gone, by table. What is not there,
 * as before the first cycle, is passed over.
 */
export async function eraseFromDreams(client: pg.ClientBase, { target, ids, renamed }: Erasure): Promise<Counts> {
  const found = await client.query(`select tablename as name from pg_tables where schemaname = 'dreams'`);
  const present = namesRow.parse(found.rows).map(({ name }) => name);
  const erased: Record<string, number> = {};
  await client.query('begin');
  try {
    if (present.includes('recall_events')) await client.query(UNASK, [ids, target]);
    for (const [table, condition] of Object.entries(DREAMS_TABLES)) {
      if (condition === null || !present.includes(table)) continue;
      const { rowCount } = await client.query(`delete from dreams.${table} where target = $2 and (${condition})`, [
        ids,
        target,
      ]);
      erased[`dreams.${table}`] = rowCount ?? 0;
    }
    if (present.includes('processing_metrics'))
      await client.query(UNNAME, [ids.map((id) => Array.from(id).slice(0, NAMED_CHARACTERS).join('')), target]);
    if (present.includes('long_term_memories')) await client.query(RENAME, [JSON.stringify(renamed), target]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
  return erased;
}

/** Other targets that hold some of the memories: they share the tables, and each has a database of its own. */
export async function targetsBeside(
  client: pg.ClientBase,
  { target, ids }: Omit<Erasure, 'renamed'>,
): Promise<string[]> {
  const there = await client.query(`select tablename as name from pg_tables where schemaname = 'dreams'`);
  if (!namesRow.parse(there.rows).some(({ name }) => name === 'long_term_memories')) return [];
  const { rows } = await client.query(
    `select distinct target as name from dreams.long_term_memories where target <> $2 and memory_id = any ($1) order by 1`,
    [ids, target],
  );
  return namesRow.parse(rows).map(({ name }) => name);
}
