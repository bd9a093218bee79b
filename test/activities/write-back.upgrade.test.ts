import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { hashParameters } from '../../profiles/parameter-hash.ts';
import { FILES, readCatalog, readViewColumns, runMigrations } from '../support/dreams.ts';
import { NIGHT, type StepName } from '../support/lab.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';
import { MEMORIES, openReleasedLab, RELEASED_SCHEMA, restorePostgres } from '../support/release.ts';

const NEXT = '2026-03-25T03:00:00.000Z';
const CYCLE: readonly StepName[] = [...NIGHT, 'writeBackDreams'];
const TABLES = [
  ...['working_memory', 'short_term_episodes', 'long_term_memories', 'memory_insights'],
  ...['semantic_network', 'processing_metrics'],
];

/** What people select from the views by name. */
const VIEWS = {
  current_context:
    'target memory_id agent content window_start wm_slot capacity attention_priority recency_weight importance_score ' +
    'urgency_score emotional_salience as_of',
  recent_episodes:
    'target episode_id agent title level_0_goal level_1_tasks atomic_actions outcome social_context spatial_context ' +
    'started_at ended_at memory_ids made_by as_of session_id',
  knowledge_graph: 'target src src_content dst dst_content weight minicolumn_id',
  memory_timeline: 'target created_at agent memory_id content consolidation_fate retrieval_strength episode',
  recalled_memories: 'target memory_id recalled used wrong last_used_at',
};

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await openPostgres();
  return () => postgres.drop();
});
beforeEach(() => restorePostgres(postgres.pool));

const sql = async (text: string) => (await postgres.pool.query<Record<string, unknown>>(text)).rows;
const list = async (text: string) => (await sql(text)).map((row) => Object.values(row)[0]);

/** Rows without what is null: columns that have come since hold nothing of rows that are older. */
async function dreams(tables: readonly string[] = TABLES): Promise<Record<string, unknown[]>> {
  const read = async (table: string) =>
    [table, await list(`select jsonb_strip_nulls(to_jsonb(t))::text from dreams.${table} t order by 1`)] as const;
  return Object.fromEntries(await Promise.all(tables.map(read)));
}

