import { z } from 'zod';
import type { Database, DuckDBConnection } from '../duckdb/database.ts';
import { readSql, runFile, runText, type Parameter, type Row } from '../duckdb/statement.ts';
import type { Profile } from '../profiles/profile.ts';
import { openPublished, type Opened, type RecallMeta } from './file.open.ts';
import { loadBlock } from './load.ts';
import type { AgentCount, Details, Memories } from './memories.ts';
import { Scope } from './scope.ts';
import { Scopes } from './scopes.ts';

const replacedRows = z.array(z.object({ id: z.string() }));
const agentRows = z.array(z.object({ agent: z.string(), memories: z.number() }));
const detailRows = z.array(z.object({ n: z.number(), content: z.string(), fate: z.string().nullable() }));
const strengthRows = z.array(z.object({ n: z.number(), retrievability: z.number() }));
/** Memories that are looked up in one statement: what it takes to plan one grows with it. */
const AT_ONCE = 20;

const linkRows = z.array(z.object({ older: z.number(), newer: z.number() }));
const textRows = z.array(z.object({ n: z.number(), content: z.string() }));

/** How a file is opened. */
interface OpenOptions {
  /** The file that was open before, which may be closed then: what was loaded of the same base is kept. */
  readonly before?: RecallFile | undefined;
  /** Without the additions, which may be what cannot be read; it is older then. */
  readonly alone?: boolean;
}

/** A published recall file with the additions to it, opened. Newer ones in their place are another `RecallFile`. */
export class RecallFile implements Memories {
  readonly #opened: Opened;
  /** The scopes of the base, which stay while additions come and go, and those with the additions. */
  readonly #bases: Scopes;
  readonly #scopes: Scopes;
  #links: Promise<ReadonlyMap<number, readonly number[]>> | undefined;
  #agents: Promise<AgentCount[]> | undefined;

  private constructor(opened: Opened, before: RecallFile | undefined) {
    this.#opened = opened;
    this.#bases = before?.meta.base_id === opened.meta.base_id ? before.#bases : new Scopes();
    this.#scopes = opened.isExtended ? new Scopes() : this.#bases;
  }

  /** @throws UnreadableFileError when there is none, or it is none that this program can read */
  static async open(path: string, profile: Profile, { before, alone }: OpenOptions = {}): Promise<RecallFile> {
    return new RecallFile(await openPublished(path, profile, alone), before);
  }

  get meta(): RecallMeta {
    return this.#opened.meta;
  }

  get model(): string | null {
    return this.#opened.meta.model;
  }

  /** Its tables, additions included. */
  get database(): Database {
    return this.#opened.database;
  }

  /** The agents with memories, and how many. */
  agents(): Promise<AgentCount[]> {
    return (this.#agents ??= this.query(sqlOf('agents'), {}).then((rows) => agentRows.parse(rows)));
  }

  /** The memories of an agent, or of all with null, ready to be ranked; kept for the next question. */
  scope(agent: string | null): Promise<Scope> {
    const base = () =>
      this.#bases.get(agent, async () => Scope.of(await loadBlock(this.#tablesOf('recall.main'), agent)));
    if (!this.#opened.isExtended) return base();
    return this.#scopes.get(agent, async () => {
      const added = loadBlock(this.#tablesOf('memory.added'), agent);
      const [scope, block, replaced] = await Promise.all([base(), added, this.query(sqlOf('replaced'), {})]);
      return scope.extend(block, new Set(replacedRows.parse(replaced).map(({ id }) => id)));
    });
  }

  /** What is shown of the memories with these numbers, by number; how well each is remembered is as of a time. */
  async details(numbers: readonly number[], asOf: string): Promise<Map<number, Details>> {
    const found = new Map<number, Details>();
    for (let from = 0; from < numbers.length; from += AT_ONCE) {
      const some = numbers.slice(from, from + AT_ONCE);
      const [rows, strengths] = await this.#opened.database.use((connection) => lookUp(connection, some, asOf));
      const strengthOf = new Map(strengths.map(({ n, retrievability }) => [n, retrievability]));
      for (const row of rows) found.set(row.n, { ...row, retrievability: strengthOf.get(row.n) ?? null });
    }
    return found;
  }

  /** The file does not tell. */
  findGone(): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set());
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
    return this.#opened.database.use((connection) => runFile(connection, statement, parameters));
  }

  /** The contents of the memories with these numbers, by number. */
  async texts(numbers: readonly number[]): Promise<Map<number, string>> {
    if (numbers.length === 0) return new Map();
    const { text, bound } = forEach('texts', numbers);
    const rows = await this.#opened.database.use((connection) => runText(connection, 'file.texts.sql', text, bound));
    return new Map(textRows.parse(rows).map(({ n, content }) => [n, content]));
  }

  close(): void {
    this.#opened.database.close();
  }

  /** The same database, where names lead to the tables of one schema alone. */
  #tablesOf(schema: string): Database {
    const { database } = this.#opened;
    const enter = `set search_path = '${schema}'`;
    return {
      ...database,
      use: (body) => database.use((connection) => connection.run(enter).then(() => body(connection))),
    };
  }
}

async function lookUp(connection: DuckDBConnection, numbers: readonly number[], asOf: string) {
  const { text, bound, names } = forEach('details', numbers);
  const all = readSql(sqlOf('strength')).replace('$n', names.join(', '));
  return [
    detailRows.parse(await runText(connection, 'file.details.sql', text, bound)),
    strengthRows.parse(await runText(connection, 'file.strength.sql', all, { ...bound, as_of: asOf })),
  ] as const;
}

/**
 * A statement for each number, put together to one: of `n in (…)` DuckDB reads all columns of each row group that has one of them, which takes 20 ms
 * of CPU for five memories of 100,000; this takes 3.
 */
function forEach(verb: string, numbers: readonly number[]) {
  const names = numbers.map((_, at) => `$n${String(at)}`);
  const one = readSql(sqlOf(verb));
  return {
    text: names.map((name) => one.replace('$n', name)).join(' union all '),
    bound: Object.fromEntries(numbers.map((number, at) => [`n${String(at)}`, number])),
    names,
  };
}

function sqlOf(verb: string): URL {
  return new URL(`./file.${verb}.sql`, import.meta.url);
}
