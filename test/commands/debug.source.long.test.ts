import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../duckdb/database.ts';
import { biomem } from '../support/biomem.ts';
import { debug, fetchExtensions, makeProfile } from '../support/debug.ts';
import { Lab } from '../support/lab.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';
import { BARE, lookAt, type GivenSource } from '../support/source.ts';

const AT = `'2026-03-01 10:00:00+00'::timestamptz`;
const NIGHT = '2026-03-02T03:00:00Z';

let postgres: TestPostgres;
beforeAll(async () => {
  await fetchExtensions();
  postgres = await openPostgres();
  return () => postgres.drop();
});

const sql = (text: string) => postgres.pool.query(text);

/** Tables of a schema of their own, and what debug says of one. */
async function look(schema: string, create: string, source: GivenSource) {
  await sql(`create schema "${schema}"; set search_path to "${schema}"; ${create}; reset search_path`);
  return lookAt(postgres.url, { schema, ...source });
}

/** What a cycle does with the same profile: its counts, or its error. */
async function live({ profile }: Awaited<ReturnType<typeof lookAt>>): Promise<Record<string, number> | string> {
  const database = await connect(profile, () => undefined);
  onTestFinished(() => database.close());
  const lab = new Lab(profile, database, undefined, postgres.pool);
  return lab.run('ingestMemories', NIGHT).then(
    (counts) => ({ ...counts }),
    (error: unknown) => (error as Error).message,
  );
}

const path = (...rest: string[]) => ['biological_memory', 'outputs', 'dev', 'pipeline', 'source', ...rest].join('.');

describe('a table that fits', () => {
  test('is described with its columns, key, rights, trigger and rows, and nothing fails', async () => {
    const looked = await look(
      'fits',
      `create table notes (id uuid primary key default gen_random_uuid(), body text, made timestamptz, seen timestamp, labels jsonb);
       create function touch() returns trigger language plpgsql as $$ begin new.seen := now(); return new; end $$;
       create trigger "touch notes" before update on notes for each row execute function touch();
       insert into notes (body, made, labels) values ('a', ${AT}, '["x"]'), ('b', ${AT}, null)`,
      { table: 'notes', columns: { ...BARE, content: 'body', created_at: 'made', updated_at: 'seen', tags: 'labels' } },
    );
    expect(looked.failed).toEqual([]);
    expect(looked.checks.every((check) => check.path?.startsWith(path()))).toBe(true);
    expect(looked.check('table')).toMatchObject({ detail: 'fits.notes, a table', path: path('table') });
    expect(looked.check('id')).toMatchObject({ verdict: 'uuid', path: path('columns', 'id') });
    expect(looked.check('content')).toMatchObject({ detail: 'column "body", text' });
    expect(looked.check('tags')).toMatchObject({ verdict: 'jsonb' });
    expect(looked.check('context')).toMatchObject({ verdict: 'none' });
    expect(looked.check('rights')).toMatchObject({ verdict: 'may read' });
    expect(looked.check('key')).toMatchObject({ status: 'ok', detail: 'id is the primary key' });
    expect(looked.check('edits')).toMatchObject({ detail: 'seen moves by trigger "touch notes"' });
    expect(looked.check('rows')).toMatchObject({ status: 'ok', verdict: '2, all usable' });
    expect(await live(looked)).toMatchObject({ ingested: 2 });
  });

  test.each<[string, string, string, RegExp]>([
    ['without rows', 'create table m (id int primary key, content text, created_at timestamptz)', '', /^none yet$/],
    [
      'that is partitioned',
      `create table m (id int, content text, created_at timestamptz, primary key (id)) partition by hash (id);
      create table m0 partition of m for values with (modulus 1, remainder 0)`,
      `insert into m values (1, 'a', ${AT})`,
      /^1, all/,
    ],
    [
      'that is a view',
      `create table t (id int primary key, content text, created_at timestamptz);
      create view m as select * from t`,
      `insert into t values (1, 'a', ${AT})`,
      /^1, all/,
    ],
    [
      'that is a materialized view',
      `create table t (id int primary key, content text, created_at timestamptz);
      insert into t values (1, 'a', ${AT}); create materialized view m as select * from t`,
      '',
      /^1, all/,
    ],
    [
      'of domains and enums',
      `create domain key as bigint; create domain words as text; create type kind as enum ('a', 'b');
      create domain moment as timestamptz; create table m (id key primary key, content kind, created_at moment)`,
      `insert into m values (1, 'a', ${AT})`,
      /^1, all/,
    ],
    [
      'of ids in json, float8 and the like that are only read elsewhere',
      `create table m (id numeric primary key, content varchar(9), created_at date, extra json)`,
      `insert into m values (12345678901234567890, 'a', '2026-03-01')`,
      /^1, all/,
    ],
  ])('%s', async (name, create, insert, verdict) => {
    const looked = await look(`kind ${name}`.slice(0, 60), `${create}; ${insert}`, { table: 'm', columns: BARE });
    expect(looked.failed).toEqual([]);
    expect(looked.check('rows')?.verdict).toMatch(verdict);
    expect(await live(looked)).toMatchObject({ ingested: Number.parseInt(looked.check('rows')?.verdict ?? '') || 0 });
  });

  test('of citext', async () => {
    await sql('create extension if not exists citext with schema public');
    const create = `create table m (id public.citext primary key, content public.citext, created_at timestamptz); insert into m values ('A', 'b', ${AT})`;
    const looked = await look('citext', create, { table: 'm', columns: BARE });
    expect(looked.check('rows')?.verdict).toBe('1, all usable');
    expect(await live(looked)).toMatchObject({ ingested: 1 });
  });

  test('that is a foreign table', async () => {
    await sql('create extension if not exists file_fdw; create server files foreign data wrapper file_fdw');
    const create = `create foreign table m (id int, content text, created_at timestamptz) server files options (program 'echo 1,a,2026-03-01', format 'csv')`;
    const looked = await look('foreign', create, { table: 'm', columns: BARE });
    expect(looked.check('table')?.detail).toBe('foreign.m, a foreign table');
    expect(looked.check('key')).toMatchObject({ status: 'ok', detail: expect.stringContaining('has no key') });
    expect(looked.check('rows')?.verdict).toBe('1, all usable');
  });
});

