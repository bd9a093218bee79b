import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { classify } from '../../activities/failure.ts';
import { connect, type Database } from '../../duckdb/database.ts';
import { runText } from '../../duckdb/statement.ts';
import { makeFolder, makeProfile } from '../support/database.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';

/** What somebody remembered, with marks that end a quotation; an error may quote it. */
const MEMORY = `Ada's "owl" can't\n\nsleep 'x': ERROR: "Ada" Conversion Error: sleep\n\nLINE 1: sleep`;
const ROLE = 'classified';
const HOLD = fileURLToPath(new URL('../duckdb/hold-database.ts', import.meta.url));

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
const M = literal(MEMORY);

let postgres: TestPostgres;
let database: Database;

beforeAll(async () => {
  postgres = await openPostgres();
  await postgres.pool.query(`
    create table public.source (id int primary key, content text not null check (content <> 'no'), short varchar(3));
    insert into public.source values (1, ${M}, 'a'), (2, 'x', 'b');
    create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'not %', new.content; end $$;
    create table public.guarded (content text);
    create trigger refuse before insert on public.guarded for each row execute function public.refuse();
    create role ${ROLE} login password 'poor1password'`);
  const attach = [
    { path: postgres.url, alias: 'far', type: 'postgres', read_only: true },
    { path: as(ROLE, 'poor1password'), alias: 'poor', type: 'postgres', read_only: true },
  ];
  const fields = { extensions: ['postgres_scanner', 'json'], attach, pipeline: { hardened: false } };
  database = await connect(makeProfile(fields), () => undefined);
  await database.use(async (connection) => {
    await connection.run(
      `create table near (id int primary key, content varchar not null, check (id < 10)); insert into near values (1, 'x')`,
    );
  });
});
afterAll(async () => {
  database.close();
  await postgres.pool.query(`drop role ${ROLE}`);
  await postgres.drop();
});

function as(user: string, password: string, path?: string): string {
  const url = new URL(postgres.url);
  return Object.assign(url, { username: user, password, ...(path && { pathname: path }) }).href;
}

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('it did not fail'),
    (error: unknown) => error,
  );
}

const inPostgres = (text: string) => failureOf(postgres.pool.query(text));
const inDuckDB = (text: string) => failureOf(database.use((connection) => runText(connection, 'a statement', text)));
const reaching = (url: string) => failureOf(new pg.Client({ connectionString: url }).connect());
const attaching = (url: string) => inDuckDB(`attach ${literal(url)} as other (type postgres, read_only)`);

/** Nothing of the memory, and no password, may be told: it would be kept in Temporal's history. */
function expectDiscreet(words: string): void {
  expect(words).not.toMatch(/owl|sleep|Ada|poor1password|wrong1password/);
  expect(words).not.toContain(new URL(postgres.url).password);
  expect(words).not.toContain('\n');
}

