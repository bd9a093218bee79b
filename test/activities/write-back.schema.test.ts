import pg from 'pg';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { ConfigurationError } from '../../memory/errors.ts';
import { FILES, readCatalog, readMigration, runMigrations } from '../support/dreams.ts';
import { Lab, NIGHT, type StepName } from '../support/lab.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';
import { openRealLab } from '../support/real-lab.ts';
import { MEMORIES, openReleasedLab, restorePostgres } from '../support/release.ts';

const NIGHTS = ['2026-03-02T03:00:00.000Z', '2026-03-03T03:00:00.000Z', '2026-03-04T03:00:00.000Z'] as const;
const CYCLE: readonly StepName[] = [...NIGHT, 'writeBackDreams'];
/** The next one of what version 0.2.0 left. */
const NEXT = '2026-03-25T03:00:00.000Z';
const ROLE = 'dreams_writer';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await openPostgres();
  await sql(`create role ${ROLE} login password 'writer1password'`);
  return async () => {
    await sql(`drop owned by ${ROLE}; drop role ${ROLE}`);
    await postgres.drop();
  };
});
beforeEach(async () => {
  await sql('drop schema if exists dreams cascade; drop table if exists public.memories cascade');
});

const sql = async (text: string) => (await postgres.pool.query<Record<string, unknown>>(text)).rows;
const list = async (text: string) => (await sql(text)).map((row) => Object.values(row)[0]);
const versions = () => list('select version from dreams.migration order by 1');
const NEWEST = FILES.map((_, index) => index + 1);

async function openMemories(): Promise<Lab> {
  await sql(`create table public.memories (id text primary key, content text, context text, tags text[], metadata jsonb,
      created_at timestamptz, updated_at timestamptz);
    insert into public.memories select 'm' || n, 'We decided in Halifax on point ' || n || ': it is critical.', null, '{x}',
      '{"agent": "ada"}', timestamptz '2026-03-01 10:00Z' + n * interval '1 minute', '2026-03-01 10:00Z'
    from generate_series(1, 4) n`);
  return openRealLab(postgres);
}

/** The same pipeline, which writes back as a role that owns nothing. */
function asRole({ profile, database }: Lab): Lab {
  const connectionString = Object.assign(new URL(postgres.url), { username: ROLE, password: 'writer1password' }).href;
  const pool = new pg.Pool({ connectionString, max: 1 });
  onTestFinished(() => pool.end());
  return new Lab(profile, database, undefined, pool);
}

/** What a cycle tells the person who watches the worker. */
async function report(lab: Lab, asOf: string): Promise<string[]> {
  lab.lines.length = 0;
  await lab.live(asOf, ['ingestMemories', 'writeBackDreams']);
  return lab.lines;
}

describe('the files', () => {
  test('are numbered without a gap, in six digits, and the first line of each says whether it breaks what reads the schema', () => {
    expect(FILES).toEqual(FILES.map((_, index) => `${String(index + 1).padStart(6, '0')}.sql`));
    for (const file of FILES) expect(readMigration(file), file).toMatch(/^-- (?:Breaking|Not breaking)\. \S/);
  });

  test('leave alone what is there: run once more on the newest schema, they change nothing of it', async () => {
    await sql('create schema dreams; create table dreams.migration (version int, file text, applied_at timestamptz)');
    await runMigrations(postgres.pool);
    const made = await readCatalog(sql);
    await runMigrations(postgres.pool);
    expect(await readCatalog(sql)).toEqual(made);
  });
});

