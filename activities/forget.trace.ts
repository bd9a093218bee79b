import { readStore } from '../duckdb/store.ts';
import { openAttached, type DuckDBConnection } from '../duckdb/database.ts';
import type pg from 'pg';
import type { ForgetSearch, Trace } from '../memory/types.ts';
import { filesOf, searchFiles } from './forget.files.ts';
import { searchDatabase, searchDreams, type Searched } from './forget.search.ts';
import type { Wanted } from './forget.wanted.ts';
import type { Dependencies } from './step.ts';

type Places = Pick<Dependencies, 'profile' | 'recallFile'> & {
  readonly connection: DuckDBConnection;
  readonly client: pg.ClientBase;
};

/** Looks through every table and every file in which something might be left. */
export async function searchTraces(
  { connection, client, profile, recallFile }: Places,
  wanted: Wanted,
): Promise<Pick<ForgetSearch, 'tables' | 'files' | 'bytes'> & { readonly found: readonly Trace[] }> {
  if (wanted.ids.length === 0) return { tables: 0, files: 0, bytes: 0, found: [] };
  const { path, database } = readStore(profile);
  const spilled = { ...profile.configOptions, ...profile.settings }['temp_directory'];
  const files = filesOf(
    [path, ...(recallFile === null ? [] : [recallFile])].filter((file) => file !== ':memory:'),
    typeof spilled === 'string' ? [spilled] : [],
  );
  const searched: Searched[] = [await searchDatabase(connection, database, wanted)];
  for (const file of files.filter((each) => /\.recall\..*duckdb$/.test(each)))
    searched.push(await searchPublished(file, profile, wanted));
  searched.push(await searchDreams(client, profile.target, wanted));
  const inFiles = await searchFiles(files, wanted);
  return {
    tables: searched.reduce((sum, { places }) => sum + places, 0),
    files: inFiles.places,
    bytes: inFiles.bytes,
    found: [...searched.flatMap(({ found }) => found), ...inFiles.found],
  };
}

async function searchPublished(file: string, profile: Dependencies['profile'], wanted: Wanted): Promise<Searched> {
  const published = await openAttached(file, 'recall', profile);
  try {
    return await published.use((connection) => searchDatabase(connection, 'recall', wanted));
  } finally {
    published.close();
  }
}