test.each<[sqlstate: string, permanent: boolean, provoke: () => Promise<unknown>, words: RegExp]>([
  ['0A000', true, () => inPostgres('select lag(1) filter (where true) over ()'), /FILTER is not implemented/],
  ['21000', true, () => inPostgres('select (select id from public.source)'), /more than one row/],
  ['22P02', true, () => inPostgres(`select ${M}::int`), /^invalid input syntax for type integer: …$/],
  ['22007', true, () => inPostgres(`select ${M}::timestamptz`), /^invalid input syntax for type timestamp.*…$/],
  ['22P02', true, () => inPostgres(`select ${M}::json`), /^invalid input syntax for type json$/],
  ['22P05', true, () => inPostgres(`select '"\\u0000"'::jsonb`), /unsupported Unicode escape/],
  ['22003', true, () => inPostgres('select 99999999999::int'), /integer out of range/],
  ['22001', true, () => inPostgres(`insert into public.source values (3, 'x', ${M})`), /value too long/],
  ['22012', true, () => inPostgres('select 1 / 0'), /division by zero/],
  [
    '23502',
    true,
    () => inPostgres(`insert into public.source values (3, null, 'a')`),
    /null value in column "content"/,
  ],
  ['23505', true, () => inPostgres(`insert into public.source values (1, ${M}, 'a')`), /duplicate key .*"source_pkey"/],
  ['23514', true, () => inPostgres(`insert into public.source values (3, 'no', 'a')`), /violates check constraint/],
  ['42601', true, () => inPostgres('selct 1'), /syntax error at or near "selct"/],
  ['42P01', true, () => inPostgres('select from public.nowhere'), /relation "public\.nowhere" does not exist/],
  ['42703', true, () => inPostgres('select nothing from public.source'), /column "nothing" does not exist/],
  ['42883', true, () => inPostgres('select no_such(1)'), /function no_such\(integer\) does not exist/],
  ['42804', true, () => inPostgres(`insert into public.source (id) values (date '2026-01-01')`), /is of type integer/],
  [
    '42P10',
    true,
    () => inPostgres(`insert into public.guarded values ('') on conflict (content) do nothing`),
    /no unique/,
  ],
  ['3F000', true, () => inPostgres('create table nowhere.t (i int)'), /schema "nowhere" does not exist/],
  ['54000', true, () => inPostgres('select chr(0)'), /null character not permitted/],
  ['P0001', true, () => inPostgres(`insert into public.guarded values (${M})`), /^a trigger or function/],
  ['28P01', true, () => reaching(as(ROLE, 'wrong1password')), /password authentication failed/],
  ['3D000', true, () => reaching(as(ROLE, 'poor1password', '/nowhere')), /database "nowhere" does not exist/],
  ['25006', false, () => inPostgres('begin read only; create table public.t (i int)'), /read-only transaction/],
  ['55P03', false, () => locked(`lock table public.guarded nowait`), /could not obtain lock/],
  ['55P03', false, () => locked(`set local lock_timeout = '10ms'; select from public.guarded`), /lock timeout/],
  ['57014', false, () => inPostgres(`set statement_timeout = 10; select pg_sleep(5)`), /statement timeout/],
  ['57P01', false, () => terminated(), /terminating connection/],
  ['53300', false, () => crowded(), /too many connections/],
  ['40001', false, () => raced(), /could not serialize/],
])('PostgreSQL %s: permanent %s', async (sqlstate, permanent, provoke, words) => {
  const failure = classify(await provoke());
  expect(failure).toMatchObject({ sqlstate, permanent, words: expect.stringMatching(words) });
  expectDiscreet(failure.words);
});

test.each<[exception: string, permanent: boolean, provoke: string | (() => Promise<unknown>), words: RegExp]>([
  ['CatalogException', true, 'from nowhere', /^Catalog Error: Table with name nowhere does not exist!/],
  ['CatalogException', true, 'from far.public.nowhere', /Table with name nowhere does not exist!/],
  ['CatalogException', true, 'select no_such(1)', /Scalar Function with name no_such does not exist!/],
  ['BinderException', true, 'select nothing from near', /Referenced column "nothing" not found in FROM clause!/],
  ['BinderException', true, 'select nothing::varchar as nothing from far.public.source', /Column "nothing" referenced/],
  ['BinderException', true, 'insert into near values (1)', /has 2 columns but 1 values/],
  [
    'InvalidInputException',
    true,
    `insert into far.public.source values (3, 'x', 'c')`,
    /^Invalid Input Error: Cannot execute statement/,
  ],
  ['ParserException', true, 'selct 1', /syntax error at or near "selct"/],
  ['ConversionException', true, `select ${M}::int`, /^Conversion Error: Could not convert string … to INT32$/],
  ['ConversionException', true, `select content::timestamptz from far.public.source`, / source column content$/],
  ['ConversionException', true, `select content::varchar[] from far.public.source`, / source column content$/],
  ['ConversionException', true, `select ${M}::json`, /^Conversion Error: Malformed JSON .* Input: …$/],
  ['ConversionException', true, `select 'Failed to prepare COPY'::int`, /Could not convert/],
  ['ConversionException', true, 'select 1 = [1]', /Unimplemented type for cast/],
  ['ConstraintException', true, 'insert into near values (2, null)', /NOT NULL constraint failed: near\.content/],
  ['ConstraintException', true, `insert into near values (1, ${M})`, /^Constraint Error: Duplicate key … violates/],
  ['ConstraintException', true, `insert into near values (11, ${M})`, /CHECK constraint failed/],
  ['InvalidInputException', true, `select error(${literal(`got ${MEMORY}`)})`, /^Invalid Input Error: got Ada…$/],
  ['InvalidInputException', true, `select (select unnest([1, 2]))`, /More than one row returned by a subquery/],
  ['OutOfRangeException', true, 'select 2147483647::int + 1::int', /Overflow in addition/],
  ['NotImplementedException', true, `alter table near add constraint c check (id > 1)`, /No support/],
  ['PermissionException', true, () => hardened(), /disabled by configuration/],
  ['IOException', false, `copy (select 1) to '/dev/full'`, /No space left on device/],
  ['IOException', false, `attach '/nonexistent/folder/file.duckdb' as elsewhere`, /No such file or directory/],
  ['OutOfMemoryException', false, () => starved(), /^Out of Memory Error: /],
  ['TransactionException', false, () => conflicting(), /Conflict on update/],
  ['InterruptException', false, () => interrupted(), /Interrupted/],
  ['FatalException', false, () => broken(), /checkpoint/],
])('DuckDB %s: permanent %s, %s', async (exception, permanent, provoke, words) => {
  const failure = classify(await (typeof provoke === 'string' ? inDuckDB(provoke) : provoke()));
  expect(failure).toMatchObject({ exception, permanent, words: expect.stringMatching(words) });
  expectDiscreet(failure.words.replace('got Ada', ''));
});

