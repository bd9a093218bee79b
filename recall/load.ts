import { z } from 'zod';
import { streamColumns, type Columns } from '../duckdb/columns.ts';
import type { Database } from '../duckdb/database.ts';
import { readSql, runFile } from '../duckdb/statement.ts';
import type { Block } from './block.ts';
import { Pieces, PiecesOfLists } from './pieces.ts';
import { Index } from './postings.ts';
import { alignVectors, startsOf } from './vectors.ts';

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

const rangeRows = z.tuple([z.object({ first: z.number(), last: z.number() })]);
type Range = z.infer<typeof rangeRows>[0];

/**
 * Reads the memories of an agent, or of all with null, from an open recall file. What comes from three tables and columns is read at the
 * same time.
 * @throws Error where the file is not in the order of n, as every published one is
 */
export async function loadBlock(database: Database, agent: string | null): Promise<Block> {
  const [range] = rangeRows.parse(await database.use((connection) => runFile(connection, fileOf('range'), { agent })));
  const [memories, texts, { owners, ...vectors }] = await Promise.all([
    loadMemories(database, range),
    loadTexts(database, range),
    loadVectors(database, range),
  ]);
  return {
    ...memories,
    ...texts,
    index: new Index(memories.terms),
    vectors: { ...vectors, starts: startsOf(countParts(memories.places, owners)) },
  };
}

async function loadMemories(database: Database, range: Range) {
  const [places, createdAt, flags, novelty, wordings] = [
    new Pieces(Int32Array),
    new Pieces(Float64Array),
    new Pieces(Uint8Array),
    new Pieces(Float64Array),
    new Pieces(Float64Array),
  ];
  const [terms, days] = [new PiecesOfLists(Uint32Array), new PiecesOfLists(Int32Array)];
  await stream(database, 'memory', range, (columns) => {
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

async function loadTexts(database: Database, range: Range) {
  const rows = await database.use((connection) => runFile(connection, fileOf('text'), range));
  const [{ ids, agents, speakers, tags }] = textRows.parse(rows);
  const same = intern((text) => text);
  return {
    ...{ ids, agents: agents.map(same), speakers: speakers.map((speaker) => speaker && same(speaker)) },
    tags: tags.map(intern((text) => tagsSchema.parse(JSON.parse(text)))),
  };
}

async function loadVectors(database: Database, range: Range) {
  const [owners, scales, values] = [new Pieces(Int32Array), new Pieces(Float32Array), new Pieces(Int8Array)];
  let length = 0;
  await stream(database, 'vector', range, (columns) => {
    const lists = columns.lists(2, Int8Array);
    length = lists.counts[0]!;
    owners.add(columns.numbers(0, Int32Array));
    scales.add(columns.numbers(1, Float32Array));
    values.add(lists.values);
  });
  return { ...alignVectors(values.join(), length), scales: scales.join(), owners: owners.join() };
}

/** How many of the vectors' owners each memory is. */
function countParts(places: Int32Array, owners: Int32Array): Uint32Array {
  const counts = new Uint32Array(places.length);
  let row = 0;
  for (const owner of owners) {
    while (row < places.length && places[row]! < owner) row += 1;
    if (places[row] !== owner)
      throw new Error(`vectors are not in the order of the memories, at number ${String(owner)}`);
    counts[row]! += 1;
  }
  return counts;
}

function stream(database: Database, verb: string, range: Range, take: (columns: Columns) => void): Promise<void> {
  return database.use((connection) => streamColumns(connection, readSql(fileOf(verb)), range, take));
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
