import pg from 'pg';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { NIGHT, type Lab, type StepName } from '../support/lab.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';
import { openRealLab } from '../support/real-lab.ts';

const NIGHTS = ['2026-03-02T03:00:00Z', '2026-03-03T03:00:00Z', '2026-03-04T03:00:00Z'] as const;
const CYCLE: readonly StepName[] = [...NIGHT, 'writeBackDreams'];
const EVERY_ROW = { everyRow: true };
/** A table with the least that a memory needs. */
const BARE = { updated_at: null, agent: null, tags: null, context: null, metadata: null };
const AT = `'2026-03-01T10:00:00Z'`;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await openPostgres();
  return () => postgres.drop();
});
beforeEach(async () => {
  await sql('drop schema if exists dreams cascade; drop table if exists public.m cascade');
});

const sql = (text: string) => postgres.pool.query<Record<string, unknown>>(text);
const open = (columns: object) => openRealLab(postgres, { source: { table: 'm', columns: { ...BARE, ...columns } } });
const ids = (lab: Lab) => lab.list('select memory_id from raw_memory where deleted_at is null order by 1');
const night = (lab: Lab, asOf: string) => lab.live(asOf, CYCLE);
/** What a night does first, and last. */
const comparing = async (lab: Lab, asOf: string) => {
  const counts = await lab.run('ingestMemories', asOf, undefined, EVERY_ROW);
  await lab.run('writeBackDreams', asOf);
  return counts;
};
const waking = (lab: Lab, asOf: string) => lab.run('ingestMemories', asOf);
const rejectedOf = (lab: Lab) => lab.activities.listRejected({ stage: 'ingest' });
const inDreams = async () =>
  (await sql('select memory_id from dreams.long_term_memories order by 1')).rows.map(({ memory_id }) => memory_id);

interface Case {
  readonly what: string;
  readonly table: string;
  readonly columns?: object;
  /** Rows beside a good one. */
  readonly rows: string;
  readonly rejected: readonly object[];
  readonly mend: string;
  /** All ids once it is mended; the good row is `good` or 1. */
  readonly mended: readonly string[];
}

