import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { shareServices } from './services.ts';

/** A database of its own on the shared PostgreSQL server. */
export interface TestPostgres {
  readonly url: string;
  readonly pool: pg.Pool;
  drop(): Promise<void>;
}

export async function openPostgres(): Promise<TestPostgres> {
  const server = (await shareServices()).postgres.url;
  const name = `test_${randomUUID().slice(0, 8)}`;
  await execute(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 4 });
  // `end` does not wait until the server has let go, so that dropping the database may end a connection that is on its way out.
  pool.on('error', () => undefined);
  return {
    url: url.href,
    pool,
    drop: async () => {
      await pool.end();
      await execute(server, `drop database ${name} with (force)`);
    },
  };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
