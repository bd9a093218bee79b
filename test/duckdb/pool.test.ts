import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../duckdb/database.ts';
import { createPool } from '../../source/pool.ts';
import { makeProfile, openDatabase, query, value } from '../support/database.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await openPostgres();
  // Some 5,000 pages: DuckDB's scan asks for a connection for each thousand of them.
  await postgres.pool.query(
    `create table memories as select i as id, repeat('x', 200) as content from generate_series(1, 180000) i`,
  );
  await postgres.pool.query('vacuum analyze memories');
});
afterAll(() => postgres.drop());

/** Runs `body` and gives the most connections under the name `application` that the server saw meanwhile. */
async function mostConnections(application: string, body: () => Promise<unknown>): Promise<number> {
  let most = 0;
  let running = true;
  const watch = async () => {
    while (running) {
      const { rows } = await postgres.pool.query<{ n: number }>(
        'select count(*)::int as n from pg_stat_activity where application_name = $1',
        [application],
      );
      most = Math.max(most, rows[0]?.n ?? 0);
    }
  };
  const watching = watch();
  await body();
  running = false;
  await watching;
  return most;
}

/** The most connections of two scans of the source in one statement. */
async function scan(threads: number, settings: Record<string, unknown> = {}): Promise<number> {
  const application = randomUUID();
  const attach = [
    {
      path: `${postgres.url}?application_name=${application}`,
      alias: 'source_memories',
      type: 'postgres',
      read_only: true,
    },
  ];
  const fields = { threads, extensions: ['postgres_scanner'], attach, settings: { threads: 8, ...settings } };
  const database = await connect(makeProfile(fields), () => undefined);
  onTestFinished(() => database.close());
  const join = `select count(*)::int from source_memories.public.memories a join source_memories.public.memories b using (id, content)`;
  return mostConnections(application, async () => expect(await value(database, join)).toBe(180_000));
}

test.each([
  [2, 2],
  [3, 3],
  [1, 2],
])(
  'with threads %i the attachment opens at most %i connections, however many threads DuckDB has',
  async (threads, most) => {
    expect(await scan(threads)).toBeLessThanOrEqual(most);
  },
);

test('the profile’s own pg_pool_max_connections holds instead', async () => {
  expect(await scan(2, { pg_pool_max_connections: 6 })).toBeGreaterThan(2);
});

test('pg_ settings are set before the attachment, for which alone they count', async () => {
  const database = await openDatabase(
    makeProfile({ extensions: ['postgres_scanner'], settings: { pg_pages_per_task: 7 } }),
  );
  expect(await query(database, `select current_setting('pg_pages_per_task')::int as n`)).toEqual([{ n: 7 }]);
});

test.each([
  [8, 2],
  [1, 1],
])('with threads %i write-back has at most %i connections, and who asks for more waits', async (threads, most) => {
  const pool = createPool({ address: () => postgres.url, threads, report: () => undefined });
  onTestFinished(() => pool.end());
  const count = await mostConnections('biological-memory', () =>
    Promise.all(
      Array.from({ length: 6 }, async () => {
        const client = await pool.connect();
        await client.query('select pg_sleep(0.05)');
        client.release();
      }),
    ),
  );
  expect(count).toBe(most);
});

test('the bound is one: the attachment waits for a free connection, where DuckDB would open another', async () => {
  const attach = [{ path: postgres.url, alias: 'source_memories', type: 'postgres', read_only: true }];
  const database = await openDatabase(makeProfile({ threads: 2, extensions: ['postgres_scanner'], attach }));
  expect(await value(database, `select current_setting('pg_pool_acquire_mode')`)).toBe('wait');
});