const TEXT_IDS = 'm(id text, content text, created_at timestamptz, extra jsonb)';
const CASES: readonly Case[] = [
  {
    what: 'a row without content',
    table: TEXT_IDS,
    rows: `('b', null, ${AT})`,
    rejected: [{ id: 'b', column: 'content', reason: 'is NULL', rows: 1 }],
    mend: `update m set content = 'mended' where id = 'b'`,
    mended: ['b', 'good'],
  },
  {
    what: 'rows without an id',
    table: TEXT_IDS,
    rows: `(null, 'x', ${AT}), (null, 'y', ${AT}), ('', 'z', ${AT})`,
    rejected: [
      { id: null, column: 'id', reason: 'is NULL', rows: 2 },
      { id: '', column: 'id', reason: 'is empty', rows: 1 },
    ],
    mend: `update m set id = 'b' where content = 'x'; update m set id = 'c' where content = 'y'; delete from m where id = ''`,
    mended: ['b', 'c', 'good'],
  },
  {
    what: 'an id in two rows',
    table: TEXT_IDS,
    rows: `('b', 'of one', ${AT}), ('b', 'of another', ${AT})`,
    rejected: [{ id: 'b', column: 'id', reason: 'stands in 2 rows', rows: 2 }],
    mend: `update m set id = 'c' where content = 'of another'`,
    mended: ['b', 'c', 'good'],
  },
  {
    what: 'an id that no index can hold',
    table: TEXT_IDS,
    rows: `(repeat('b', 1001), 'x', ${AT})`,
    rejected: [{ id: 'b'.repeat(100), column: 'id', reason: 'is longer than 1000 bytes', rows: 1 }],
    mend: `update m set id = 'b' where id <> 'good'`,
    mended: ['b', 'good'],
  },
  {
    what: 'a NUL in the name of the agent',
    table: 'm(id text, content text, created_at timestamptz, metadata json)',
    columns: { agent: 'metadata.agent', metadata: 'metadata' },
    rows: String.raw`('b', 'x', ${AT}, '{"agent": "a\u0000b"}')`,
    rejected: [
      {
        ...{ id: 'b', column: 'metadata.agent', rows: 1 },
        reason: 'holds a NUL character, which PostgreSQL cannot store',
      },
    ],
    mend: `update m set metadata = '{"agent": "ab"}' where id = 'b'`,
    mended: ['b', 'good'],
  },
  {
    what: 'JSON that DuckDB cannot read where the agent is',
    table: 'm(id text, content text, created_at timestamptz, metadata json)',
    columns: { agent: 'metadata.agent', metadata: 'metadata' },
    rows: String.raw`('b', 'x', ${AT}, '{"agent": "\ud800"}')`,
    rejected: [{ id: 'b', column: 'metadata.agent', reason: 'stands in JSON that cannot be read', rows: 1 }],
    mend: `update m set metadata = null where id = 'b'`,
    mended: ['b', 'good'],
  },
  {
    what: 'times of which no calendar knows',
    table: 'm(id text, content text, created_at timestamptz, updated_at timestamptz)',
    columns: { updated_at: 'updated_at' },
    rows: `('b', 'x', null, null), ('c', 'x', 'infinity', null), ('d', 'x', ${AT}, '-infinity'),
      ('e', 'x', '4713-01-01 00:00:00Z BC', null), ('f', 'x', '294276-12-31 00:00:00Z', null)`,
    rejected: [
      { id: 'b', column: 'created_at', reason: 'is NULL', rows: 1 },
      ...['c', 'e', 'f'].map((id) => ({
        id,
        column: 'created_at',
        reason: 'is no time from the year 1 to 9999',
        rows: 1,
      })),
      { id: 'd', column: 'updated_at', reason: 'is no time from the year 1 to 9999', rows: 1 },
    ].toSorted((a, b) => a.id.localeCompare(b.id)),
    mend: `update m set created_at = ${AT}, updated_at = null`,
    mended: ['b', 'c', 'd', 'e', 'f', 'good'],
  },
  {
    what: 'times as text, some of which are none',
    table: 'm(id text, content text, created_at text)',
    rows: `('b', 'x', 'yesterday'), ('c', 'x', '2026-02-30'), ('d', 'x', ''), ('e', 'x', '2026-03-01T12:00:00+02:00')`,
    rejected: ['b', 'c', 'd'].map((id) => ({
      ...{ id, column: 'created_at', rows: 1 },
      reason: 'is no time from the year 1 to 9999',
    })),
    mend: `update m set created_at = '2026-03-01 10:00:00'`,
    mended: ['b', 'c', 'd', 'e', 'good'],
  },
  {
    what: 'tags that are no list',
    table: 'm(id text, content text, created_at timestamptz, tags jsonb)',
    columns: { tags: 'tags' },
    rows: `('b', 'x', ${AT}, '{"k": 1}'), ('c', 'x', ${AT}, '["a", ["b"]]')`,
    rejected: [
      { id: 'b', column: 'tags', reason: 'are a JSON object, not a list', rows: 1 },
      { id: 'c', column: 'tags', reason: 'hold a list or an object, not only texts', rows: 1 },
    ],
    mend: `update m set tags = '[]'`,
    mended: ['b', 'c', 'good'],
  },
  {
    what: 'an id in two tenants',
    table: 'm(tenant integer, id integer, content text, created_at timestamptz, primary key (tenant, id))',
    columns: { agent: 'tenant' },
    rows: `(1, 2, 'of one', ${AT}), (2, 2, 'of another', ${AT})`,
    rejected: [{ id: '2', column: 'id', reason: 'stands in 2 rows', rows: 2 }],
    mend: `update m set id = 3 where content = 'of another'`,
    mended: ['1', '2', '3'],
  },
];

