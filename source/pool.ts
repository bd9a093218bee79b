import pg from 'pg';
import { resolveAddress } from './address.ts';

/** Connections to the database that results are written back to: borrowed, never held. */
export interface Postgres {
  /** A connection that the borrower releases. @throws ConfigurationError, or what node-postgres says of an address out of reach */
  connect(): Promise<pg.PoolClient>;
}

export interface PoolRequest {
  /** Where to connect, asked again for each loan: a password may have changed since. */
  readonly address: () => string | Promise<string>;
  /** The profile's `threads`. */
  readonly threads: number;
  /** Longest wait for a connection, in ms; by default as long as it takes. */
  readonly patienceMs?: number;
  readonly report: (line: string) => void;
}

/**
 * A pool that follows its address. One transaction writes back at a time, because cycles take turns, so of the profile's
 * `threads` it uses two at most: one that writes, and one for its successor while a broken one is being discarded.
 */
export function createPool({ address, threads, patienceMs, report }: PoolRequest): Postgres & { end(): Promise<void> } {
  let current: { readonly url: string; readonly pool: pg.Pool } | undefined;
  const open = (url: string): pg.Pool => {
    const pool = new pg.Pool({
      connectionString: url,
      max: Math.min(threads, 2),
      application_name: 'biological-memory',
      // A program that forgets to close it ends all the same.
      allowExitOnIdle: true,
      ...(patienceMs !== undefined && { connectionTimeoutMillis: patienceMs }),
    });
    pool.on('error', (error) => {
      report(`PostgreSQL connection lost: ${error.message}`);
    });
    return pool;
  };
  return {
    connect: async () => {
      const url = resolveAddress(await address());
      if (current?.url !== url) {
        // A connection of the old pool is given back there.
        void current?.pool.end();
        current = { url, pool: open(url) };
      }
      return current.pool.connect();
    },
    end: async () => current?.pool.end(),
  };
}
