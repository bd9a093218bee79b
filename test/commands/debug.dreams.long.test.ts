import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkDreams } from '../../commands/debug/dreams.ts';
import { biomem } from '../support/biomem.ts';
import { fetchExtensions, makeProfile } from '../support/debug.ts';
import { FILES, runMigrations } from '../support/dreams.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';
import { openReleasedLab, restorePostgres } from '../support/release.ts';
import { lookAt } from '../support/source.ts';

const ROLE = 'looked_at';
const RIGHTS = 'select, insert, update, delete';

let postgres: TestPostgres;
beforeAll(async () => {
  await fetchExtensions();
  postgres = await openPostgres();
  await sql(`create role ${ROLE} login password 'looked1password'`);
  return async () => {
    await sql(`drop owned by ${ROLE}; drop role ${ROLE}`);
    await postgres.drop();
  };
});
beforeEach(() => sql('drop schema if exists dreams cascade'));

const sql = (text: string) => postgres.pool.query(text);
const OWNER = () => postgres.url;
const OTHER = () => Object.assign(new URL(postgres.url), { username: ROLE, password: 'looked1password' }).href;

async function look(url: string) {
  const { checks } = await lookAt(url, { table: 'memories' }, checkDreams);
  expect(checks).toHaveLength(1);
  return checks[0];
}

/** As a write-back leaves it. */
async function make(): Promise<void> {
  await sql(`create schema dreams; create table dreams.migration (version int, file text, applied_at timestamptz);
    grant select on dreams.migration to public`);
  await runMigrations(postgres.pool);
  await sql(`insert into dreams.migration values (${FILES.length}, '${String(FILES.at(-1))}', '2026-03-01')`);
}

interface Case {
  readonly what: string;
  readonly prepare: () => Promise<unknown>;
  readonly as?: () => string;
  readonly status: 'ok' | 'warning' | 'error';
  readonly verdict: string;
  readonly detail: RegExp;
  readonly hint?: RegExp;
}

