import { existsSync } from 'node:fs';
import { z } from 'zod';
import { openAttached, type Database, type DuckDBConnection } from '../duckdb/database.ts';
import { readSql, runFile, runText, type Parameter, type Row } from '../duckdb/statement.ts';
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
  }),
);
const strengthRows = z.array(z.object({ n: z.number(), retrievability: z.number() }));
/** Memories that are looked up in one statement: what it takes to plan one grows with it. */
const AT_ONCE = 20;

const linkRows = z.array(z.object({ older: z.number(), newer: z.number() }));
const textRows = z.array(z.object({ n: z.number(), content: z.string() }));

export type RecallMeta = z.infer<typeof metaRow>;
/** What is shown of a memory. */
export type Details = z.infer<typeof detailRows>[number] & {
  /** The probability of recalling it then; null before the first night. */
  readonly retrievability: number | null;
};

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
    return (this.#agents ??= this.query(sqlOf('agents'), {}).then((rows) => agentRows.parse(rows)));
  }

  /** The memories of an agent, or of all with null, ready to be ranked; kept for the next question. */
  scope(agent: string | null): Promise<Scope> {
    const load = async () => Scope.of(await loadBlock(this.database, agent));
    return this.#scopes.get(agent, load);
  }

  /** What is shown of the memories with these numbers, by number; how well each is remembered is as of a time. */
  async details(numbers: readonly number[], asOf: string): Promise<Map<number, Details>> {
    const found = new Map<number, Details>();
    for (let from = 0; from < numbers.length; from += AT_ONCE) {
      const some = numbers.slice(from, from + AT_ONCE);
      const [rows, strengths] = await this.database.use((connection) => lookUp(connection, some, asOf));
      const strengthOf = new Map(strengths.map(({ n, retrievability }) => [n, retrievability]));
      for (const row of rows) found.set(row.n, { ...row, retrievability: strengthOf.get(row.n) ?? null });
    }
    return found;
  }

  /** What nights have found to be stated anew, by number: of an older memory the newer ones. */
  links(): Promise<ReadonlyMap<number, readonly number[]>> {
    return (this.#links ??= this.query(sqlOf('links'), {}).then((rows) => {
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
    const rows = await this.query(sqlOf('texts'), { numbers: JSON.stringify(numbers), ...bounds });
    return new Map(textRows.parse(rows).map(({ n, content }) => [n, content]));
  }

  close(): void {
    this.database.close();
  }
}

/**
 * A statement for each number, put together to one: of `n in (…)` DuckDB reads all columns of each row group that has one of them, which takes 20 ms
 * of CPU for five memories of 100,000; this takes 3.
 */
async function lookUp(connection: DuckDBConnection, numbers: readonly number[], asOf: string) {
  const names = numbers.map((_, at) => `$n${String(at)}`);
  const bound = { ...Object.fromEntries(numbers.map((number, at) => [`n${String(at)}`, number])), as_of: asOf };
  const one = readSql(sqlOf('details'));
  const each = names.map((name) => one.replace('$n', name)).join(' union all ');
  const all = readSql(sqlOf('strength')).replace('$n', names.join(', '));
  return [
    detailRows.parse(await runText(connection, 'file.details.sql', each, bound)),
    strengthRows.parse(await runText(connection, 'file.strength.sql', all, bound)),
  ] as const;
}

function run(connection: DuckDBConnection, verb: string, parameters: Record<string, Parameter> = {}) {
  return runFile(connection, sqlOf(verb), parameters);
}

function sqlOf(verb: string): URL {
  return new URL(`./file.${verb}.sql`, import.meta.url);
}