describe('a name', () => {
  test.each([
    ['content', 'lower'],
    ['Content', 'upper'],
    ['CONTENT', 'lower'],
  ])('%s is matched as PostgreSQL does where there are "Content" and content', async (name, expected) => {
    const looked = await look(
      `case ${name}`,
      `create table "Mind" (id int primary key, "Content" text, content text, created_at timestamptz);
       insert into "Mind" values (1, 'upper', 'lower', ${AT})`,
      { table: 'Mind', columns: { ...BARE, content: name } },
    );
    expect(looked.failed).toEqual([]);
    const database = await connect(looked.profile, () => undefined);
    onTestFinished(() => database.close());
    const lab = new Lab(looked.profile, database, undefined, postgres.pool);
    await lab.run('ingestMemories', NIGHT);
    expect(await lab.list('select content from raw_memory')).toEqual([expected]);
  });

  test('that only differs in case is meant, and is not taken', async () => {
    const create = 'create table m (id int primary key, "Content" text, created_at timestamptz)';
    const looked = await look('cased', create, { table: 'm', columns: BARE });
    expect(looked.failed).toEqual(['content']);
    expect(looked.check('content')?.detail).toBe('cased.m has no column "content"; did you mean "Content"?');
  });

  test('may be a reserved word, or hold quotes, spaces and emoji', async () => {
    const columns = { ...BARE, id: 'select', content: 'it\'s "said" 👩‍🚀', created_at: 'when it was', tags: '$1' };
    const looked = await look(
      'od"d'.replace('"', ''),
      `create table "order by" ("select" int primary key, "it's ""said"" 👩‍🚀" text, "when it was" timestamptz, "$1" text);
       insert into "order by" values (1, 'a', ${AT}, 'x, y')`,
      { table: 'order by', columns },
    );
    expect(looked.failed).toEqual([]);
    expect(looked.check('rows')?.verdict).toBe('1, all usable');
    expect(await live(looked)).toMatchObject({ ingested: 1 });
  });

  test('among 1,600 is found, or told without naming them all', async () => {
    const many = Array.from({ length: 1597 }, (_, index) => `c${String(index)} int`).join(', ');
    const create = `create table m (id int primary key, content text, created_at timestamptz, ${many})`;
    const looked = await look('wide', create, { table: 'm', columns: { ...BARE, tags: 'labels' } });
    expect(looked.failed).toEqual(['tags']);
    expect(looked.check('tags')?.hint).toMatch(
      /^Write tags: null if there is none\. The table has id, content, .* and 1580 more\.$/,
    );
  });
});