/** The row that everybody should have. */
function goodRow({ table }: Case): string {
  return table.includes('tenant')
    ? `insert into m values (1, 1, 'good', ${AT})`
    : `insert into m values ('good', 'good', ${AT})`;
}

describe('a row that cannot be taken', () => {
  test.each(CASES)('$what: stops nobody, is named, and is taken when it has been mended', async (each) => {
    await sql(`create table ${each.table}; ${goodRow(each)}; insert into m values ${each.rows}`);
    const lab = await open(each.columns ?? {});
    const rows = each.rejected.reduce((sum, row) => sum + (row as { rows: number }).rows, 0);
    expect(await comparing(lab, NIGHTS[0])).toMatchObject({ rejected: rows });
    expect(await rejectedOf(lab)).toEqual(each.rejected);
    const { rows: told } = await sql(
      `select memory_id as id, column_name as column, reason, rows from dreams.rejected_rows order by position`,
    );
    const key = (row: object) => JSON.stringify(row);
    const cut = told.map((row) => ({ ...row, id: typeof row['id'] === 'string' ? row['id'].slice(0, 100) : null }));
    expect(cut.map(key).sort()).toEqual(
      each.rejected.map((row) => key({ id: null, column: '', reason: '', ...row })).sort(),
    );
    const { rows: metrics } = await sql(`select counts from dreams.processing_metrics where step = 'ingestMemories'`);
    expect(metrics[0]?.['counts']).toMatchObject({ rejected: rows, rejected_rows: each.rejected });
    await sql(each.mend);
    expect(await comparing(lab, NIGHTS[1])).not.toHaveProperty('rejected');
    expect(await rejectedOf(lab)).toEqual([]);
    expect(await ids(lab)).toEqual(each.mended);
    expect((await sql('select from dreams.rejected_rows')).rowCount).toBe(0);
  });

  test('keeps what was known of it, and its place in the list since it was first seen', async () => {
    await sql(
      `create table m(id text, content text, created_at timestamptz, updated_at timestamptz); insert into m values ('a', 'as it was', ${AT})`,
    );
    const lab = await open({ updated_at: 'updated_at' });
    await night(lab, NIGHTS[0]);
    await sql(`update m set content = null, updated_at = '2026-03-02T10:00:00Z'`);
    for (const asOf of NIGHTS.slice(1))
      expect((await night(lab, asOf)).ingestMemories).toMatchObject({ rejected: 1, deleted: 0 });
    expect(await lab.list('select content from memory')).toEqual(['as it was']);
    expect((await sql('select first_seen_at from dreams.rejected_rows')).rows).toEqual([
      { first_seen_at: new Date(NIGHTS[1]) },
    ]);
  });

  test('is named by every waking cycle, and taken by one when its clock shows that it was mended', async () => {
    await sql(
      `create table m(id text, content text, created_at timestamptz, updated_at timestamptz); insert into m values ('a', null, ${AT})`,
    );
    const lab = await open({ updated_at: 'updated_at' });
    expect(await waking(lab, '2026-03-01T10:01:00Z')).toMatchObject({ rejected: 1 });
    expect(await waking(lab, '2026-03-01T12:00:00Z')).toMatchObject({ rejected: 1, ingested: 0 });
    await sql(`update m set content = 'mended', updated_at = '2026-03-01T12:01:00Z'`);
    expect(await waking(lab, '2026-03-01T12:05:00Z')).toEqual({ ingested: 1, changed: 0, deleted: 0, waiting: 0 });
  });

  test('that vanished from the table is named no more', async () => {
    await sql(`create table m(id text, content text, created_at timestamptz); insert into m values ('a', null, ${AT})`);
    const lab = await open({});
    expect(await waking(lab, NIGHTS[0])).toMatchObject({ rejected: 1 });
    await sql('delete from m');
    expect(await waking(lab, NIGHTS[1])).not.toHaveProperty('rejected');
  });

  test('leaves deletions to be seen, though one has no id', async () => {
    await sql(
      `create table m(id text, content text, created_at timestamptz); insert into m values ('a', 'x', ${AT}), (null, 'y', ${AT})`,
    );
    const lab = await open({});
    await waking(lab, NIGHTS[0]);
    await sql(`delete from m where id = 'a'`);
    expect(await waking(lab, NIGHTS[1])).toMatchObject({ deleted: 1 });
  });
});