test.each<[what: string, permanent: boolean, sqlstate: string | undefined, provoke: () => Promise<unknown>, RegExp]>([
  ['a wrong password', true, '28000', () => attaching(as(ROLE, 'wrong1password')), /password authentication failed/],
  [
    'no such database',
    true,
    '3D000',
    () => attaching(as(ROLE, 'poor1password', '/nowhere')),
    /database "nowhere" does/,
  ],
  [
    'no right to read',
    true,
    '42501',
    () => inDuckDB('from poor.public.source'),
    /^permission denied for table source$/,
  ],
  [
    'a column dropped since',
    true,
    '42703',
    () => changed('alter table public.brief drop n'),
    /^column "n" does not exist$/,
  ],
  [
    'a table dropped since',
    true,
    '42P01',
    () => changed('drop table public.brief'),
    /^relation "public\.brief" does not exist$/,
  ],
  ['a value in a view', true, '22000', () => viewed(), /^invalid input syntax for type integer: …$/],
  [
    'nobody listens',
    false,
    undefined,
    () => attaching('postgresql://a:b@127.0.0.1:1/x'),
    /port 1 failed: Connection refused/,
  ],
  [
    'no such host',
    false,
    undefined,
    () => attaching('postgresql://a:b@nowhere.invalid/x'),
    /could not translate host name/,
  ],
  ['a connection cut', false, undefined, () => cut(), /terminating connection due to administrator command/],
])('PostgreSQL through DuckDB, %s: permanent %s', async (_, permanent, sqlstate, provoke, words) => {
  const failure = classify(await provoke());
  expect(failure).toMatchObject({ permanent, words: expect.stringMatching(words) });
  expect(failure.sqlstate).toBe(sqlstate);
  expectDiscreet(failure.words);
});

test.each<[what: string, provoke: () => Promise<unknown>, words: RegExp]>([
  ['nobody listens', () => reaching('postgresql://a:b@127.0.0.1:1/x'), /^connect ECONNREFUSED 127\.0\.0\.1:1$/],
  ['nobody listens at a name', () => reaching('postgresql://a:b@localhost:1/x'), /ECONNREFUSED/],
  ['no such host', () => reaching('postgresql://a:b@nowhere.invalid/x'), /ENOTFOUND|EAI_AGAIN/],
  ['a file that another process holds', () => held(), /is held by another process: .* \(pid \d+\)/],
  ['something that nobody foresaw', () => failureOf(Promise.reject(new Error(`read ${MEMORY} as "x"`))), /^read Ada…$/],
])('neither: %s may pass', async (_, provoke, words) => {
  const failure = classify(await provoke());
  expect(failure).toEqual({ permanent: false, words: expect.stringMatching(words) });
  expectDiscreet(failure.words.replace('read Ada', ''));
});

/** A statement while another transaction has the table to itself. */
async function locked(text: string): Promise<unknown> {
  const holder = await postgres.pool.connect();
  try {
    await holder.query('begin; lock table public.guarded in access exclusive mode');
    return await inPostgres(text.startsWith('lock') ? `begin; ${text}` : text);
  } finally {
    await holder.query('rollback');
    holder.release();
  }
}