describe('what no cycle can read fails with its place and what to write:', () => {
  test.each<[string, string, GivenSource, string, RegExp, RegExp]>([
    [
      'a mistyped table',
      'create table memory (id int)',
      { table: 'memries' },
      'table',
      /^there is no table .*\.memries\.$/,
      /has memory\.$/,
    ],
    [
      'a table of another schema',
      'create schema if not exists "far off"; create table "far off".minds (id int)',
      { table: 'minds' },
      'table',
      /^there is no table .*\.minds\.$/,
      /^There is one in far off: write that as schema\. .* has no table\.$/,
    ],
    [
      'no such schema',
      'create table m (id int)',
      { schema: 'nowhere', table: 'm' },
      'table',
      /^there is no schema "nowhere"\.$/,
      /The schemas are .*public/,
    ],
    [
      'a time that is a number',
      'create table m (id int, content text, created_at bigint)',
      { table: 'm', columns: BARE },
      'created_at',
      /is bigint; a time needs timestamptz/,
      /to_timestamp/,
    ],
    [
      'an id that is JSON',
      'create table m (id json, content text, created_at date)',
      { table: 'm', columns: BARE },
      'id',
      /is json; an id needs/,
      /Name a column/,
    ],
    [
      'an id that is inexact',
      'create table m (id float8, content text, created_at date)',
      { table: 'm', columns: BARE },
      'id',
      /is double precision; an id needs/,
      /Name a column/,
    ],
    [
      'tags that are a number',
      'create table m (id int, content text, created_at date, tags int)',
      { table: 'm', columns: { ...BARE, tags: 'tags' } },
      'tags',
      /is integer; tags need an array/,
      /or null/,
    ],
    [
      'an agent in what is no JSON',
      'create table m (id int, content text, created_at date, who int)',
      { table: 'm', columns: { ...BARE, agent: 'who.name' } },
      'agent',
      /is integer, which has no field "name"/,
      /or null/,
    ],
  ])('%s', async (name, create, source, failing, detail, hint) => {
    const looked = await look(name, create, source);
    expect(looked.failed).toEqual([failing]);
    expect(looked.check(failing)).toMatchObject({
      detail: expect.stringMatching(detail),
      hint: expect.stringMatching(hint),
      path: expect.stringContaining(path()),
    });
    expect(await live(looked)).toContain(looked.check(failing)?.hint);
  });

  test('columns that the defaults expect and a plain table lacks are each said to be missing', async () => {
    const create = 'create table m (id int primary key, content text, created_at timestamptz)';
    const looked = await look('plain', create, { table: 'm' });
    expect(looked.failed).toEqual(['updated_at', 'agent', 'tags', 'context', 'metadata']);
    for (const name of looked.failed)
      expect(looked.check(name)?.hint).toContain(`Write ${name}: null if there is none.`);
    expect(looked.check('rows')).toMatchObject({ status: 'skipped' });
  });

  test('a right that is missing is told with the GRANT', async () => {
    const role = `reader_${Date.now().toString(36)}`;
    await sql(`create role ${role} login password 'x'`);
    onTestFinished(async () => {
      await sql(`drop owned by ${role}; drop role ${role}`);
    });
    await sql(`create schema closed; create table closed.m (id int primary key, content text, created_at timestamptz)`);
    const url = new URL(postgres.url);
    [url.username, url.password] = [role, 'x'];
    const source = { schema: 'closed', table: 'm', columns: BARE };
    const shut = await lookAt(url.href, source);
    expect(shut.failed).toEqual(['rights']);
    expect(shut.check('rights')?.hint).toBe(
      `as the owner: grant usage on schema "closed" to "${role}"; grant select on "closed"."m" to "${role}";`,
    );
    await sql(`grant usage on schema closed to ${role}; grant select (id, created_at) on closed.m to ${role}`);
    const half = await lookAt(url.href, source);
    expect(half.check('rights')?.detail).toBe(`role "${role}" may not read of "closed"."m" the columns content`);
    await sql(`grant select on closed.m to ${role}`);
    expect((await lookAt(url.href, source)).failed).toEqual([]);
    await sql('alter table closed.m enable row level security');
    expect((await lookAt(url.href, source)).check('rights')).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('row level security'),
    });
  });
});

