import { readFileSync } from 'node:fs';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import type { Database } from '../duckdb/database.ts';
import { runFile, type Parameter, type Row } from '../duckdb/statement.ts';
import type { CallAnswer } from './outcome.ts';

const TABLE = new URL('../duckdb/migrations/000002.sql', import.meta.url);

const key = z.string();
const rowsFound = z.array(
  z.union([
    z.object({ key, text: z.string(), embedding: z.null() }),
    z.object({ key, text: z.null(), embedding: z.array(z.number()) }),
  ]),
);

/** Lends a connection that stands where the table is. */
type Lend = <T>(body: (connection: DuckDBConnection) => Promise<T>) => Promise<T>;

/**
 * Answers of models, in the table `llm_cache`, of `limit` bytes at most. Its writes are transactions of their own, one after the
 * other. A database that is not ours, or that cannot be written, has no place for it; then the answers are kept in memory and are
 * gone with the process.
 */
export class LlmCache {
  #waiting: CallAnswer[] = [];
  #writes: Promise<void>[] = [];
  #work: Promise<unknown> = Promise.resolve();
  #place: Promise<Lend> | undefined;

  constructor(
    private readonly database: Pick<Database, 'use'>,
    private readonly limit: number,
  ) {}

  /** The answers that are there, by their keys; they count as used. */
  async lookUp(keys: readonly string[]): Promise<Map<string, CallAnswer['value']>> {
    const bound = { keys: JSON.stringify(keys) };
    const rows = await this.#lendInTurn(async (connection) => {
      const present = await run(connection, 'look-up', bound);
      if (present.length > 0) await run(connection, 'touch', bound);
      return present;
    });
    return new Map(rowsFound.parse(rows).map(({ key, text, embedding }) => [key, text ?? embedding]));
  }

  /** Keeps an answer, together with those that come while the one before is written: a killed process loses little. */
  keep(answer: CallAnswer): void {
    this.#waiting.push(answer);
    if (this.#waiting.length > 1) return;
    const write = this.#inTurn(async () => {
      // Taken before the connection is lent: what waited for one that does not come would hold up all that follows.
      const answers = this.#waiting.map(({ value, ...answer }) => ({
        ...answer,
        ...(typeof value === 'string' ? { text: value } : { embedding: value }),
      }));
      this.#waiting = [];
      await this.#lend((connection) => run(connection, 'store', { answers: JSON.stringify(answers) }));
    });
    this.#writes.push(write);
    // `flush` tells of it.
    write.catch(() => undefined);
  }

  /** Waits until all is written, then gives up the least recently used of what is over the limit. */
  async flush(): Promise<void> {
    const writes = this.#writes;
    this.#writes = [];
    await Promise.all(writes);
    await this.#lendInTurn((connection) => run(connection, 'evict', { limit: this.limit }));
  }

  /** Gives up all vectors of a model (name and digest). */
  async forgetVectors(model: string): Promise<void> {
    await this.flush();
    await this.#lendInTurn((connection) => run(connection, 'forget-vectors', { model }));
  }

  #lendInTurn<T>(body: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#inTurn(() => this.#lend(body));
  }

  async #lend<T>(body: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const place = (this.#place ??= findPlace(this.database));
    // One that could not be found now may be later.
    place.catch(() => {
      if (this.#place === place) this.#place = undefined;
    });
    return (await place)(body);
  }

  /** One after the other: two transactions that write the same row would refuse each other. */
  #inTurn<T>(body: () => Promise<T>): Promise<T> {
    const turn = this.#work.then(body);
    this.#work = turn.catch(() => undefined);
    return turn;
  }
}

async function findPlace(database: Pick<Database, 'use'>): Promise<Lend> {
  const [place] = await database.use((connection) => run(connection, 'can-keep'));
  if (place !== undefined) return (body) => database.use(body);
  const memory = await DuckDBInstance.create(':memory:');
  const own = await memory.connect();
  await own.run(readFileSync(TABLE, 'utf8'));
  return (body) => body(own);
}

function run(connection: DuckDBConnection, verb: string, parameters: Record<string, Parameter> = {}): Promise<Row[]> {
  return runFile(connection, new URL(`./cache.${verb}.sql`, import.meta.url), parameters);
}
