import { z } from 'zod';
import type { Database } from '../duckdb/database.ts';
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
/**
 * How far apart two numbers are that are looked up together. DuckDB reads whole blocks of 2,048 rows, and of `n in (…)` without a range all
 * blocks between the first and the last. Measured over 100,000 and 1,000,000 memories, ms of CPU for five and for forty of an agent's 5,000:
 * 2.5 and 2.5 so, 5.8 and 16 with a statement for each number, 4.7 and 4.0 with one range; for forty of all memories all take 9 to 18.
 */
const NEAR = 8_192;

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
    this.#bases = before !== undefined && hasSameScopes(before.meta, opened.meta) ? before.#bases : new Scopes();
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
      this.#bases.get(agent, async () =>
        Scope.of(await loadBlock(this.#tablesOf('recall.main'), agent), this.meta.session_silence_ms),
      );
    if (!this.#opened.isExtended) return base();
    return this.#scopes.get(agent, async () => {
      const added = loadBlock(this.#tablesOf('memory.added'), agent);
      const [scope, block, replaced] = await Promise.all([base(), added, this.query(sqlOf('replaced'), {})]);
      return scope.extend(block, new Set(replacedRows.parse(replaced).map(({ id }) => id)));
    });
  }

  /** What is shown of the memories with these numbers, by number; how well each is remembered is as of a time. */
  async details(numbers: readonly number[], asOf: string): Promise<Map<number, Details>> {
    if (numbers.length === 0) return new Map();
    const [rows, strengths] = await Promise.all([
      this.#lookUp('details', numbers).then((found) => detailRows.parse(found)),
      this.#lookUp('strength', numbers, { as_of: asOf }).then((found) => strengthRows.parse(found)),
    ]);
    const strengthOf = new Map(strengths.map(({ n, retrievability }) => [n, retrievability]));
    return new Map(rows.map((row) => [row.n, { ...row, retrievability: strengthOf.get(row.n) ?? null }]));
  }

  /** The file does not tell. */
  findGone(): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set());
  }

  /** What nights have found to be restated, by number: of an older memory the newer ones. */
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
    const rows = await this.#lookUp('texts', numbers);
    return new Map(textRows.parse(rows).map(({ n, content }) => [n, content]));
  }

  close(): void {
    this.#opened.database.close();
  }

  /** The rows of a statement about the memories with these numbers. */
  #lookUp(verb: string, numbers: readonly number[], bound: Record<string, Parameter> = {}): Promise<Row[]> {
    const one = readSql(sqlOf(verb));
    const all = group(numbers).map((near) =>
      one
        .replace('$numbers', near.join(', '))
        .replace('$first', String(near[0]))
        .replace('$last', String(near.at(-1))),
    );
    return this.#opened.database.use((connection) =>
      runText(connection, `file.${verb}.sql`, all.join(' union all '), bound),
    );
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

/** Whether what was loaded of the base that the one goes on from is what would be loaded for the other. */
function hasSameScopes(a: RecallMeta, b: RecallMeta): boolean {
  return a.base_id === b.base_id && a.session_silence_ms === b.session_silence_ms;
}

/** Numbers in their order, in groups between which more than a few blocks of a column lie. */
function group(numbers: readonly number[]): number[][] {
  const groups: number[][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = groups.at(-1);
    if (last === undefined || number - (last.at(-1) ?? number) > NEAR) groups.push([number]);
    else last.push(number);
  }
  return groups;
}

function sqlOf(verb: string): URL {
  return new URL(`./file.${verb}.sql`, import.meta.url);
}
