import { readSql, runText } from '../duckdb/statement.ts';
import type { DuckDBConnection } from '../duckdb/database.ts';
import { ConfigurationError } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { isPostgres, quoteLiteral } from '../profiles/sql.ts';
import { catalogRows, fitSource, type FittedSource, type Misfit } from '../source/fit.ts';
import { projectSource, type Extent } from '../source/projection.ts';

/** Reads the agents' table in one transaction. */
export interface SourceReader {
  readonly fitted: FittedSource;
  /** The full name of the table. */
  readonly name: string;
  /** Lets the view `source_key`, and unless there are keys only `source_memory`, give these rows. */
  view(extent: Extent): Promise<void>;
}

const CATALOGS = {
  postgres: new URL('../source/catalog.postgres.sql', import.meta.url),
  duckdb: new URL('../source/catalog.duckdb.sql', import.meta.url),
};
const VIEWS = ['ingest.view-source-key.sql', 'ingest.view-source-memory.sql'];

/**
 * Holds the profile against the agents' table as it is now.
 * @returns how to read it, or every reason why it cannot be read
 */
export async function openSource(
  connection: DuckDBConnection,
  profile: Profile,
): Promise<SourceReader | readonly Misfit[]> {
  const source = profile.pipeline.source;
  const attachment = profile.attach.find(({ alias }) => alias === source.attachment);
  const postgres = attachment !== undefined && isPostgres(attachment);
  const fitted = fitSource(source, catalogRows.parse(await readCatalog(connection, source, postgres)));
  if (isMisfit(fitted)) return fitted;
  return {
    fitted,
    name: `${source.attachment}.${source.schema}.${fitted.table}`,
    view: async (extent) => {
      const select = projectSource(source, fitted, postgres, extent);
      await runText(
        connection,
        'the view of the source table',
        `create or replace temp view source_column as ${select}`,
      );
      for (const file of extent.keysOnly ? VIEWS.slice(0, 1) : VIEWS)
        await runText(connection, file, readSql(new URL(file, import.meta.url)));
    },
  };
}

/** @throws ConfigurationError with every misfit, its place in the profile, and what to write */
export async function requireSource(connection: DuckDBConnection, profile: Profile): Promise<SourceReader> {
  const opened = await openSource(connection, profile);
  if (!isMisfit(opened)) return opened;
  throw new ConfigurationError(opened.map((misfit) => describeMisfit(profile, misfit)).join('\n'));
}

/** The misfit in a sentence, with its place in the profile. */
export function describeMisfit({ file, name, target }: Profile, { path, problem, advice }: Misfit): string {
  const place = [name, 'outputs', target, 'pipeline', 'source', ...path].join('.');
  return `${file}: ${place}: ${problem}${problem.endsWith('?') ? '' : '.'} ${advice}`;
}

export function isMisfit(fit: SourceReader | FittedSource | readonly Misfit[]): fit is readonly Misfit[] {
  return Array.isArray(fit);
}

async function readCatalog(
  connection: DuckDBConnection,
  { attachment, schema }: Profile['pipeline']['source'],
  postgres: boolean,
) {
  if (!postgres)
    return runText(connection, 'the columns of the source', readSql(CATALOGS.duckdb), { attachment, schema });
  const text = readSql(CATALOGS.postgres).replace('= $schema', `= ${quoteLiteral(schema)}`);
  return runText(
    connection,
    'the columns of the source',
    `from postgres_query(${quoteLiteral(attachment)}, ${quoteLiteral(text)})`,
  );
}