describe('schema dreams', () => {
  test('is made with a record of each migration, as of the cycle, and says of every table, view and column what it holds', async () => {
    const lab = await openMemories();
    expect(await report(lab, NIGHTS[0])).toEqual([]);
    expect(await sql('select * from dreams.migration order by 1')).toEqual(
      FILES.map((file, index) => ({ version: index + 1, file, applied_at: new Date(NIGHTS[0]) })),
    );
    const undescribed = `select c.relname || coalesce('.' || a.attname, '') as name from pg_class c
      left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and c.relkind = 'r'
      where c.relnamespace = 'dreams'::regnamespace and c.relkind in ('r', 'v')
        and (obj_description(c.oid) is null or a.attnum is not null and col_description(c.oid, a.attnum) is null)`;
    expect(await list(undescribed)).toEqual([]);
    expect(await list(`select obj_description('dreams'::regnamespace)`)).toEqual([expect.stringContaining('Derived')]);
  });

  test('of a newer version is refused, and left as it is', async () => {
    const lab = await openMemories();
    await lab.live(NIGHTS[0], CYCLE);
    await sql(`insert into dreams.migration values (999, '000999.sql', '2026-03-01')`);
    const rows = await list('select t::text from dreams.long_term_memories t order by 1');
    await lab.live(NIGHTS[1]);
    const writing = lab.run('writeBackDreams', NIGHTS[1]);
    await expect(writing).rejects.toBeInstanceOf(ConfigurationError);
    await expect(writing).rejects.toThrow(
      `schema dreams in PostgreSQL: its version is 999, this program knows versions up to ${FILES.length}. A newer ` +
        'biological-memory has opened it: update the program, or rename the schema, or drop it',
    );
    expect(await list('select t::text from dreams.long_term_memories t order by 1')).toEqual(rows);
  });

  test('is not touched by a migration when the write-back fails after it', async () => {
    await restorePostgres(postgres.pool);
    const before = await readCatalog(sql);
    await sql(`create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'full' using errcode = 'disk_full'; end $$;
      create trigger refuse before insert on dreams.semantic_network execute function public.refuse()`);
    onTestFinished(async () => {
      await sql('drop function if exists public.refuse cascade');
    });
    const lab = await openReleasedLab(postgres);
    await expect(lab.run('writeBackDreams', NEXT)).rejects.toThrow('full');
    expect(await readCatalog(sql)).toEqual(before);
    await sql('drop function public.refuse cascade');
    expect(await report(lab, NEXT)).toEqual([`schema dreams: brought to version ${FILES.length}`]);
    expect(await versions()).toEqual(NEWEST);
  });

  test('of somebody else, with tables of the same names, is refused and left as it is', async () => {
    await sql(`create schema dreams; comment on schema dreams is 'Mine.';
      create table dreams.working_memory (memory_id uuid primary key, content text, activation_strength real);
      create table dreams.memory_insights (id serial primary key, insight text)`);
    const before = await readCatalog(sql);
    const lab = await openMemories();
    await expect(lab.run('writeBackDreams', NIGHTS[0])).rejects.toThrow(
      /^Schema dreams is not as this program makes it.* Rename the schema.* \(column .* does not exist\)$/,
    );
    expect(await readCatalog(sql)).toEqual(before);
    expect(await list(`select obj_description('dreams'::regnamespace)`)).toEqual(['Mine.']);
  });
});

describe('what somebody dropped is made again:', () => {
  test('a table, with every row of every target', async () => {
    await restorePostgres(postgres.pool);
    const dev = await openReleasedLab(postgres);
    const prod = new Lab(
      { ...dev.profile, target: 'prod' },
      (await openReleasedLab(postgres)).database,
      undefined,
      postgres.pool,
    );
    const targets = 'select target, count(*)::int as rows from dreams.long_term_memories group by 1 order by 1';
    await report(dev, NEXT);
    await report(prod, NEXT);
    const both = ['dev', 'prod'].map((target) => ({ target, rows: MEMORIES }));
    expect(await sql(targets)).toEqual(both);

    await sql('drop table dreams.long_term_memories cascade');
    expect(await report(dev, '2026-03-26T03:00:00.000Z')).toEqual([
      'schema dreams: long_term_memories, knowledge_graph, memory_timeline were not there, and made again',
    ]);
    expect(await sql(targets)).toEqual(both.slice(0, 1));
    expect(await list('select count(*)::int from dreams.knowledge_graph')).not.toEqual([0]);
    expect(await report(prod, '2026-03-26T03:00:00.000Z')).toEqual([]);
    expect(await sql(targets)).toEqual(both);
    expect(await versions()).toEqual(NEWEST);
  });

  test('a view, and no row is written for it', async () => {
    await restorePostgres(postgres.pool);
    const lab = await openReleasedLab(postgres);
    await report(lab, NEXT);
    const rows = await list('select t::text from dreams.long_term_memories t order by 1');
    await sql('drop view dreams.current_context');
    expect(await report(lab, '2026-03-26T03:00:00.000Z')).toEqual([
      'schema dreams: current_context was not there, and made again',
    ]);
    expect(await list('select count(*)::int from dreams.current_context')).not.toEqual([0]);
    expect(await list('select t::text from dreams.long_term_memories t order by 1')).toEqual(rows);
  });

  test('the record of its versions', async () => {
    const lab = await openMemories();
    await lab.run('writeBackDreams', NIGHTS[0]);
    await sql('drop table dreams.migration');
    await lab.run('writeBackDreams', NIGHTS[1]);
    expect(await versions()).toEqual(NEWEST);
  });
});