/** A server that is asked to end tells its clients so. */
async function terminated(): Promise<unknown> {
  const client = new pg.Client({ connectionString: postgres.url });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const asleep = failureOf(client.query('select pg_sleep(30)'));
  await postgres.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
  return asleep;
}

async function crowded(): Promise<unknown> {
  await postgres.pool.query(`alter role ${ROLE} connection limit 0`);
  try {
    return await reaching(as(ROLE, 'poor1password'));
  } finally {
    await postgres.pool.query(`alter role ${ROLE} connection limit -1`);
  }
}

async function raced(): Promise<unknown> {
  const late = await postgres.pool.connect();
  try {
    await late.query('begin isolation level repeatable read');
    await late.query('select from public.source');
    await postgres.pool.query(`update public.source set short = 'z' where id = 2`);
    return await failureOf(late.query(`update public.source set short = 'y' where id = 2`));
  } finally {
    await late.query('rollback');
    late.release();
  }
}

/** What DuckDB remembers of a table is older than the table. */
async function changed(change: string): Promise<unknown> {
  await postgres.pool.query('drop table if exists public.brief; create table public.brief (id int, n int)');
  await database.use(async (connection) => {
    await connection.run('call pg_clear_cache()');
    await connection.run('from far.public.brief');
  });
  await postgres.pool.query(change);
  return inDuckDB('select n from far.public.brief');
}

async function viewed(): Promise<unknown> {
  await postgres.pool.query('create view public.numbered as select content::int as n from public.source');
  await database.use((connection) => connection.run('call pg_clear_cache()'));
  return inDuckDB('from far.public.numbered');
}

async function cut(): Promise<unknown> {
  const asleep = inDuckDB(`from postgres_query('far', 'select pg_sleep(30)')`);
  const find = `select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(30)%' and pid <> pg_backend_pid() and state = 'active'`;
  await expect.poll(async () => (await postgres.pool.query(find)).rowCount, { timeout: 20_000 }).toBeGreaterThan(0);
  return asleep;
}

async function opened(fields: Record<string, unknown> = {}): Promise<Database> {
  const fresh = await connect(makeProfile({ pipeline: { hardened: false }, ...fields }), () => undefined);
  onTestFinished(() => fresh.close());
  return fresh;
}

async function hardened(): Promise<unknown> {
  const fresh = await opened({ pipeline: { hardened: true } });
  return failureOf(fresh.use((connection) => runText(connection, 'a statement', `from read_text('/etc/hostname')`)));
}

async function starved(): Promise<unknown> {
  const fresh = await opened({ settings: { memory_limit: '20MB', temp_directory: '' } });
  return failureOf(
    fresh.use((connection) => runText(connection, 'a statement', 'select list(range) from range(30000000)')),
  );
}

async function conflicting(): Promise<unknown> {
  return database.use((first) =>
    database.use(async (second) => {
      await first.run(`begin; update near set content = 'y'`);
      await second.run('begin');
      const error = await failureOf(runText(second, 'a statement', `update near set content = 'z'`));
      await first.run('rollback');
      return error;
    }),
  );
}

async function interrupted(): Promise<unknown> {
  return database.use(async (connection) => {
    const endless = 'select sum(a.range * b.range) from range(1000000) a, range(1000000) b';
    const error = failureOf(runText(connection, 'a statement', endless));
    const again = setInterval(() => {
      connection.interrupt();
    }, 50);
    return error.finally(() => {
      clearInterval(again);
    });
  });
}

/** DuckDB's own switch for its tests: a checkpoint that breaks off breaks the instance. */
async function broken(): Promise<unknown> {
  const fresh = await opened({ path: join(makeFolder(), 'broken.duckdb') });
  return failureOf(
    fresh.use(async (connection) => {
      await connection.run(`set debug_checkpoint_abort = 'before_header'; create table t as select 1`);
      return runText(connection, 'a statement', 'force checkpoint');
    }),
  );
}

async function held(): Promise<unknown> {
  const file = join(makeFolder(), 'held.duckdb');
  const holder = execa('node', ['--import', 'tsx', HOLD, file], { reject: false });
  onTestFinished(async () => {
    holder.kill('SIGKILL');
    await holder;
  });
  await once(holder.stdout, 'data');
  return failureOf(connect(makeProfile({ path: file }), () => undefined));
}
