import { z } from 'zod';
import type { DuckDBConnection } from '../duckdb/database.ts';
import { readSql, runFile } from '../duckdb/statement.ts';
import { Scope, type ScopeMemory } from './scope.ts';

const memoryRows = z.array(
  z.object({
    memory_id: z.string(),
    agent: z.string(),
    created_at: z.number(),
    terms: z.array(z.string()),
    speaker: z.string().nullable(),
    tags: z.array(z.string()),
    asks: z.boolean(),
    tells_time: z.boolean(),
    tells_number: z.boolean(),
    novelty: z.number(),
    days: z.array(z.number()),
  }),
);

/** Reads the memories of an agent, or of all with null, from an open recall file; `numberOf` gives a term its number. */
export async function loadScope(
  connection: DuckDBConnection,
  agent: string | null,
  numberOf: (term: string) => number,
): Promise<Scope> {
  const found = await runFile(connection, new URL('./load.memories.sql', import.meta.url), { agent });
  const vectors = await loadVectors(connection, agent);
  return new Scope(
    memoryRows
      .parse(found)
      .map(({ memory_id, created_at, tells_time, tells_number, terms, ...others }): ScopeMemory => ({
        ...others,
        id: memory_id,
        createdAt: created_at,
        terms: Uint32Array.from(terms, numberOf),
        tellsTime: tells_time,
        tellsNumber: tells_number,
        vectors: vectors.get(memory_id) ?? [],
      })),
  );
}

async function loadVectors(connection: DuckDBConnection, agent: string | null): Promise<Map<string, Float32Array[]>> {
  const owners = await runFile(connection, new URL('./load.vector-owners.sql', import.meta.url), { agent });
  const vectors = new Map<string, Float32Array[]>();
  if (owners.length === 0) return vectors;
  const length = Number(owners[0]?.['length']);
  const numbers = new Float32Array(owners.length * length);
  const text = readSql(new URL('./load.vectors.sql', import.meta.url));
  const result = await connection.stream(text, { agent });
  let at = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    numbers.set(chunk.getColumnValues(0) as number[], at);
    at += chunk.rowCount;
  }
  for (const [index, { memory_id }] of owners.entries()) {
    const vector = numbers.subarray(index * length, (index + 1) * length);
    const id = memory_id as string;
    vectors.set(id, [...(vectors.get(id) ?? []), vector]);
  }
  return vectors;
}