describe('what somebody changed is left as it is:', () => {
  const LATER = '2026-03-26T03:00:00.000Z';

  test('a table without a column, which version 0.2.0 wrote, is described and written without it', async () => {
    await restorePostgres(postgres.pool);
    await sql('alter table dreams.long_term_memories drop column centrality; delete from dreams.processing_metrics');
    const lab = await openReleasedLab(postgres);
    expect(await report(lab, NEXT)).toEqual([`schema dreams: brought to version ${FILES.length}`]);
    expect(await list('select count(*)::int from dreams.long_term_memories')).toEqual([MEMORIES]);
    expect(await list(`select col_description('dreams.long_term_memories'::regclass, 3)`)).toEqual([
      expect.stringContaining('Agent'),
    ]);
  });

  test('so is one of the newest version, when another table is made again', async () => {
    await restorePostgres(postgres.pool);
    const lab = await openReleasedLab(postgres);
    await report(lab, NEXT);
    await sql('alter table dreams.long_term_memories drop column why; drop table dreams.semantic_network cascade');
    expect(await report(lab, LATER)).toEqual([
      'schema dreams: semantic_network, knowledge_graph were not there, and made again',
    ]);
    expect(await list('select count(*)::int from dreams.long_term_memories')).toEqual([MEMORIES]);
  });

  test('a view that needs a column which is not there is told of, and stops nothing', async () => {
    await restorePostgres(postgres.pool);
    const lab = await openReleasedLab(postgres);
    await report(lab, NEXT);
    await sql(
      'alter table dreams.long_term_memories drop column minicolumn_id cascade; drop view dreams.memory_timeline',
    );
    expect(await report(lab, LATER)).toEqual([
      'schema dreams: memory_timeline was not there, and made again',
      'schema dreams: knowledge_graph cannot be made: a column that it needs was dropped',
    ]);
  });

  test('a materialized view in the place of a view is told of in one sentence, and stops nothing', async () => {
    await restorePostgres(postgres.pool);
    await sql(`drop view dreams.current_context;
      create materialized view dreams.current_context as select * from dreams.working_memory`);
    const lab = await openReleasedLab(postgres);
    const told =
      'schema dreams: current_context is a materialized view, where this program makes a view: it is left as it is, and ' +
      'shows what whoever made it puts there';
    expect(await report(lab, NEXT)).toEqual([told, `schema dreams: brought to version ${FILES.length}`]);
    expect(await report(lab, LATER)).toEqual([told]);
    expect(await list(`select relkind from pg_class where oid = 'dreams.current_context'::regclass`)).toEqual(['m']);
  });

  test.each([
    ['(id text)', 'without the columns version, file, applied_at'],
    ['(version text, file text, applied_at timestamptz)', 'its column version is no integer'],
  ])('a record of versions that is somebody else’s, %s, is refused by its name', async (columns, why) => {
    await sql(`create schema dreams; create table dreams.migration ${columns}`);
    const lab = await openMemories();
    const writing = lab.run('writeBackDreams', NIGHTS[0]);
    await expect(writing).rejects.toBeInstanceOf(ConfigurationError);
    await expect(writing).rejects.toThrow(
      `Table dreams.migration is not as this program makes it, ${why}. Rename the schema, or drop it if nobody else`,
    );
    expect(await list(`select has_table_privilege('${ROLE}', 'dreams.migration', 'select')`)).toEqual([false]);
  });
});