describe('a state that such a row has poisoned', () => {
  test('heals: what an earlier version took, and no write-back could give away, leaves until it is mended', async () => {
    await sql(`create table m(id text primary key, content text, created_at timestamptz, metadata json);
      insert into m values ('a', 'good', ${AT}, '{"agent": "ada"}'), ('b', 'bad', ${AT}, '{"agent": "ada"}')`);
    const lab = await open({ agent: 'metadata.agent', metadata: 'metadata' });
    await lab.live(NIGHTS[0]);
    await sql(String.raw`update m set metadata = '{"agent": "a\u0000b"}' where id = 'b'`);
    for (const table of ['raw_memory', 'mention', 'working_memory'])
      await lab.rows(`update ${table} set agent = 'a' || chr(0) || 'b' where memory_id = 'b'`);
    await lab.rows(`update episode set agent = 'a' || chr(0) || 'b'`);
    const counts = await night(lab, NIGHTS[1]);
    expect(counts.ingestMemories).toMatchObject({ deleted: 1, rejected: 1 });
    expect(await inDreams()).toEqual(['a']);
    await sql(`update m set metadata = '{"agent": "ada"}' where id = 'b'`);
    await night(lab, NIGHTS[2]);
    expect(await inDreams()).toEqual(['a', 'b']);
  });
});

