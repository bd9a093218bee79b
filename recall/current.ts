import { z } from 'zod';
import type { Parameter, Row } from '../duckdb/statement.ts';
import { createBlock } from './block.ts';
import type { RecallFile } from './file.ts';
import type { AgentCount, Details, Memories } from './memories.ts';
import type { Newer } from './newer.memories.ts';
import type { NewerRow } from './newer.rows.ts';
import type { SourceTable } from './newer.source.ts';
import { Scope } from './scope.ts';

const knownRows = z.array(
  z.object({ id: z.string(), fate: z.string().nullable(), retrievability: z.number().nullable() }),
);

/** Scopes with newer rows, by the one without: as long as that is kept, and the rows are the same. */
const extended = new WeakMap<Scope, { readonly newer: Newer; readonly scope: Scope }>();
/** Scopes of newer rows alone. */
const alone = new WeakMap<Newer, Map<string | null, Scope>>();

/** The memories of a recall file as they are now: with newer rows of the agents' table, and without those that were deleted there. */
export class CurrentMemories implements Memories {
  readonly model: string | null;
  readonly #file: RecallFile | null;
  readonly #newer: Newer;
  readonly #table: SourceTable;

  constructor(file: RecallFile | null, newer: Newer, table: SourceTable) {
    [this.#file, this.#newer, this.#table] = [file, newer, table];
    this.model = newer.model;
  }

  async agents(): Promise<readonly AgentCount[]> {
    const counts = new Map((await this.#file?.agents())?.map(({ agent, memories }) => [agent, memories]));
    for (const { agent, is_known: isKnown } of this.#newer.rows.values())
      counts.set(agent, (counts.get(agent) ?? 0) + (isKnown && counts.has(agent) ? 0 : 1));
    const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.map(([agent, memories]) => ({ agent, memories }));
  }

  async scope(agent: string | null): Promise<Scope> {
    const memories = () => this.#newer.memories.filter((memory) => agent === null || memory.agent === agent);
    if (this.#file === null) return this.#scopeAlone(agent, () => Scope.of(createBlock(memories())));
    const base = await this.#file.scope(agent);
    const known = extended.get(base);
    if (known?.newer === this.#newer) return known.scope;
    const [added, replaced] = [memories(), [...this.#newer.rows.values()].filter((row) => row.is_known)];
    const isOther = added.length > 0 || replaced.length > 0;
    const scope = isOther ? base.extend(createBlock(added), new Set(replaced.map((row) => row.memory_id))) : base;
    extended.set(base, { newer: this.#newer, scope });
    return scope;
  }

  async details(places: readonly number[], asOf: string): Promise<ReadonlyMap<number, Details>> {
    const newer = places.flatMap((place) => this.#newer.rows.get(place) ?? []);
    const [filed, known] = await Promise.all([
      this.#file?.details(
        places.filter((place) => !this.#newer.rows.has(place)),
        asOf,
      ),
      this.#known(newer, asOf),
    ]);
    const found = new Map<number, Details>(filed);
    for (const place of places) {
      const row = this.#newer.rows.get(place);
      const { fate, retrievability } = known.get(row?.memory_id ?? '') ?? { fate: null, retrievability: null };
      if (row !== undefined) found.set(place, { content: row.content, fate, retrievability });
    }
    return found;
  }

  async findGone(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const held = ids.length === 0 ? null : await this.#table.held(ids);
    return new Set(held === null ? [] : ids.filter((id) => !held.has(id)));
  }

  query(statement: URL, parameters: Record<string, Parameter>): Promise<readonly Row[]> {
    return this.#file?.query(statement, parameters) ?? Promise.resolve([]);
  }

  links(): Promise<ReadonlyMap<number, readonly number[]>> {
    return this.#file?.links() ?? Promise.resolve(new Map());
  }

  async texts(places: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const filed = await this.#file?.texts(places.filter((place) => !this.#newer.rows.has(place)));
    const newer = places.flatMap((place) => {
      const row = this.#newer.rows.get(place);
      return row === undefined ? [] : [[place, row.content] as const];
    });
    return new Map([...(filed ?? []), ...newer]);
  }

  #scopeAlone(agent: string | null, make: () => Scope): Scope {
    const scopes = alone.get(this.#newer) ?? new Map<string | null, Scope>();
    alone.set(this.#newer, scopes);
    const scope = scopes.get(agent) ?? make();
    scopes.set(agent, scope);
    return scope;
  }

  /** What was made of memories before they got other words, by id. */
  async #known(rows: readonly NewerRow[], asOf: string) {
    const ids = rows.filter((row) => row.is_known).map((row) => row.memory_id);
    const bound = { ids: JSON.stringify(ids), as_of: asOf };
    const found = ids.length === 0 ? [] : await this.query(new URL('./newer.strength.sql', import.meta.url), bound);
    return new Map(knownRows.parse(found).map((known) => [known.id, known]));
  }
}
