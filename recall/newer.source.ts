import type pg from 'pg';
import { z } from 'zod';
import { firstLineOf, ServiceError } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { redact } from '../profiles/redact.ts';
import { examineSource, sourceQuery } from '../source/catalog.ts';
import { describeMisfit, isMisfit, judgeFit, type FittedSource } from '../source/fit.ts';
import type { Postgres } from '../source/pool.ts';
import { askIds, projectNewest } from '../source/projection.ts';

/** Longest that a statement may take, in ms: the table may be locked. */
const PATIENCE_MS = 2_000;
/** How long after it was out of reach PostgreSQL is asked again, in ms; no question waits for that. */
const PAUSE_MS = 2_000;
/** The last moment that both databases write alike. */
const LAST = '9999-12-31 23:59:59.999999';

const jsonRows = z.tuple([z.object({ rows: z.string(), count: z.number() })]);
const idRows = z.array(z.object({ id: z.string() }));

/** What rows of the agents' table are read with. */
export interface SourceRequest {
  readonly profile: Profile;
  /** Connections to the database of the agents' table; closed with it. */
  readonly postgres: Postgres & { end(): Promise<void> };
  /** Hears once of each reason why it cannot be read. */
  readonly report: (line: string) => void;
}

/** Rows as JSON, how many they are, and how DuckDB reads them: see `projectNewest`. */
export interface Fetched {
  readonly rows: string;
  readonly count: number;
  readonly receive: string;
}

/** The agents' table in PostgreSQL, as far as it is in reach: what cannot be had is null, which is said once. */
export class SourceTable {
  readonly #request: SourceRequest;
  readonly #said = new Set<string>();
  #fitted: FittedSource | undefined;
  /** When it was last found to be out of reach. */
  #down: number | undefined;
  #trying: Promise<void> | undefined;

  constructor(request: SourceRequest) {
    this.#request = request;
  }

  /** The newest rows, `limit` at most, of those that were written after a time (in UTC, without zone), or of all. */
  newest(after: string | null, limit: number): Promise<Fetched | null> {
    return this.#ask(async (client, fitted) => {
      const extent = { keysOnly: false, ...(after !== null && { written: { after, until: LAST } }) };
      const { ask, receive } = projectNewest(fitted, extent, limit);
      return { ...jsonRows.parse(await read(client, ask))[0], receive };
    });
  }

  /** Which of the ids are there. */
  held(ids: readonly string[]): Promise<ReadonlySet<string> | null> {
    return this.#ask(async (client, fitted) => {
      const found = idRows.parse(await read(client, askIds(fitted, ids)));
      return new Set(found.map(({ id }) => id));
    });
  }

  async close(): Promise<void> {
    await this.#trying;
    await this.#request.postgres.end();
  }

  async #ask<T>(body: (client: pg.PoolClient, fitted: FittedSource) => Promise<T>): Promise<T | null> {
    if (this.#down !== undefined) {
      if (performance.now() - this.#down > PAUSE_MS) this.#trying ??= this.#tryAgain();
      return null;
    }
    try {
      return await this.#using(body);
    } catch (error) {
      this.#giveUp(error);
      return null;
    }
  }

  /** Beside the questions. */
  async #tryAgain(): Promise<void> {
    try {
      await this.#using(() => Promise.resolve());
      this.#down = undefined;
    } catch (error) {
      this.#giveUp(error);
    } finally {
      this.#trying = undefined;
    }
  }

  async #using<T>(body: (client: pg.PoolClient, fitted: FittedSource) => Promise<T>): Promise<T> {
    const client = await this.#request.postgres.connect();
    try {
      const result = await body(client, (this.#fitted ??= await this.#fit(client)));
      client.release();
      return result;
    } catch (error) {
      // The connection may be the very thing that failed, and the table another one now.
      client.release(true);
      this.#fitted = undefined;
      throw error;
    }
  }

  async #fit(client: pg.PoolClient): Promise<FittedSource> {
    const { profile } = this.#request;
    const fitted = judgeFit(await examineSource(profile.pipeline.source, 'postgres', (sql) => read(client, sql)));
    if (!isMisfit(fitted)) return fitted;
    throw new ServiceError(fitted.map((misfit) => describeMisfit(profile, misfit)).join(' '));
  }

  #giveUp(error: unknown): void {
    this.#down = performance.now();
    const line = redact(`recall: what was written since the last cycle is not looked for: ${firstLineOf(error)}`);
    if (!this.#said.has(line)) this.#request.report(line);
    this.#said.add(line);
  }
}

/** One statement, in one round trip with what bounds it and makes texts of values the same everywhere. */
async function read(client: pg.PoolClient, sql: string): Promise<unknown[]> {
  const session = sourceQuery('session.postgres.sql', {});
  const settings = `begin read only; set local statement_timeout = ${String(PATIENCE_MS)}`;
  const results: unknown = await client.query(`${settings}; ${session}; ${sql}; commit`);
  return (
    z
      .array(z.object({ rows: z.array(z.unknown()) }))
      .parse(results)
      .at(-2)?.rows ?? []
  );
}