const nothing = () => Promise.resolve();
const CASES: readonly Case[] = [
  {
    what: 'that is not there',
    prepare: nothing,
    status: 'ok',
    verdict: 'not there yet',
    detail: /first cycle makes it/,
  },
  {
    what: 'that is not there, and may not be made',
    prepare: nothing,
    as: OTHER,
    ...{ status: 'error', verdict: 'may not be made', detail: /role "looked_at" may not make one/ },
    hint: /^as the owner: grant create on database "test_\w+" to "looked_at";$/,
  },
  {
    what: 'that somebody made and keeps to himself',
    prepare: make,
    as: OTHER,
    ...{ status: 'error', verdict: 'may not be used', detail: /may not use schema dreams/ },
    hint: /grant usage, create on schema dreams to "looked_at"; grant select, insert, update, delete on all tables in schema dreams to "looked_at";$/,
  },
  {
    what: 'that is empty and takes no tables from the role',
    prepare: () => sql(`create schema dreams; grant usage on schema dreams to ${ROLE}`),
    as: OTHER,
    ...{ status: 'error', verdict: 'may not be used', detail: /or make tables in it/ },
    hint: /grant usage, create on schema dreams/,
  },
  {
    what: 'whose tables may be read only',
    prepare: async () => {
      await make();
      await sql(`grant usage on schema dreams to ${ROLE}; grant select on all tables in schema dreams to ${ROLE};
        grant ${RIGHTS} on dreams.working_memory to ${ROLE}`);
    },
    as: OTHER,
    ...{
      status: 'error',
      verdict: 'may not be written to',
      detail: /may not write to long_term_memories, memory_insights, .*, short_term_episodes\.$/,
    },
    hint: /grant select, insert, update, delete on all tables in schema dreams to "looked_at";$/,
  },
  {
    what: 'of the newest version, for its owner',
    prepare: make,
    ...{ status: 'ok', verdict: `version ${FILES.length}`, detail: /may write to it\.$/ },
  },
  {
    what: 'of the newest version, for a role that may write and nothing else, and with a table of its own beside it',
    prepare: async () => {
      await make();
      await sql(`grant usage on schema dreams to ${ROLE}; grant ${RIGHTS} on all tables in schema dreams to ${ROLE};
        create table dreams.mine (a int)`);
    },
    as: OTHER,
    ...{ status: 'ok', verdict: `version ${FILES.length}`, detail: /may write to it\.$/ },
  },
  {
    what: 'that version 0.2.0 wrote',
    prepare: () => restorePostgres(postgres.pool),
    ...{ status: 'ok', verdict: 'no version yet', detail: new RegExp(`brings it to version ${FILES.length}\\.$`) },
  },
  {
    what: 'that version 0.2.0 wrote as another role',
    prepare: async () => {
      await restorePostgres(postgres.pool);
      await sql(
        `grant usage, create on schema dreams to ${ROLE}; grant ${RIGHTS} on all tables in schema dreams to ${ROLE}`,
      );
    },
    as: OTHER,
    ...{ status: 'error', verdict: 'no version yet', detail: /which role "looked_at" may not: it does not own/ },
    hint: /^connect once as the owner of its tables/,
  },
  {
    what: 'in which somebody dropped a table',
    prepare: async () => {
      await make();
      await sql('drop table dreams.semantic_network cascade');
    },
    ...{
      status: 'ok',
      verdict: 'incomplete',
      detail: /the next cycle makes semantic_network, knowledge_graph again\.$/,
    },
  },
  {
    what: 'of a newer version',
    prepare: async () => {
      await make();
      await sql(`insert into dreams.migration values (999, '000999.sql', '2026-03-01')`);
    },
    ...{
      status: 'error',
      verdict: 'of a newer version',
      detail: /^its version is 999, this program knows versions up to/,
    },
    hint: /^update biological-memory, or rename the schema\.$/,
  },
  {
    what: 'in which somebody dropped a column',
    prepare: async () => {
      await make();
      await sql('alter table dreams.long_term_memories drop column centrality');
    },
    ...{ status: 'warning', verdict: `version ${FILES.length}` },
    detail: / long_term_memories\.centrality: not there, and the write-back goes on without\.$/,
    hint: /^to have a column again, drop its table: the next cycle makes and fills it\.$/,
  },
  {
    what: 'that version 0.2.0 wrote, in which somebody dropped a column',
    prepare: async () => {
      await restorePostgres(postgres.pool);
      await sql('alter table dreams.long_term_memories drop column minicolumn_id cascade');
    },
    ...{ status: 'warning', verdict: 'no version yet' },
    detail: / long_term_memories\.minicolumn_id: not there/,
    hint: /^to have a column again/,
  },
  {
    what: 'with a column of somebody’s own that takes no row',
    prepare: async () => {
      await make();
      await sql(`alter table dreams.long_term_memories add column who text not null, add column pinned boolean not null default false,
        add column row bigint generated always as identity`);
    },
    ...{ status: 'warning', verdict: `version ${FILES.length}` },
    detail:
      / long_term_memories\.who: not this program’s, not null and without a default, so that no row can be written\.$/,
    hint: /^give such a column a default, or let it be null: /,
  },
  {
    what: 'with a materialized view in the place of a view',
    prepare: async () => {
      await make();
      await sql(`drop view dreams.current_context; create materialized view dreams.current_context as select 1 as a`);
    },
    ...{ status: 'warning', verdict: `version ${FILES.length}` },
    detail: / current_context is a materialized view, where this program makes a view: it is left as it is, [^.]*\.$/,
    hint: /^rename or drop it to have the view made again\.$/,
  },
  {
    what: 'with a record of versions that is somebody else’s',
    prepare: () => sql('create schema dreams; create table dreams.migration (id text)'),
    ...{ status: 'error', verdict: 'somebody else’s' },
    detail: /^migration: not as this program makes it, without the columns version, file, applied_at\.$/,
    hint: /^rename the schema/,
  },
  {
    what: 'of somebody else',
    prepare: () => sql('create schema dreams; create table dreams.working_memory (memory_id uuid, content text)'),
    ...{ status: 'error', verdict: 'somebody else’s', detail: /^working_memory: not as this program makes it/ },
    hint: /^rename the schema/,
  },
];

describe('debug tells of a schema dreams', () => {
  test.each(CASES)('$what', async ({ prepare, as = OWNER, status, verdict, detail, hint }) => {
    await prepare();
    const found = await look(as());
    expect(found).toMatchObject({ section: 'Write-back', name: 'schema dreams', status, verdict });
    expect(found?.detail).toMatch(detail);
    expect(found?.hint ?? '').toMatch(hint ?? /^$/);
    expect(JSON.stringify(found)).not.toContain('1password');
  });

  test('as a write-back left it', async () => {
    await restorePostgres(postgres.pool);
    await (await openReleasedLab(postgres)).run('writeBackDreams', '2026-03-25T03:00:00Z');
    expect(await look(OWNER())).toMatchObject({ status: 'ok', verdict: `version ${FILES.length}` });
  });

  test('in a section of its own, and makes nothing', async () => {
    const attach = [
      { path: "{{ env_var('POSTGRES_DB_URL') }}", type: 'postgres', alias: 'source_memories', read_only: true },
    ];
    const { folder, workspace } = makeProfile({ extensions: ['postgres_scanner'], attach });
    const env = { POSTGRES_DB_URL: postgres.url };
    const { stdout } = await biomem(['debug', '--profiles-dir', folder, '--connection'], { workspace, env });
    expect(stdout).toMatch(/\nWrite-back:\n {2}schema dreams \[OK not there yet\] the first cycle makes it\.\n/);
    expect((await sql(`select from pg_namespace where nspname = 'dreams'`)).rowCount).toBe(0);
    const { stdout: without } = await biomem(['debug', '--profiles-dir', folder, '--connection'], { workspace });
    expect(without).toMatch(
      /\nWrite-back:\n {2}schema dreams \[SKIPPED\] not looked at: source_memories not running\n/,
    );
  });
});