describe('a row that schema dreams refuses', () => {
  test('is named by its table, stops no other, and is written when it is no longer refused', async () => {
    await sql(`create table m(id text primary key, content text, created_at timestamptz)`);
    await sql(
      `insert into m select 'm' || i, 'memory ' || i, ${AT}::timestamptz + i * interval '1 minute' from generate_series(1, 40) i`,
    );
    const lab = await open({});
    await night(lab, NIGHTS[0]);
    await sql(`alter table dreams.long_term_memories add constraint picky check (content not in ('memory 7', 'memory 23', 'memory 50'))
      not valid; delete from dreams.processing_metrics`);
    await sql(
      `insert into m select 'm' || i, 'memory ' || i, ${AT}::timestamptz + i * interval '1 minute' from generate_series(41, 60) i`,
    );
    const counts = await night(lab, NIGHTS[1]);
    expect(counts.writeBackDreams).toMatchObject({ rejected: 3 });
    expect(await lab.activities.listRejected({ stage: 'writeBack' })).toEqual(
      ['m23', 'm50', 'm7'].map((id) => ({
        ...{ id, column: 'dreams.long_term_memories', rows: 1 },
        reason: 'rejects the row: new row for relation "long_term_memories" violates check constraint "picky"',
      })),
    );
    expect(await inDreams()).toHaveLength(57);
    expect(
      (await sql('select memory_id from dreams.rejected_rows order by 1')).rows.map(({ memory_id }) => memory_id),
    ).toEqual(['m23', 'm50', 'm7']);
    await sql('alter table dreams.long_term_memories drop constraint picky');
    expect((await night(lab, NIGHTS[2])).writeBackDreams).not.toHaveProperty('rejected');
    expect(await inDreams()).toHaveLength(60);
    expect((await sql('select from dreams.rejected_rows')).rowCount).toBe(0);
  });

  test.each(['raise_exception', 'check_violation'])(
    'by a trigger that raises %s is passed over as well, and the words of the trigger are not kept',
    async (code) => {
      await sql(
        `create table m(id text primary key, content text, created_at timestamptz); insert into m values ('a', 'x', ${AT})`,
      );
      const lab = await open({});
      await night(lab, NIGHTS[0]);
      await sql(`create function dreams.refuse() returns trigger language plpgsql as $$ begin
          if new.content like 'secret%' then raise exception 'not %', new.content using errcode = '${code}'; end if; return new; end $$;
        create trigger refuse before insert or update on dreams.long_term_memories for each row execute function dreams.refuse();
        insert into m values ('b', 'secret', ${AT}), ('c', 'x', ${AT})`);
      expect((await night(lab, NIGHTS[1])).writeBackDreams).toMatchObject({ rejected: 1 });
      expect(await inDreams()).toEqual(['a', 'c']);
      const [{ id, reason } = {}] = await lab.activities.listRejected({ stage: 'writeBack' });
      expect(id).toBe('b');
      expect(reason).toMatch(/^rejects the row: /);
      expect(reason).not.toContain('secret');
    },
  );

  test.each(['working_memory', 'short_term_episodes'])(
    'of table %s is written once it is taken, though nothing has changed in it',
    async (table) => {
      await sql(`create table m(id text primary key, content text, created_at timestamptz)`);
      const lab = await open({});
      await night(lab, NIGHTS[0]);
      await sql(
        `alter table dreams.${table} add constraint picky check (agent <> 'agent'); insert into m values ('a', 'x', ${AT})`,
      );
      expect((await night(lab, NIGHTS[1])).writeBackDreams).toMatchObject({ rejected: 1 });
      await sql(`alter table dreams.${table} drop constraint picky`);
      expect((await night(lab, NIGHTS[2])).writeBackDreams).not.toHaveProperty('rejected');
      expect((await sql(`select from dreams.${table}`)).rowCount).toBe(1);
    },
  );

  test('is named without its text, whatever quotation marks stand in that', async () => {
    await sql(`create table m(id text primary key, content text, created_at timestamptz)`);
    const lab = await open({});
    await night(lab, NIGHTS[0]);
    await sql(`drop view dreams.memory_timeline, dreams.knowledge_graph;
      alter table dreams.long_term_memories alter content type integer using 1;
      insert into m values ('a', 'she said "secret" twice', ${AT}), ('b', '1', ${AT})`);
    await night(lab, NIGHTS[1]);
    expect(await lab.activities.listRejected({ stage: 'writeBack' })).toEqual([
      {
        ...{ id: 'a', column: 'dreams.long_term_memories', rows: 1 },
        reason: 'rejects the row: invalid input syntax for type integer: …',
      },
    ]);
  });

  test('is no fault of the rows where a table refuses all of them', async () => {
    await sql(`create table m(id text primary key, content text, created_at timestamptz)`);
    await sql(
      `insert into m select 'm' || i, 'memory ' || i, ${AT}::timestamptz + i * interval '1 second' from generate_series(1, 1200) i`,
    );
    const lab = await open({});
    await lab.run('ingestMemories', NIGHTS[0]);
    await lab.live(NIGHTS[0], ['readFeatures', 'attendMemories', 'bindEpisodes', 'consolidateTraces']);
    await lab.run('writeBackDreams', NIGHTS[0]);
    await sql(
      `alter table dreams.long_term_memories add constraint picky check (content = '') not valid; delete from dreams.processing_metrics`,
    );
    await expect(lab.run('writeBackDreams', NIGHTS[1])).rejects.toThrow('violates check constraint "picky"');
  });
});

