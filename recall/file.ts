import { existsSync } from 'node:fs';
import { z } from 'zod';
import { openAttached, type Database, type DuckDBConnection } from '../duckdb/database.ts';
import { runFile, type Parameter, type Row } from '../duckdb/statement.ts';
import { messageOf, ServiceError } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { loadBlock } from './load.ts';
import { FORMAT } from './paths.ts';
import { Scope } from './scope.ts';
import { Scopes } from './scopes.ts';

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
    n: z.number(),
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

const linkRows = z.array(z.object({ older: z.number(), newer: z.number() }));
const textRows = z.array(z.object({ n: z.number(), content: z.string() }));

export type RecallMeta = z.infer<typeof metaRow>;
/** What is shown of a memory. */
export type Details = z.infer<typeof detailRows>[number];

/** One published recall file, opened. A newer one in its place is another `RecallFile`. */
export class RecallFile {
  readonly #scopes = new Scopes();
  #links: Promise<ReadonlyMap<number, readonly number[]>> | undefined;
  #agents: Promise<{ agent: string; memories: number }[]> | undefined;

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

  /** The agents with memories, and how many. */
  agents(): Promise<{ agent: string; memories: number }[]> {
    return (this.#agents ??= this.#run('agents').then((rows) => agentRows.parse(rows)));
  }

  /** The memories of an agent, or of all with null, ready to be ranked; kept for the next question. */
  scope(agent: string | null): Promise<Scope> {
    const load = async () => Scope.of(await this.database.use((connection) => loadBlock(connection, agent)));
    return this.#scopes.get(agent, load);
  }

  /** What is shown of the memories with these numbers, by number. */
  async details(numbers: readonly number[], asOf: string): Promise<Map<number, Details>> {
    if (numbers.length === 0) return new Map();
    const bounds = { first: Math.min(...numbers), last: Math.max(...numbers) };
    const rows = await this.#run('details', { numbers: JSON.stringify(numbers), ...bounds, as_of: asOf });
    return new Map(detailRows.parse(rows).map((row) => [row.n, row]));
  }

  /** What nights have found to be stated anew, by number: of an older memory the newer ones. */
  links(): Promise<ReadonlyMap<number, readonly number[]>> {
    return (this.#links ??= this.#run('links').then((rows) => {
      const found = new Map<number, number[]>();
      for (const { older, newer } of linkRows.parse(rows)) found.set(older, [...(found.get(older) ?? []), newer]);
      return found;
    }));
  }

  /** The rows of the statement in a `.sql` file over the tables of this one. */
  query(statement: URL, parameters: Record<string, Parameter>): Promise<Row[]> {
    return this.database.use((connection) => runFile(connection, statement, parameters));
  }

  /** The contents of the memories with these numbers, by number. */
  async texts(numbers: readonly number[]): Promise<Map<number, string>> {
    if (numbers.length === 0) return new Map();
    const bounds = { first: Math.min(...numbers), last: Math.max(...numbers) };
    const rows = await this.#run('texts', { numbers: JSON.stringify(numbers), ...bounds });
    return new Map(textRows.parse(rows).map(({ n, content }) => [n, content]));
  }

  close(): void {
    this.database.close();
  }

  #run(verb: string, parameters: Record<string, Parameter> = {}) {
    return this.database.use((connection) => run(connection, verb, parameters));
  }
}

function run(connection: DuckDBConnection, verb: string, parameters: Record<string, Parameter> = {}) {
  return runFile(connection, new URL(`./file.${verb}.sql`, import.meta.url), parameters);
}