describe('a schema dreams that version 0.2.0 wrote', () => {
  test('gets its migrations with the next write-back, and keeps its rows and what others built on it', async () => {
    await sql('create role dreams_reader');
    onTestFinished(async () => {
      await sql('drop owned by dreams_reader; drop role dreams_reader');
    });
    await sql(`grant usage on schema dreams to dreams_reader;
      grant select on dreams.long_term_memories, dreams.memory_timeline to dreams_reader;
      create view public.mine as select memory_id, consolidation_fate, why from dreams.long_term_memories`);
    const before = await dreams();
    const network = 'select src, dst, co_activation_count from dreams.semantic_network order by 1, 2';
    const [links, mine] = [await sql(network), await sql('select * from public.mine order by 1')];
    const lab = await openReleasedLab(postgres);
    await lab.run('writeBackDreams', NEXT);

    expect(await sql('select * from dreams.migration order by version')).toEqual(
      FILES.map((file, index) => ({ version: index + 1, file, applied_at: new Date(NEXT) })),
    );
    // The network is reckoned as of each cycle; nothing else has changed since the last one. Its cycles got a column, which is empty.
    const { semantic_network: _, processing_metrics: cycles = [], ...kept } = before;
    const { processing_metrics: cyclesNow, ...now } = await dreams([...Object.keys(kept), 'processing_metrics']);
    expect(now).toEqual(kept);
    expect(cyclesNow).toEqual(cycles.map((row) => String(row).replace(/\)$/, ',)')));
    expect(await sql(network)).toEqual(links);
    expect(links.length).toBeGreaterThan(0);
    expect(await sql('select * from public.mine order by 1')).toEqual(mine);
    expect(mine).toHaveLength(MEMORIES);
    expect(await readViewColumns(sql)).toEqual(VIEWS);
    // Nobody has recalled anything.
    for (const view of Object.keys(VIEWS).filter((name) => name !== 'recalled_memories'))
      expect((await sql(`select * from dreams.${view}`)).length, view).toBeGreaterThan(0);
    expect(
      await list(
        `select has_table_privilege('dreams_reader', 'dreams.' || name, 'select') from unnest(array['long_term_memories', 'memory_timeline']) name`,
      ),
    ).toEqual([true, true]);

    const once = await dreams([...TABLES, 'rejected_rows', 'migration']);
    await lab.rows(`delete from ledger where step = 'writeBackDreams' and as_of = '${NEXT}'::timestamp`);
    await lab.run('writeBackDreams', NEXT);
    expect(await dreams([...TABLES, 'rejected_rows', 'migration'])).toEqual(once);
  });

  test('and its DuckDB file live through one more night: what is new is added, and nothing is lost', async () => {
    const lab = await openReleasedLab(postgres);
    const [events, coactivations] = [`from event order by event_id`, `from coactivation order by all`];
    const had = { events: await lab.rows(events), coactivations: await lab.rows(coactivations) };
    const steps = 'select cycle_id, step, counts from dreams.processing_metrics order by 1, 2';
    const metrics = await sql(steps);
    await sql(`insert into public.memories (id, content, metadata, created_at, updated_at) values
      ('a new day', 'The lighthouse at Ardnave got a new lamp.', '{"agent": "scout"}', '2026-03-24 10:00Z', '2026-03-24 10:00Z')`);
    const counts = await lab.live(NEXT, CYCLE);

    expect(counts.ingestMemories).toMatchObject({ ingested: 1, changed: 0, deleted: 0 });
    expect(await lab.rows(events)).toEqual(expect.arrayContaining(had.events));
    expect(await lab.rows(coactivations)).toEqual(expect.arrayContaining(had.coactivations));
    const ids = 'select id from public.memories order by 1';
    expect(await list('select memory_id from dreams.long_term_memories order by 1')).toEqual(await list(ids));
    expect(await sql(steps)).toEqual(expect.arrayContaining(metrics));
    // With which parameters the nights before were lived was not kept.
    const hashes = `select cycle_id = '${NEXT}' as of_new, parameters from dreams.processing_metrics group by 1, 2 order by 1`;
    expect(await sql(hashes)).toEqual([
      { of_new: false, parameters: null },
      { of_new: true, parameters: hashParameters(lab.profile.pipeline) },
    ]);
    expect(counts.consolidateTraces?.['refolded']).toBe(MEMORIES);
    expect(await list('select distinct target from dreams.long_term_memories')).toEqual(['dev']);
  });

  test('is still taken by that version afterwards, which another target may run, and then by this one', async () => {
    const lab = await openReleasedLab(postgres);
    await lab.run('writeBackDreams', NEXT);
    const [catalog, rows] = [await readCatalog(sql), await dreams()];
    await sql(RELEASED_SCHEMA);
    expect([await readCatalog(sql), await dreams()]).toEqual([catalog, rows]);
    await lab.run('writeBackDreams', '2026-03-26T03:00:00.000Z');
    expect(await list('select distinct applied_at from dreams.migration')).toEqual([new Date(NEXT)]);
  });

  test('has the tables and views that the first migration makes', async () => {
    const released = await readCatalog(sql);
    await sql('drop schema dreams cascade; create schema dreams');
    await runMigrations(postgres.pool, 1);
    expect(await readCatalog(sql)).toEqual(released);
  });
});

test('a schema that counted no versions yet but has its rejected rows is brought to the newest version as it is', async () => {
  await runMigrations(postgres.pool, 2);
  await sql(`comment on schema dreams is 'biological-memory 0123456789abcdef0123456789abcdef'`);
  const before = await dreams(['working_memory', 'short_term_episodes', 'long_term_memories']);
  const lab = await openReleasedLab(postgres);
  await lab.run('writeBackDreams', NEXT);
  expect(await list('select version from dreams.migration order by 1')).toEqual(FILES.map((_, index) => index + 1));
  expect(await dreams(Object.keys(before))).toEqual(before);
  expect(await list(`select obj_description('dreams'::regnamespace)`)).toEqual([
    expect.stringMatching(/^What biological-memory made/),
  ]);
});
