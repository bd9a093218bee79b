import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { DuckDBConnection } from '../../duckdb/database.ts';
import { runFile } from '../../duckdb/statement.ts';
import { parametersSchema } from '../../memory/parameters.ts';
import { Lab, openLab } from '../support/lab.ts';
import { scriptEmbedder } from '../support/scripted-embedder.ts';

const FOLDER = new URL('../../activities/', import.meta.url);
/** Written for PostgreSQL. */
const POSTGRES = ['write-back.schema.sql'];
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.sql') && !POSTGRES.includes(file));
const SCIENCE = Object.keys(parametersSchema.shape);
/** What steps give besides the science parameters. */
const GIVEN = [
  ...['as_of', 'cycle_id', 'source', 'since', 'step', 'counts', 'replays'],
  ...['rows', 'mentions', 'labels', 'after', 'limit', 'page_bytes', 'kept', 'round'],
  ...['task', 'rules', 'signature', 'asks', 'ids', 'calls', 'prompt_tokens', 'answer_tokens', 'seconds', 'waiting'],
  ...['cached', 'reader', 'per_memory', 'unfit', 'failed'],
  ...['model', 'embed_calls', 'waiting_for_embedding'],
  ...['every_row', 'columns', 'field', 'rejected', 'steps'],
];

/** Makes the temporary tables that only a network of half a million links needs. */
const LARGE_NETWORK = 'long-term-memory.propagate-label.sql';

const read = (file: string) => readFileSync(new URL(file, FOLDER), 'utf8');

/** A night on one connection leaves its temporary tables as the stages made them. */
async function afterNight(body: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
  const { profile, database } = await openLab();
  await database.use(async (connection) => {
    const one = { ...database, use: <T>(inner: (connection: DuckDBConnection) => Promise<T>) => inner(connection) };
    const { embedder } = scriptEmbedder(() => [1]);
    const lab = new Lab(profile, one, undefined, undefined, embedder);
    await lab.write({ id: 'a', at: '2026-03-01T10:00:00Z' });
    await lab.live('2026-03-02T03:00:00Z');
    // A waking cycle makes the temporary table that a night, which looks at every row, does not need.
    await lab.run('ingestMemories', '2026-03-02T03:05:00Z');
    await runFile(connection, new URL(LARGE_NETWORK, FOLDER), { round: 1 });
    await body(connection);
  });
}

async function listParameters(connection: DuckDBConnection, file: string): Promise<string[]> {
  const statement = await connection.prepare(read(file)).catch((error: unknown) => {
    throw new Error(`${file}: ${String(error)}`);
  });
  const names = Array.from({ length: statement.parameterCount }, (_, index) => statement.parameterName(index + 1));
  statement.destroySync();
  return names;
}

test('every SQL file of the activities is one statement that prepares, with parameters that steps give', () =>
  afterNight(async (connection) => {
    const known = [...SCIENCE, ...GIVEN];
    for (const file of FILES) {
      expect((await connection.extractStatements(read(file))).count, file).toBe(1);
      const unknown = (await listParameters(connection, file)).filter((name) => !known.includes(name));
      expect(unknown, file).toEqual([]);
    }
  }));

test('every science parameter is used', () => {
  const sources = readdirSync(FOLDER).map(read).join('\n');
  expect(SCIENCE.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources))).toEqual([]);
});

test('no SQL looks at the clock or throws dice', () => {
  const texts = [...FILES.map((file) => [file, read(file)]), ['macros.sql', read('../duckdb/macros.sql')]] as const;
  const code = texts.map(([file, text]) => [file, text.replaceAll(/--.*$/gm, '')] as const);
  const impure = /\b(?:now|random|uuid|gen_random_uuid|current_date|current_timestamp|get_current_timestamp|today)\b/i;
  expect(code.filter(([, text]) => impure.test(text)).map(([file]) => file)).toEqual([]);
});
