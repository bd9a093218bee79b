import { runText } from '../duckdb/statement.ts';
import type { DuckDBConnection } from '../duckdb/database.ts';
import { ConfigurationError } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { isPostgres, quoteLiteral } from '../profiles/sql.ts';
import { examineSource, sourceQuery, type Ask, type Dialect } from '../source/catalog.ts';
import { describeMisfit, isMisfit, judgeFit, type FittedSource } from '../source/fit.ts';
import { projectSource, type Extent } from '../source/projection.ts';
import { readView } from '../source/view.ts';

/** Reads the agents' table in one transaction. */
export interface SourceReader {
  readonly fitted: FittedSource;
  /** The full name of the table. */
  readonly name: string;
  /** Lets the view `source_key`, and unless there are keys only `source_memory`, give these rows. */
  view(extent: Extent): Promise<void>;
}

/**
 * Holds the profile against the agents' table as it is now.
 * @throws ConfigurationError with every misfit, its place in the profile, and what to write
 */
export async function requireSource(connection: DuckDBConnection, profile: Profile): Promise<SourceReader> {
  const { source } = profile.pipeline;
  const fitted = judgeFit(await examineSource(source, dialectOf(profile), asking(connection, profile)));
  if (!isMisfit(fitted)) return readerOf(connection, profile, fitted);
  throw new ConfigurationError(fitted.map((misfit) => describeMisfit(profile, misfit)).join('\n'));
}

/** Reads a table that fits. */
export function readerOf(connection: DuckDBConnection, profile: Profile, fitted: FittedSource): SourceReader {
  const { source } = profile.pipeline;
  return {
    fitted,
    name: `${source.attachment}.${fitted.schema}.${fitted.table}`,
    view: async (extent) => {
      const postgres = dialectOf(profile) === 'postgres';
      if (postgres) await asking(connection, profile)(sourceQuery('session.postgres.sql', source));
      const select = projectSource(source, fitted, postgres, extent);
      await runText(
        connection,
        'the view of the source table',
        `create or replace temp view source_column as ${select}`,
      );
      for (const view of extent.keysOnly ? (['key'] as const) : (['key', 'memory'] as const))
        await runText(connection, `view.${view}.sql`, readView(view));
    },
  };
}

/** Who knows the source's catalog. */
export function dialectOf({ attach, pipeline }: Profile): Dialect {
  const attachment = attach.find(({ alias }) => alias === pipeline.source.attachment);
  return attachment !== undefined && isPostgres(attachment) ? 'postgres' : 'duckdb';
}

/** A query is for PostgreSQL itself where the source is one. */
export function asking(connection: DuckDBConnection, profile: Profile): Ask {
  const { attachment } = profile.pipeline.source;
  const postgres = dialectOf(profile) === 'postgres';
  return (sql) => {
    const text = postgres ? `from postgres_query(${quoteLiteral(attachment)}, ${quoteLiteral(sql)})` : sql;
    return runText(connection, 'the catalog of the source', text);
  };
}
