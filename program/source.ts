import type { Client } from 'pg';
import type { Services } from '../services/services.ts';
import type { Context } from './context.ts';

/** Longest wait for a server that does not answer, in ms. */
const PATIENCE = 10_000;

/** Lends a connection to the database that the agents write to. */
export async function withPostgres<T>(url: string, body: (client: Client) => Promise<T>): Promise<T> {
  const [{ default: pg }, { resolveAddress }] = await Promise.all([import('pg'), import('../source/address.ts')]);
  const client = new pg.Client({ connectionString: resolveAddress(url), connectionTimeoutMillis: PATIENCE });
  // A connection that breaks while idle must not end the process; the next query says what happened.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await body(client);
  } finally {
    await client.end();
  }
}

/** An embedded PostgreSQL starts empty: the agents' table is created there, and only there. */
export async function prepareSource({ env, target }: Context, { url }: Services['postgres']): Promise<void> {
  const [{ configuredPostgres }, { createMemories }] = await Promise.all([
    import('../services/configured-postgres.ts'),
    import('../source/memories.ts'),
  ]);
  if (configuredPostgres(env, target) === null) await withPostgres(url, createMemories);
}
