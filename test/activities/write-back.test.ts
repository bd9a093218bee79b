import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { createMemories, writeMemories } from '../../source/memories.ts';
import type { JournalEntry } from '../../source/journal.ts';
import { hashParameters } from '../../profiles/parameter-hash.ts';
import { Lab, NIGHT, type StepName } from '../support/lab.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';
import { openRealLab } from '../support/real-lab.ts';

const NIGHTS = ['2026-03-02T03:00:00.000Z', '2026-03-03T03:00:00.000Z', '2026-03-04T03:00:00.000Z'] as const;
const CYCLE: readonly StepName[] = [...NIGHT, 'writeBackDreams'];
const TABLES = [
  ...['working_memory', 'short_term_episodes', 'long_term_memories'],
  ...['semantic_network', 'memory_insights', 'processing_metrics'],
];

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await openPostgres();
  return () => postgres.drop();
});
beforeEach(async () => {
  await postgres.pool.query('drop schema if exists dreams cascade; drop table if exists public.memories');
  await runAs(createMemories);
});

async function runAs<T>(body: (client: Parameters<typeof createMemories>[0]) => Promise<T>): Promise<T> {
  const client = await postgres.pool.connect();
  try {
    return await body(client);
  } finally {
    client.release();
  }
}

const entry = (id: string, at: string, content = `memory ${id}`): JournalEntry => ({
  ...{ id, content, created_at: at, updated_at: at },
  ...{ tags: ['x'], context: null, metadata: { agent: 'ada' } },
});
const days = [1, 2, 3].flatMap((day) =>
  [0, 1, 2, 3].map((minute) =>
    entry(
      `d${day}m${minute}`,
      `2026-03-0${day}T10:0${minute}:00.000Z`,
      `We decided in Halifax on point ${minute}: it is critical, never forget it.`,
    ),
  ),
);

const write = async (lab: Lab, entries: readonly JournalEntry[]) =>
  runAs((client) => writeMemories(client, lab.profile, entries));

async function dreams(): Promise<Record<string, string[]>> {
  const read = async (table: string) =>
    (await postgres.pool.query<{ row: string }>(`select t::text as row from dreams.${table} t order by 1`)).rows.map(
      ({ row }) => row,
    );
  return Object.fromEntries(await Promise.all(TABLES.map(async (table) => [table, await read(table)] as const)));
}

const ids = async (sql: string) => (await postgres.pool.query<{ id: string }>(sql)).rows.map(({ id }) => id);