test('of two write-backs of two targets on an empty database one waits until the other has made the schema', async () => {
  const dev = await openMemories();
  const other = await openRealLab(postgres);
  const prod = new Lab({ ...other.profile, target: 'prod' }, other.database, undefined, postgres.pool);
  await dev.run('ingestMemories', NIGHTS[0]);
  await prod.run('ingestMemories', NIGHTS[0]);
  const gate = await postgres.pool.connect();
  onTestFinished(async () => {
    gate.release(true);
    await sql('drop event trigger if exists hold; drop function if exists public.hold');
  });
  // The first write-back waits within its transaction, at the schema that it makes.
  await gate.query('select pg_advisory_lock(1)');
  await sql(`create function public.hold() returns event_trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(1); end $$;
    create event trigger hold on ddl_command_end when tag in ('CREATE SCHEMA') execute function public.hold()`);
  const waiting = () =>
    list(`select (classid::int8 << 32 | objid::int8)::text from pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database()) order by 1`);
  const writing = [dev.run('writeBackDreams', NIGHTS[0])];
  await expect.poll(waiting, { timeout: 20_000 }).toEqual(['1']);
  writing.push(prod.run('writeBackDreams', NIGHTS[0]));
  await expect.poll(waiting, { timeout: 20_000 }).toHaveLength(2);
  const locks = await waiting();
  await gate.query('select pg_advisory_unlock(1)');
  await Promise.all(writing);
  expect(locks).toEqual(['1', '7315244501']);
  expect(await list('select distinct target from dreams.processing_metrics order by 1')).toEqual(
    [dev.profile.target, 'prod'].toSorted(),
  );
  expect(await versions()).toEqual(NEWEST);
});

describe('a role that owns nothing', () => {
  test('writes to a schema of the newest version, without the right to create anything', async () => {
    const lab = await openMemories();
    await lab.live(NIGHTS[0]);
    await lab.run('writeBackDreams', NIGHTS[0]);
    await sql(`grant usage on schema dreams to ${ROLE};
      grant select, insert, update, delete on dreams.working_memory, dreams.short_term_episodes, dreams.long_term_memories,
        dreams.memory_insights, dreams.semantic_network, dreams.processing_metrics, dreams.rejected_rows to ${ROLE}`);
    expect(await asRole(lab).run('writeBackDreams', NIGHTS[1])).toMatchObject({ rows: expect.any(Number) });
    expect(await list('select distinct as_of from dreams.rejected_rows')).toEqual([]);
  });

  test('brings no older one to the newest: it is told whose business that is, and nothing is changed', async () => {
    await restorePostgres(postgres.pool);
    await sql(`grant usage, create on schema dreams to ${ROLE}; grant all on all tables in schema dreams to ${ROLE}`);
    const before = await readCatalog(sql);
    const lab = asRole(await openReleasedLab(postgres));
    await expect(lab.run('writeBackDreams', NEXT)).rejects.toThrow(
      /^Schema dreams belongs to another role: connect as that one, or give .* \(must be owner of table working_memory\)$/,
    );
    expect(await readCatalog(sql)).toEqual(before);
  });

  test.each([
    ['may write and make nothing', 'usage'],
    ['may not even use it', null],
  ])('and %s is told so at once: the right that PostgreSQL asks for first would not do', async (_, right) => {
    await restorePostgres(postgres.pool);
    if (right !== null) await sql(`grant ${right} on schema dreams to ${ROLE}`);
    await sql(`grant all on all tables in schema dreams to ${ROLE}`);
    const lab = asRole(await openReleasedLab(postgres));
    await expect(lab.run('writeBackDreams', NEXT)).rejects.toThrow(
      /^Schema dreams belongs to another role: connect as that one, or give schema, tables and views to the role/,
    );
  });

  test('fills a schema that somebody made for it, without the right to make one', async () => {
    const lab = await openMemories();
    await sql(`create schema dreams; grant usage, create on schema dreams to ${ROLE}`);
    await asRole(lab).run('writeBackDreams', NIGHTS[0]);
    expect(await versions()).toEqual(NEWEST);
    expect(await list(`select obj_description('dreams'::regnamespace)`)).toEqual([null]);
  });
});
