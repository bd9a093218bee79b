import type { Parameter, Row } from '../duckdb/statement.ts';
import type { Scope } from './scope.ts';

/** How many memories an agent has. */
export interface AgentCount {
  readonly agent: string;
  readonly memories: number;
}

/** What is shown of a memory and is not in a scope. */
export interface Details {
  readonly content: string;
  readonly fate: string | null;
  /** The probability of recalling it then; null before the first night. */
  readonly retrievability: number | null;
}

/** What questions are asked of: a recall file, or one with what was written since. Within it each memory has a number, its place. */
export interface Memories {
  /** Whose vectors they have; null: they have none. */
  readonly model: string | null;
  /** The agents with memories, and how many. */
  agents(): Promise<readonly AgentCount[]>;
  /** The memories of an agent, or of all with null, ready to be ranked. */
  scope(agent: string | null): Promise<Scope>;
  /** What is shown of the memories at these places, by place; how well each is remembered is as of a time. */
  details(places: readonly number[], asOf: string): Promise<ReadonlyMap<number, Details>>;
  /** Which of the memories with these ids are known to be no more. */
  findGone(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** What nights have found to be restated, by place: of an older memory the newer ones. */
  links(): Promise<ReadonlyMap<number, readonly number[]>>;
  /** The contents of the memories at these places. */
  texts(places: readonly number[]): Promise<ReadonlyMap<number, string>>;
  /** The rows of the statement in a `.sql` file over the tables of the recall file; none where there is no file. */
  query(statement: URL, parameters: Record<string, Parameter>): Promise<readonly Row[]>;
}