describe('rows', () => {
  test('that a cycle passes over are counted by column and reason, with the first ids, and are as many as it rejects', async () => {
    const looked = await look(
      'bad rows',
      `create table m (tenant int, id int, body text, created_at timestamptz, labels text, primary key (tenant, id));
       insert into m values (1, 1, 'a', ${AT}, 'x'), (2, 1, 'b', ${AT}, 'x, y'), (1, 2, null, ${AT}, ''), (1, 3, null, ${AT}, null),
         (1, 4, 'c', null, null), (1, 5, 'd', 'infinity', null), (1, 6, 'e', ${AT}, '{"k": 1}'), (1, 7, 'f', ${AT}, '["x"]')`,
      { table: 'm', columns: { ...BARE, content: 'body', agent: 'tenant', tags: 'labels' } },
    );
    expect(looked.failed).toEqual([]);
    expect(looked.check('key')).toMatchObject({
      status: 'warning',
      detail: 'the key is (tenant, id), and id alone is named: rows that share an id are passed over',
      hint: expect.stringContaining(`"tenant"::text || ':' || "id"::text as id`),
    });
    expect(looked.check('rows')).toMatchObject({ status: 'warning', verdict: '7 of 8 unusable' });
    const found = looked.checks.filter(({ name }) => / /.test(name)).map(({ detail, path: place }) => [detail, place]);
    expect(Object.fromEntries(found)).toEqual({
      'column "id" stands in more than one row: 1, …': path('columns', 'id'),
      'column "body" is NULL: 2, 3': path('columns', 'content'),
      'column "created_at" is NULL: 4': path('columns', 'created_at'),
      'column "created_at" is no time from the year 1 to 9999: 5': path('columns', 'created_at'),
      'column "labels" are a JSON object, not a list: 6': path('columns', 'tags'),
    });
    expect(await live(looked)).toMatchObject({ ingested: 1 });
  });

  test('without an id or with one twice are told, and so is that nothing keeps them away', async () => {
    const create = `create table m (id text, content text, created_at timestamptz);
      insert into m values (null, 'a', ${AT}), (null, 'b', ${AT}), ('', 'c', ${AT}), ('x', 'd', ${AT}), ('x', 'e', ${AT}), ('y', 'f', ${AT})`;
    const looked = await look('no key', create, { table: 'm', columns: BARE });
    expect(looked.check('key')).toMatchObject({
      status: 'warning',
      hint: 'create unique index on "no key"."m" ("id");',
    });
    expect(looked.check('rows')?.verdict).toBe('5 of 6 unusable');
    expect(looked.check('id is NULL')).toMatchObject({ verdict: '2 rows' });
    expect(await live(looked)).toMatchObject({ ingested: 1 });
  });

  test(
    'that cannot be read in time are not counted, and nothing fails or is left waiting',
    { timeout: 90_000 },
    async () => {
      await sql(
        'create schema locked; create table locked.m (id int primary key, content text, created_at timestamptz)',
      );
      const holder = await postgres.pool.connect();
      await holder.query('begin; lock table locked.m in access exclusive mode');
      try {
        const looked = await lookAt(postgres.url, { schema: 'locked', table: 'm', columns: BARE });
        expect(looked.failed).toEqual([]);
        expect(looked.check('rows')).toMatchObject({
          verdict: 'not counted',
          detail: expect.stringContaining('longer than 10 s'),
        });
      } finally {
        await holder.query('rollback');
        holder.release();
      }
    },
  );
});

