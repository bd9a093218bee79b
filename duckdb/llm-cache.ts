import { readFileSync } from 'node:fs';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import type { Answer } from '../llm/ask.ts';
import { runFile, type Parameter, type Row } from './statement.ts';

const TABLE = new URL('./migrations/000002.sql', import.meta.url);

const key = z.string();
const rowsFound = z.array(
  z.union([
    z.object({ key, text: z.string(), embedding: z.null() }),
    z.object({ key, text: z.null(), embedding: z.array(z.number()) }),
  ]),
);

/** Lends a connection that stands where the table is, and closes it afterwards. */
export type Lend = <T>(body: (connection: DuckDBConnection) => Promise<T>) => Promise<T>;

/** Answers of models, in the table `llm_cache`. Its writes are transactions of their own, one after the other. */
export class LlmCache {
  #waiting: Answer[] = [];
  #writes: Promise<void>[] = [];
  #work: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly lend: Lend,
    private readonly limit: number,
  ) {}

  /**
   * The cache of a database, of `limit` bytes at most. A database that is not ours, or that cannot be written, has no place
   * for it; then the answers are kept in memory and are gone with the process.
   */
  static async open(lend: Lend, limit: number): Promise<LlmCache> {
    const [place] = await lend((connection) => run(connection, 'can-keep'));
    if (place !== undefined) return new LlmCache(lend, limit);
    const memory = await DuckDBInstance.create(':memory:');
    const own = await memory.connect();
    await own.run(readFileSync(TABLE, 'utf8'));
    return new LlmCache((body) => body(own), limit);
  }

  /** The answers that are there, by their keys; they count as used. */
  async lookUp(keys: readonly string[]): Promise<Map<string, Answer['value']>> {
    const bound = { keys: JSON.stringify(keys) };
    const rows = await this.#lend(async (connection) => {
      const present = await run(connection, 'look-up', bound);
      if (present.length > 0) await run(connection, 'touch', bound);
      return present;
    });
    return new Map(rowsFound.parse(rows).map(({ key, text, embedding }) => [key, text ?? embedding]));
  }

  /** Keeps an answer, together with those that come while the one before is written: a killed process loses little. */
  keep(answer: Answer): void {
    this.#waiting.push(answer);
    if (this.#waiting.length > 1) return;
    const write = this.#inTurn(async () => {
      // Taken before the connection is lent: what waited for one that does not come would hold up all that follows.
      const answers = this.#waiting.map(({ value, ...answer }) => ({
        ...answer,
        ...(typeof value === 'string' ? { text: value } : { embedding: value }),
      }));
      this.#waiting = [];
      await this.lend((connection) => run(connection, 'store', { answers: JSON.stringify(answers) }));
    });
    this.#writes.push(write);
    // `settle` tells of it.
    write.catch(() => undefined);
  }

  /** Waits until all is written, then gives up the least recently used of what is over the limit. */
  async settle(): Promise<void> {
    const writes = this.#writes;
    this.#writes = [];
    await Promise.all(writes);
    await this.#lend((connection) => run(connection, 'evict', { limit: this.limit }));
  }

  /** Gives up all vectors of a model (name and digest). */
  async forgetVectors(model: string): Promise<void> {
    await this.settle();
    await this.#lend((connection) => run(connection, 'forget-vectors', { model }));
  }

  #lend<T>(body: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#inTurn(() => this.lend(body));
  }

  /** One after the other: two transactions that write the same row would refuse each other. */
  #inTurn<T>(body: () => Promise<T>): Promise<T> {
    const turn = this.#work.then(body);
    this.#work = turn.catch(() => undefined);
    return turn;
  }
}

function run(connection: DuckDBConnection, verb: string, parameters: Record<string, Parameter> = {}): Promise<Row[]> {
  return runFile(connection, new URL(`./llm-cache.${verb}.sql`, import.meta.url), parameters);
}
