import { existsSync } from 'node:fs';
import { z } from 'zod';
import { openAttached, type Database, type DuckDBConnection } from '../duckdb/database.ts';
import { runFile, type Parameter, type Row } from '../duckdb/statement.ts';
import { messageOf, ServiceError } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { loadScope } from './load.ts';
import { FORMAT } from './paths.ts';
import type { Scope } from './scope.ts';

const metaRow = z.object({
  format: z.number(),
  cycle_id: z.string(),
  /** When the newest change was made that the file holds. */
  newest_at: z.date().nullable(),
  /** Whose vectors it holds. */
  model: z.string().nullable(),
});
const agentRows = z.array(z.object({ agent: z.string(), memories: z.number() }));
const detailRows = z.array(
  z.object({
    memory_id: z.string(),
    agent: z.string(),
    content: z.string(),
    context: z.string().nullable(),
    tags: z.array(z.string()),
    created_at: z.date(),
    importance: z.number(),
    fate: z.string().nullable(),
    why: z.string().nullable(),
    episode_id: z.string().nullable(),
    retrievability: z.number().nullable(),
  }),
);

export type RecallMeta = z.infer<typeof metaRow>;
/** What is shown of a memory. */
export type Details = z.infer<typeof detailRows>[number];

/** One published recall file, opened. A newer one in its place is another `RecallFile`. */
export class RecallFile {
  readonly #scopes = new Map<string, Promise<Scope>>();
  /** Terms have numbers as long as the file is open. */
  readonly #terms = new Map<string, number>();

  private constructor(
    private readonly database: Database,
    readonly meta: RecallMeta,
  ) {}

  /** @throws ServiceError when there is none, or it is none that this program can read */
  static async open(path: string, profile: Profile): Promise<RecallFile> {
    if (!existsSync(path))
      throw new ServiceError(`${path}: there is no recall file yet. The next cycle makes it: biomem cycle run`);
    let database: Database | undefined;
    try {
      database = await openAttached(path, 'recall', profile);
      const [meta] = await database.use((connection) => run(connection, 'meta'));
      const read = metaRow.parse(meta);
      if (read.format === FORMAT) return new RecallFile(database, read);
      throw new ServiceError(`its format is ${String(read.format)}, this program reads ${String(FORMAT)}`);
    } catch (error) {
      database?.close();
      throw new ServiceError(
        `${path}: cannot be used: ${messageOf(error)}. The next cycle makes it again: biomem cycle run`,
      );
    }
  }

  /** The number of a term; undefined where no memory that was asked about has it. */
  numberOf(term: string): number | undefined {
    return this.#terms.get(term);
  }

  /** The agents with memories, and how many. */
  async agents(): Promise<{ agent: string; memories: number }[]> {
    return agentRows.parse(await this.database.use((connection) => run(connection, 'agents')));
  }

  /** The memories of an agent, or of all with null, ready to be ranked; kept for the next question. */
  scope(agent: string | null): Promise<Scope> {
    const key = JSON.stringify(agent);
    const found = this.#scopes.get(key) ?? this.#load(agent);
    this.#scopes.set(key, found);
    found.catch(() => this.#scopes.delete(key));
    return found;
  }

  async details(ids: readonly string[], asOf: string): Promise<Map<string, Details>> {
    const bound = { ids: JSON.stringify(ids), as_of: asOf };
    const rows = detailRows.parse(await this.database.use((connection) => run(connection, 'details', bound)));
    return new Map(rows.map((row) => [row.memory_id, row]));
  }

  /** The rows of the statement in a `.sql` file over the tables of this one. */
  query(statement: URL, parameters: Record<string, Parameter>): Promise<Row[]> {
    return this.database.use((connection) => runFile(connection, statement, parameters));
  }

  close(): void {
    this.database.close();
  }

  #load(agent: string | null): Promise<Scope> {
    return this.database.use((connection) => loadScope(connection, agent, (term) => this.#number(term)));
  }

  #number(term: string): number {
    const known = this.#terms.get(term);
    if (known !== undefined) return known;
    this.#terms.set(term, this.#terms.size);
    return this.#terms.size - 1;
  }
}

function run(connection: DuckDBConnection, verb: string, parameters: Record<string, Parameter> = {}) {
  return runFile(connection, new URL(`./file.${verb}.sql`, import.meta.url), parameters);
}