describe('an id', () => {
  test.each([
    [
      'numeric',
      `1, '12345678901234567890', '12345678901234567891', 0.10`,
      ['0.10', '1', '12345678901234567890', '12345678901234567891'],
    ],
    ['bigint', `1, 9007199254740993`, ['1', '9007199254740993']],
    ['uuid', `'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'`, ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']],
    ['bytea', String.raw`'\x00ff'`, [String.raw`\x00ff`]],
    ['char(8)', `'ab'`, ['ab']],
    ['timestamptz', `'2026-03-01T10:00:00.123456Z'`, ['2026-03-01 10:00:00.123456+00']],
    ['inet', `'10.0.0.1'`, ['10.0.0.1/32']],
  ])('of type %s keeps its identity', async (type, values, expected) => {
    await sql(`create table m(id ${type} primary key, content text, created_at timestamptz);
      insert into m select v, 'x', ${AT} from unnest(array[${values}]::${type === 'char(8)' ? 'text' : type}[]) v`);
    const lab = await open({});
    expect(await waking(lab, NIGHTS[0])).toEqual({ ingested: expected.length, changed: 0, deleted: 0, waiting: 0 });
    expect(await ids(lab)).toEqual(expected.toSorted());
    expect(await lab.run('ingestMemories', NIGHTS[1], undefined, { everyRow: true })).toMatchObject({
      ingested: 0,
      changed: 0,
    });
  });

  test.each([
    ['timestamptz', `'2026-03-01T10:00:00Z'`],
    ['date', `'2026-03-01'`],
    ['interval', `'1 day 2 hours'`],
    ['bytea', String.raw`'\x00ff'`],
  ])('of type %s stays the same when the database is told to write such values in another way', async (type, value) => {
    await sql(
      `create table m(id ${type} primary key, content text, created_at timestamptz); insert into m values (${value}, 'x', ${AT})`,
    );
    const seen = async () => {
      const lab = await open({});
      await waking(lab, NIGHTS[0]);
      return ids(lab);
    };
    const before = await seen();
    const database = new URL(postgres.url).pathname.slice(1);
    for (const setting of [
      `timezone = 'Europe/Berlin'`,
      `datestyle = 'German'`,
      `intervalstyle = 'iso_8601'`,
      `bytea_output = 'escape'`,
    ])
      await sql(`alter database ${database} set ${setting}`);
    onTestFinished(async () => {
      await sql(`alter database ${database} reset all`);
    });
    expect(await seen()).toEqual(before);
  });

  test.each(['double precision', 'real', 'boolean', 'jsonb', 'text[]', 'point', 'int4range'])(
    'of type %s is refused by name, with what to do',
    async (type) => {
      await sql(`create table m(id ${type}, content text, created_at timestamptz)`);
      const lab = await open({});
      await expect(waking(lab, NIGHTS[0])).rejects.toThrow(
        /profiles\.yml: biological_memory\.outputs\.test\.pipeline\.source\.columns\.id: column "id" is .+; an id needs a type/,
      );
    },
  );
});

describe('the field of a JSON column that names the agent', () => {
  test.each(['name', 'a"b', '*', '$', 'x y', "a'b", 'a/b', 'a~1b', '0'])('may be called %s', async (field) => {
    await sql('create table m(id text, content text, created_at timestamptz, about jsonb)');
    await postgres.pool.query(`insert into m values ('a', 'x', ${AT}, $1)`, [
      JSON.stringify({ other: 'bob', [field]: 'ada' }),
    ]);
    const lab = await open({ agent: `about.${field}` });
    await waking(lab, NIGHTS[0]);
    expect(await lab.list('select agent from raw_memory')).toEqual(['ada']);
  });
});

describe('tags', () => {
  test.each([
    ['text[]', `'{a,"b c",NULL}'`, '[a, b c]'],
    ['varchar(5)[]', `'{}'`, '[]'],
    ['integer[]', `'{1,2}'`, '[1, 2]'],
    ['jsonb', `'["a", 1, null, true]'`, '[a, 1, true]'],
    ['json', `'"a, b"'`, '[a, b]'],
    ['jsonb', `'null'`, '[]'],
    ['jsonb', `'5'`, '[5]'],
    ['text', `'a, b c ,,d'`, '[a, b c, d]'],
    ['text', `'["a", "b,c"]'`, `[a, 'b,c']`],
    ['text', `'{a,"b"}'`, '[a, b]'],
    ['text', `''`, '[]'],
    ['text', `'[draft'`, `['[draft']`],
    ['text', 'null', '[]'],
  ])('of type %s come in: %s', async (type, value, expected) => {
    await sql(
      `create table m(id text, content text, created_at timestamptz, tags ${type}); insert into m values ('a', 'x', ${AT}, ${value})`,
    );
    const lab = await open({ tags: 'tags' });
    expect(await waking(lab, NIGHTS[0])).toMatchObject({ ingested: 1 });
    expect(await lab.list('select tags::varchar from raw_memory')).toEqual([expected]);
  });
});

describe('a database that keeps its texts in another encoding than UTF-8', () => {
  const LOCALE = `template template0 locale_provider libc lc_collate 'C' lc_ctype 'C'`;

  /** The same server, another database. */
  async function openEncoded(encoding: string, rows: string): Promise<Lab> {
    const name = `encoded_${encoding.toLowerCase()}`;
    await sql(`drop database if exists ${name} with (force)`);
    await sql(`create database ${name} encoding '${encoding}' ${LOCALE}`);
    const url = new URL(postgres.url);
    url.pathname = `/${name}`;
    const pool = new pg.Pool({ connectionString: url.href, max: 1 });
    pool.on('error', () => undefined);
    onTestFinished(async () => {
      await pool.end();
      await sql(`drop database ${name} with (force)`);
    });
    await pool.query(`create table m(id text, content text, created_at timestamptz); insert into m values ${rows}`);
    return openRealLab({ ...postgres, url: url.href, pool }, { source: { table: 'm', columns: BARE } });
  }

  test('is read in UTF-8', async () => {
    const lab = await openEncoded('LATIN1', `('é', 'in the café', ${AT})`);
    expect(await waking(lab, NIGHTS[0])).toMatchObject({ ingested: 1 });
    expect(await lab.rows('select memory_id, content from raw_memory')).toEqual([
      { memory_id: 'é', content: 'in the café' },
    ]);
  });

  test('and checks none of them stops nobody with bytes that are none', async () => {
    const bytes = String.raw`convert_from('\xff41'::bytea, 'SQL_ASCII')`;
    const lab = await openEncoded(
      'SQL_ASCII',
      `('a', ${bytes}, ${AT}), (${bytes}, 'x', ${AT}), ('good', 'in the café', ${AT})`,
    );
    expect(await waking(lab, NIGHTS[0])).toMatchObject({ ingested: 1, rejected: 2 });
    expect(await rejectedOf(lab)).toEqual([
      { id: null, column: 'id', reason: 'holds bytes that are no UTF-8', rows: 1 },
      { id: 'a', column: 'content', reason: 'holds bytes that are no UTF-8', rows: 1 },
    ]);
    expect(await lab.list('select content from raw_memory')).toEqual(['in the café']);
  });
});

describe('a column', () => {
  test.each([
    ['content', 'small'],
    ['Content', 'large'],
    ['CONTENT', 'small'],
  ])('named %s in the profile is found as PostgreSQL finds it', async (content, expected) => {
    await sql(
      `create table m(id text, "Content" text, content text, created_at timestamptz); insert into m values ('a', 'large', 'small', ${AT})`,
    );
    const lab = await open({ content });
    await waking(lab, NIGHTS[0]);
    expect(await lab.list('select content from raw_memory')).toEqual([expected]);
  });

  test('that is missing is said to be, each of them, with what to write', async () => {
    await sql('create table m(id int primary key, content text, created_at timestamptz)');
    const lab = await openRealLab(postgres, { source: { table: 'm' } });
    const error: unknown = await waking(lab, NIGHTS[0]).catch((reason: unknown) => reason);
    const message = String(error);
    for (const field of ['updated_at', 'agent', 'tags', 'context', 'metadata'])
      expect(message).toContain(`pipeline.source.columns.${field}: public.m has no column`);
    expect(message).toContain('Write tags: null if there is none.');
    expect(error).toHaveProperty('name', 'ConfigurationError');
  });
});

test('a table that is not there is named, with what there is', async () => {
  await sql('create table if not exists memory(id int primary key, content text, created_at timestamptz)');
  const lab = await openRealLab(postgres, { source: { table: 'memries' } });
  await expect(waking(lab, NIGHTS[0])).rejects.toThrow(
    /pipeline\.source\.table: there is no table public\.memries\. Write .+ public has .*memory/,
  );
});

describe('an edit that moves no clock', () => {
  const FULL = { agent: 'agent', tags: 'tags', context: 'context', metadata: 'metadata' };
  const TABLE = `m(id text primary key, content text, created_at timestamptz, updated_at timestamptz default ${AT}, agent text, tags text[], context text, metadata jsonb)`;

  test.each([
    ['content', `content = 'edited'`, `select content = 'edited' from raw_memory`],
    ['tags', `tags = '{new}'`, `select tags = ['new'] from raw_memory`],
    ['context', `context = 'new'`, `select context = 'new' from raw_memory`],
    ['metadata', `metadata = '{"k": 1}'`, `select metadata = '{"k": 1}' from raw_memory`],
    ['agent', `agent = 'bob'`, `select agent = 'bob' from raw_memory`],
  ])('of %s alone is noticed at night, and by no waking cycle', async (_, edit, seen) => {
    for (const updated_at of ['updated_at', null]) {
      await sql(
        `drop table if exists m; create table ${TABLE}; insert into m values ('a', 'It was said in Halifax.', ${AT}, ${AT}, 'ada', '{old}', 'old', '{}'),
          ('later', 'x', '2026-03-01T18:00:00Z', '2026-03-01T18:00:00Z', 'ada', null, null, null)`,
      );
      const lab = await open({ ...FULL, updated_at });
      await lab.run('ingestMemories', NIGHTS[0], undefined, EVERY_ROW);
      await sql(`update m set ${edit} where id = 'a'`);
      expect(await waking(lab, '2026-03-02T12:00:00Z')).toMatchObject({ changed: 0 });
      expect(await lab.run('ingestMemories', NIGHTS[1], undefined, EVERY_ROW)).toEqual({
        ingested: 0,
        changed: 1,
        deleted: 0,
        waiting: 0,
      });
      expect(await lab.list(`${seen} where memory_id = 'a'`)).toEqual([true]);
      expect(await lab.run('ingestMemories', NIGHTS[2], undefined, EVERY_ROW)).toMatchObject({ changed: 0 });
    }
  });

  test('of the agent takes the memory over to that one everywhere', async () => {
    await sql(
      `create table ${TABLE}; insert into m values ('a', 'It was said in Halifax by Tomasz.', ${AT}, ${AT}, 'ada')`,
    );
    const lab = await open(FULL);
    await lab.live(NIGHTS[0]);
    await sql(`update m set agent = 'bob'`);
    await lab.live(NIGHTS[1]);
    for (const table of ['raw_memory', 'mention', 'working_memory', 'episode'])
      expect(await lab.list(`select distinct agent from ${table}`), table).toEqual(['bob']);
  });

  test('of the content restarts the clock when it is noticed', async () => {
    await sql(`create table ${TABLE}; insert into m values ('a', 'as it was', ${AT}, ${AT}, 'ada')`);
    const lab = await open(FULL);
    await lab.live(NIGHTS[0]);
    await sql(`update m set content = 'as it is'`);
    await lab.live(NIGHTS[1]);
    expect(await lab.list(`select ts::varchar from event where kind = 'restudy'`)).toEqual(['2026-03-03 03:00:00']);
  });
});
