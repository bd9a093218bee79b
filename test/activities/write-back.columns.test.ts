import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../memory/errors.ts';
import type { Lab } from '../support/lab.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';
import { MEMORIES, openReleasedLab, restorePostgres } from '../support/release.ts';

const FIRST = '2026-03-25T03:00:00.000Z';
const SECOND = '2026-03-26T03:00:00.000Z';
const TABLE = 'dreams.long_term_memories';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await openPostgres();
  return () => postgres.drop();
});
beforeEach(() => restorePostgres(postgres.pool));

const sql = async (text: string) => (await postgres.pool.query<Record<string, unknown>>(text)).rows;
const list = async (text: string) => (await sql(text)).map((row) => Object.values(row)[0]);
const rows = () => list(`select count(*)::int from ${TABLE}`);

/** A write-back that gives every row again. */
async function writeAll(lab: Lab, asOf: string) {
  await sql('delete from dreams.processing_metrics');
  return (await lab.live(asOf, ['ingestMemories', 'writeBackDreams'])).writeBackDreams;
}

describe("a column of one's own", () => {
  test('that has a default takes it, and a value that stands in it outlives the next write-back', async () => {
    await sql(`alter table ${TABLE} add column pinned boolean not null default false`);
    const lab = await openReleasedLab(postgres);
    expect(await writeAll(lab, FIRST)).not.toHaveProperty('rejected');
    expect(await list(`select distinct pinned from ${TABLE}`)).toEqual([false]);
    const [id] = await list(`select memory_id from ${TABLE} order by 1 limit 1`);
    await sql(`update ${TABLE} set pinned = true, content = 'old' where memory_id = '${String(id)}'`);
    await lab.rows(`update trace set changed_at = '${SECOND}'::timestamp`);
    await lab.run('writeBackDreams', SECOND);
    expect(await list(`select memory_id from ${TABLE} where pinned and content <> 'old'`)).toEqual([id]);
    expect(await rows()).toEqual([MEMORIES]);
  });

  test('that PostgreSQL generates is left to it', async () => {
    await sql(
      `alter table ${TABLE} add column search tsvector generated always as (to_tsvector('english', content)) stored`,
    );
    expect(await writeAll(await openReleasedLab(postgres), FIRST)).not.toHaveProperty('rejected');
    expect(await list(`select count(*)::int from ${TABLE} where search is not null`)).toEqual([MEMORIES]);
  });

  test('that takes no row without a value fails the write-back, which says what to do and changes nothing', async () => {
    await sql(
      `alter table ${TABLE} add column "Who" text not null default ''; alter table ${TABLE} alter "Who" drop default`,
    );
    const before = await list(`select t::text from ${TABLE} t order by 1`);
    const writing = writeAll(await openReleasedLab(postgres), FIRST);
    await expect(writing).rejects.toBeInstanceOf(ConfigurationError);
    await expect(writing).rejects.toThrow(
      'dreams.long_term_memories has a column that this program does not fill, "Who", and takes no row without a value in it: ' +
        'what was there is kept. Give it a default: alter table dreams.long_term_memories alter column "Who" set default',
    );
    expect(await list(`select t::text from ${TABLE} t order by 1`)).toEqual(before);
    expect(before).toHaveLength(MEMORIES);
  });
});

test('a table that refuses all of its few rows is at fault itself: the write-back fails, and keeps what was there', async () => {
  await sql(`alter table ${TABLE} add constraint picky check (content = '') not valid`);
  const before = await list(`select t::text from ${TABLE} t order by 1`);
  const writing = writeAll(await openReleasedLab(postgres), FIRST);
  await expect(writing).rejects.toBeInstanceOf(ConfigurationError);
  await expect(writing).rejects.toThrow(
    /^dreams\.long_term_memories rejects the row: .* violates check constraint "picky"\. .* kept\. Change or drop the constraint/,
  );
  expect(await list(`select t::text from ${TABLE} t order by 1`)).toEqual(before);
  expect(before).toHaveLength(MEMORIES);
});

test('a column of the program that PostgreSQL generates now is left to it', async () => {
  await sql(`alter table ${TABLE} drop column memory_age; alter table ${TABLE} add column memory_age text
    generated always as ('made: ' || memory_fidelity) stored`);
  expect(await writeAll(await openReleasedLab(postgres), FIRST)).not.toHaveProperty('rejected');
  expect(await list(`select distinct memory_age ~ '^made: ' from ${TABLE}`)).toEqual([true]);
});