describe('schema dreams', () => {
  test('has the rows of every table after some nights, and every view can be read', async () => {
    const lab = await openRealLab(postgres, { parameters: { cls_rho: 0.4 } });
    await write(lab, days);
    for (const night of NIGHTS) await lab.live(night, CYCLE);
    expect(Object.entries(await dreams()).filter(([, rows]) => rows.length === 0)).toEqual([]);
    const { rows } = await postgres.pool.query<{ name: string }>(
      `select viewname as name from pg_views where schemaname = 'dreams' order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual([
      'current_context',
      'knowledge_graph',
      'memory_timeline',
      'recalled_memories',
      'recent_episodes',
    ]);
    // Not by a cycle, but by whoever recalls.
    await postgres.pool.query(`insert into dreams.recall_events values
      ('dev', 'r', 'recalled', 'd1m0', 1, null, '', null, '2026-03-04 10:00Z', '2026-03-04 10:00Z')`);
    for (const { name } of rows)
      expect((await postgres.pool.query(`select * from dreams.${name}`)).rowCount, name).toBeGreaterThan(0);
    expect(await ids('select memory_id as id from dreams.long_term_memories order by 1')).toEqual(
      days.map(({ id }) => id),
    );
    expect(await ids(`select content as id from dreams.long_term_memories where memory_id = 'd1m0'`)).toEqual([
      days[0]!.content,
    ]);
    expect(await ids(`select created_at::text as id from dreams.long_term_memories where memory_id = 'd1m0'`)).toEqual([
      '2026-03-01 10:00:00+00',
    ]);
  });

  test('is the same after the same cycle is written once more, and after it was dropped and is written whole', async () => {
    const lab = await openRealLab(postgres, { parameters: { cls_rho: 0.4 } });
    await write(lab, days);
    for (const night of NIGHTS.slice(0, 2)) await lab.live(night, CYCLE);
    const before = await dreams();
    await lab.rows(`delete from ledger where step = 'writeBackDreams' and as_of = '2026-03-03 03:00'`);
    await lab.run('writeBackDreams', NIGHTS[1]);
    expect(await dreams()).toEqual(before);
    await postgres.pool.query('drop schema dreams cascade');
    await lab.rows(`delete from ledger where step = 'writeBackDreams'`);
    await lab.run('writeBackDreams', NIGHTS[1]);
    const once = await dreams();
    for (const table of ['working_memory', 'short_term_episodes', 'semantic_network', 'memory_insights'])
      expect(once[table], table).toEqual(before[table]);
    expect(once['long_term_memories']).toHaveLength(before['long_term_memories']!.length);
  });

  test('keeps its old rows when a statement fails, and has the new ones after the next attempt', async () => {
    const lab = await openRealLab(postgres);
    await write(lab, days);
    await lab.live(NIGHTS[0], CYCLE);
    const before = await dreams();
    await lab.live(NIGHTS[1]);
    // The last table but one to be written.
    await postgres.pool.query(
      `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'disk full' using errcode = 'disk_full'; end $$;
       create trigger refuse before insert on dreams.processing_metrics execute function refuse()`,
    );
    await expect(lab.run('writeBackDreams', NIGHTS[1])).rejects.toThrow('disk full');
    expect(await dreams()).toEqual(before);
    expect(await lab.list(`select count(*)::int from ledger where step = 'writeBackDreams'`)).toEqual([1]);
    await postgres.pool.query('drop function refuse cascade');
    expect(await lab.run('writeBackDreams', NIGHTS[1])).toEqual({ rows: expect.any(Number) });
    expect((await dreams())['long_term_memories']).toHaveLength(8);
  });

  test('forgets a deleted memory in every table', async () => {
    const lab = await openRealLab(postgres, { parameters: { cls_rho: 0.4 } });
    const secret = 'The treasure of Halifax is critical: it lies under the old oak.';
    await write(lab, [...days, entry('secret', '2026-03-01T10:04:00.000Z', secret)]);
    for (const night of NIGHTS.slice(0, 2)) await lab.live(night, CYCLE);
    expect(JSON.stringify(await dreams())).toContain('old oak');
    await postgres.pool.query(`delete from public.memories where id = 'secret'`);
    await lab.live(NIGHTS[2], CYCLE);
    const { processing_metrics: _, ...tables } = await dreams();
    expect(JSON.stringify(tables)).not.toMatch(/old oak|secret/);
  });
});

describe('the attached table', () => {
  const CONTENTS = {
    empty: '',
    'a megabyte': 'So it was said again. '.repeat(50_000),
    quotes: `'"\`''""\\'\\"$$x$$`,
    emoji: '👩‍🚀 é é ﷽ 日本',
    'control characters': '\u0001\u0007\b\t\n\r\u001b[31m\u007f\u0085\u2028\u2029\ufeff',
    SQL: `'); drop table raw_memory; -- $1 :x ?`,
  };

  test('gives every content byte for byte, through DuckDB and back to PostgreSQL', async () => {
    const lab = await openRealLab(postgres);
    await write(
      lab,
      Object.entries(CONTENTS).map(([id, content]) => entry(id, '2026-03-01T10:00:00.000Z', content)),
    );
    await lab.live(NIGHTS[0], CYCLE);
    const { rows } = await postgres.pool.query<{ id: string; content: string }>(
      'select memory_id as id, content from dreams.long_term_memories',
    );
    expect(Object.fromEntries(rows.map(({ id, content }) => [id, content]))).toEqual(CONTENTS);
    expect(await lab.rows('select agent, tags::varchar as tags, metadata, context from raw_memory limit 1')).toEqual([
      { agent: 'ada', tags: '[x]', metadata: '{"agent": "ada"}', context: null },
    ]);
  });

  test('is read from the watermark on by PostgreSQL itself, which has an index on it', async () => {
    await postgres.pool.query(`alter database ${new URL(postgres.url).pathname.slice(1)} set log_statement = 'all'`);
    const lab = await openRealLab(postgres);
    await write(lab, days);
    await lab.live(NIGHTS[0], ['ingestMemories']);
    const log = await statementsOf(() => lab.live(NIGHTS[1], ['ingestMemories']));
    const contents = log.filter((text) => text.includes('"content"'));
    expect(contents.length).toBeGreaterThan(0);
    expect(contents.join()).toContain('"updated_at" >');
    // Ten minutes before the last row.
    for (const text of contents) expect(text).toMatch(/"(?:updated|created)_at" > '2026-03-01 09:53:00\+00'/);
  });

  test('cannot be written to', async () => {
    const lab = await openRealLab(postgres);
    await expect(lab.rows('delete from source_memories.public.memories')).rejects.toThrow('read-only');
  });
});

/** What PostgreSQL is asked meanwhile, from its log. */
async function statementsOf(body: () => Promise<unknown>): Promise<string[]> {
  const log = join(inject('workspace'), 'postgres', 'postgres.log');
  const { size } = await stat(log);
  await body();
  const text = (await readFile(log)).subarray(size).toString();
  return text.split('\n').filter((line) => / (?:statement|execute [^:]*): /.test(line));
}

describe('schema dreams, shared', () => {
  test('holds the rows of two targets side by side, and each cycle touches only its own', async () => {
    const dev = await openRealLab(postgres);
    const other = await openRealLab(postgres);
    const prod = new Lab({ ...other.profile, target: 'prod' }, other.database, undefined, postgres.pool);
    await write(dev, days);
    await dev.live(NIGHTS[2], CYCLE);
    const before = (await dreams())['short_term_episodes'] ?? [];
    await prod.live(NIGHTS[1], CYCLE);
    expect((await dreams())['short_term_episodes']).toEqual(expect.arrayContaining(before));
    expect(await ids('select distinct target as id from dreams.short_term_episodes order by 1')).toEqual(
      [dev.profile.target, 'prod'].sort(),
    );
  });

  test('is written whole again when it does not know the last cycle', async () => {
    const lab = await openRealLab(postgres);
    await write(lab, days);
    await lab.live(NIGHTS[2], CYCLE);
    await postgres.pool.query('delete from dreams.processing_metrics; delete from dreams.long_term_memories');
    await lab.live('2026-03-05T03:00:00.000Z', CYCLE);
    expect(await ids('select memory_id as id from dreams.long_term_memories order by 1')).toEqual(
      days.map(({ id }) => id),
    );
  });

  test('tells with the counts of a step what it asked of a model, and nothing of one that was not asked', async () => {
    const lab = await openRealLab(postgres);
    await write(lab, days);
    await lab.live(NIGHTS[2], CYCLE.slice(0, -1));
    await lab.rows(
      `insert into llm_usage by name select '${NIGHTS[2]}' as cycle_id, 'readFeatures' as step, 2 as calls,
         300 as prompt_tokens, 40 as answer_tokens, 1.5 as seconds, 0 as waiting`,
    );
    await lab.rows(
      `insert into llm_usage by name select '${NIGHTS[2]}' as cycle_id, 'embedMemories' as step, 0 as calls,
         0 as prompt_tokens, 0 as answer_tokens, 0.5 as seconds, 0 as waiting, 3 as embed_calls, 7 as waiting_for_embedding`,
    );
    await lab.run('writeBackDreams', NIGHTS[2]);
    const { rows } = await postgres.pool.query<{ step: string; counts: object; parameters: string }>(
      'select step, counts, parameters from dreams.processing_metrics order by step',
    );
    expect(new Set(rows.map(({ parameters }) => parameters))).toEqual(new Set([hashParameters(lab.profile.pipeline)]));
    const counts = Object.fromEntries(rows.map((row) => [row.step, row.counts]));
    const used = { model_calls: 2, model_prompt_tokens: 300, model_answer_tokens: 40, model_seconds: 1.5 };
    expect(counts['readFeatures']).toEqual({ read: days.length, read_by_rules: days.length, ...used });
    expect(counts['embedMemories']).toEqual({ model_seconds: 0.5, embed_calls: 3, waiting_for_embedding: 7 });
    expect(Object.keys(counts['describeEpisodes'] ?? {})).toEqual(['described', 'described_by_rules']);
  });

  test('gives a memory that was read again its new importance', async () => {
    const lab = await openRealLab(postgres);
    await write(lab, days);
    await lab.live(NIGHTS[1], CYCLE);
    const night = NIGHTS[2];
    await lab.rows(
      `update feature set importance = 0.123, changed_at = '${night}'::timestamp where memory_id = '${days[0]?.id ?? ''}'`,
    );
    // Alone: a whole night would also replay the memory, and write it back for that.
    await lab.run('writeBackDreams', night);
    const { rows } = await postgres.pool.query<{ importance_score: number }>(
      'select importance_score from dreams.long_term_memories where memory_id = $1',
      [days[0]?.id],
    );
    expect(rows[0]?.importance_score).toBe(0.123);
  });
});