describe('whether an edit moves updated_at:', () => {
  const table =
    'create table m (id int primary key, content text, created_at timestamptz, updated_at timestamptz default now(), tags text)';
  const edits = async (schema: string, create: string, columns: Record<string, string | null> = {}) =>
    (await look(schema, create, { table: 'm', columns: { ...BARE, updated_at: 'updated_at', ...columns } })).check(
      'edits',
    );

  test('no trigger, and the SQL that it says makes one that moves it', async () => {
    const found = await edits('untouched', table);
    expect(found).toMatchObject({
      status: 'ok',
      detail: 'no trigger moves updated_at: an edit that does not set it is noticed at night only',
    });
    await sql(found?.hint ?? '');
    await sql(`insert into untouched.m values (1, 'a', ${AT}, ${AT}, null); update untouched.m set tags = 'x'`);
    const { rows } = await sql(`select updated_at > ${AT} as moved from untouched.m`);
    expect(rows).toEqual([{ moved: true }]);
    const after = await lookAt(postgres.url, {
      schema: 'untouched',
      table: 'm',
      columns: { ...BARE, updated_at: 'updated_at' },
    });
    expect(after.check('edits')?.detail).toBe('updated_at moves by trigger "touch_m"');
    await sql(`update untouched.m set updated_at = ${AT}`);
    expect((await sql(`select updated_at = ${AT} as kept from untouched.m`)).rows).toEqual([{ kept: true }]);
  });

  const touch =
    'create function touch() returns trigger language plpgsql as $$ begin new.updated_at := now(); return new; end $$';
  test.each([
    [
      'of some columns',
      `${touch}; create trigger t before update of content on m for each row execute function touch()`,
      /moves by trigger "t" when content is written$/,
    ],
    [
      'given the name of the column',
      `create function f() returns trigger language plpgsql as $$ begin return new; end $$; create trigger t before update on m for each row execute function f('updated_at')`,
      /moves by trigger "t"$/,
    ],
    [
      'after the update',
      `${touch}; create trigger t after update on m for each row execute function touch()`,
      /^no trigger/,
    ],
    ['for the statement', `${touch}; create trigger t before update on m execute function touch()`, /^no trigger/],
    ['on insert', `${touch}; create trigger t before insert on m for each row execute function touch()`, /^no trigger/],
    [
      'that is disabled',
      `${touch}; create trigger t before update on m for each row execute function touch(); alter table m disable trigger t`,
      /^no trigger/,
    ],
    [
      'of another column',
      `create function f() returns trigger language plpgsql as $$ begin new.tags := 'last_updated_at'; return new; end $$; create trigger t before update on m for each row execute function f()`,
      /^no trigger/,
    ],
  ])('a trigger %s', async (name, create, detail) => {
    expect((await edits(`trigger ${name}`, `${table}; ${create}`))?.detail).toMatch(detail);
  });

  test('a generated column, no such column, and a view', async () => {
    const generated = `create table m (id int primary key, content text, created_at timestamptz, at timestamp generated always as (created_at at time zone 'UTC') stored)`;
    expect((await edits('generated', generated, { updated_at: 'at' }))?.verdict).toBe('generated');
    expect((await edits('no time', table, { updated_at: null }))?.verdict).toBe('noticed at night');
    expect((await edits('seen', `${table.replace(' m ', ' t ')}; create view m as select * from t`))?.detail).toMatch(
      /^of a view it cannot be seen/,
    );
  });
});

describe('biomem debug', () => {
  const output = (source: GivenSource, url = "{{ env_var('POSTGRES_DB_URL') }}") => ({
    extensions: ['postgres_scanner'],
    attach: [{ path: url, type: 'postgres', alias: 'source_memories', read_only: true }],
    pipeline: { source },
  });

  test('has it in a section of its own, in text and in JSON, and changes nothing', async () => {
    await sql(
      `create schema cli; create table cli.memory (id int, content text, created_at timestamptz); insert into cli.memory values (null, 'a', ${AT})`,
    );
    const good = makeProfile(output({ schema: 'cli', table: 'memory', columns: BARE }));
    const env = { POSTGRES_DB_URL: postgres.url };
    const { stdout, code } = await biomem(['debug', '--profiles-dir', good.folder, '--connection', '--target', 'all'], {
      workspace: good.workspace,
      env,
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nAttachments:\n.*\nSource:\n {2}table \[OK found\] cli\.memory, a table\n/);
    expect(stdout).toMatch(/\n {2}id is NULL \[WARN 1 row\] column "id" is NULL\n {6}what to do: /);
    expect((await sql(`select count(*)::int as n from cli.memory`)).rows).toEqual([{ n: 1 }]);
    const { failed } = await debug(makeProfile(output({ schema: 'cli', table: 'memries', columns: BARE })), env);
    expect(failed).toMatchObject([
      { section: 'Source', name: 'table', path: path('table'), hint: expect.stringContaining('cli has memory.') },
    ]);
  });

  test('says that it is skipped where the embedded PostgreSQL does not run or the database is out of reach', async () => {
    const profile = makeProfile(output({ table: 'm' }));
    const { check } = await debug(profile);
    expect(check('table')).toMatchObject({
      section: 'Source',
      status: 'skipped',
      detail: 'not looked at: source_memories not running',
    });
  });

  test('reads a source that is no PostgreSQL as far as it can', async () => {
    const { check, failed } = await debug(makeProfile({ attach: [{ path: ':memory:', alias: 'source_memories' }] }));
    expect(failed.map(({ name }) => name)).toEqual(['table']);
    expect(check('table')?.detail).toMatch(/^there is no (schema|table)/);
  });
});
