import { z } from 'zod';
import { streamColumns } from '../duckdb/columns.ts';
import type { DuckDBConnection } from '../duckdb/database.ts';
import { readSql, runFile } from '../duckdb/statement.ts';
import type { Block } from './block.ts';
import { Pieces, PiecesOfLists } from './pieces.ts';
import { Index } from './postings.ts';
import { alignVectors, startsOf, type Vectors } from './vectors.ts';

const jsonOf = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .nullable()
    .transform((text) => JSON.parse(text ?? '[]') as unknown)
    .pipe(z.array(schema));
const textRows = z.tuple([
  z.object({
    ids: jsonOf(z.string()),
    agents: jsonOf(z.string()),
    speakers: jsonOf(z.string().nullable()),
    tags: jsonOf(z.string()),
  }),
]);
const tagsSchema = z.array(z.string());

/** Reads the memories of an agent, or of all with null, from an open recall file. */
export async function loadBlock(connection: DuckDBConnection, agent: string | null): Promise<Block> {
  const memories = await loadMemories(connection, agent);
  const [{ ids, agents, speakers, tags }] = textRows.parse(await runFile(connection, fileOf('text'), { agent }));
  const same = intern((text) => text);
  return {
    ...memories,
    ids,
    agents: agents.map(same),
    speakers: speakers.map((speaker) => speaker && same(speaker)),
    tags: tags.map(intern((text) => tagsSchema.parse(JSON.parse(text) as unknown))),
    index: new Index(memories.terms),
    vectors: await loadVectors(connection, memories.places),
  };
}

async function loadMemories(connection: DuckDBConnection, agent: string | null) {
  const [places, createdAt, flags, novelty, wordings] = [
    new Pieces(Int32Array),
    new Pieces(Float64Array),
    new Pieces(Uint8Array),
    new Pieces(Float64Array),
    new Pieces(Float64Array),
  ];
  const [terms, days] = [new PiecesOfLists(Uint32Array), new PiecesOfLists(Int32Array)];
  await streamColumns(connection, readSql(fileOf('memory')), { agent }, (columns) => {
    places.add(columns.numbers(0, Int32Array));
    createdAt.add(columns.numbers(1, Float64Array));
    flags.add(columns.numbers(2, Uint8Array));
    novelty.add(columns.numbers(3, Float64Array));
    wordings.add(columns.numbers(4, Float64Array));
    terms.add(columns.lists(5, Uint32Array));
    days.add(columns.lists(6, Int32Array));
  });
  return {
    ...{ places: places.join(), createdAt: createdAt.join(), flags: flags.join(), novelty: novelty.join() },
    ...{ wordings: wordings.join(), terms: terms.join(), days: days.join() },
  };
}

/** The vectors of memories that have the given numbers in the file, in their order. */
async function loadVectors(connection: DuckDBConnection, numbers: Int32Array): Promise<Vectors> {
  const counts = new Uint32Array(numbers.length);
  const [scales, values] = [new Pieces(Float32Array), new Pieces(Int8Array)];
  let [length, row] = [0, 0];
  const bounds = { first: numbers[0] ?? 0, last: numbers.at(-1) ?? -1 };
  await streamColumns(connection, readSql(fileOf('vector')), bounds, (columns) => {
    for (const number of columns.numbers(0, Int32Array)) {
      while (numbers[row]! < number) row += 1;
      counts[row]! += 1;
    }
    const lists = columns.lists(2, Int8Array);
    length = lists.counts[0]!;
    scales.add(columns.numbers(1, Float32Array));
    values.add(lists.values);
  });
  return { ...alignVectors(values.join(), length), scales: scales.join(), starts: startsOf(counts) };
}

function fileOf(verb: string): URL {
  return new URL(`./load.${verb}.sql`, import.meta.url);
}

/** Gives each text what was made of the first one like it. */
function intern<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = make(text);
    known.set(text, made);
    return made;
  };
}
