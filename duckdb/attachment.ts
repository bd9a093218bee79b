import type { DuckDBConnection } from '@duckdb/node-api';
import { messageOf, ServiceError } from '../memory/errors.ts';
import type { Attachment, Profile } from '../profiles/profile.ts';
import { redact } from '../profiles/redact.ts';
import { attachSql, isPostgres } from '../profiles/sql.ts';
import { retry, type Retrying } from './retry.ts';

/** Attaches one database of a profile. @throws ServiceError without a password, with the variables it may come from */
export async function attach(connection: DuckDBConnection, attachment: Attachment, retrying: Retrying): Promise<void> {
  const { alias, path } = attachment;
  try {
    await retry(`attachment ${alias}`, () => connection.run(attachSql(attachment)), retrying);
  } catch (error) {
    const hide = (text: string) => redact(text, process.env, [path]);
    const reason = hide(messageOf(error));
    throw new ServiceError(
      `attachment ${alias} (${hide(path)}): ${reason} ` +
        `Its address comes from the profile, by default from POSTGRES_DB_URL (TEST_DATABASE_URL for target test).`,
    );
  }
}

/**
 * Has DuckDB look again at the tables of PostgreSQL. It keeps what it saw first, and of a column whose type was changed since it
 * reads wrong values, without an error: a text of four letters as a number. Takes a millisecond, and some forty for the next look.
 */
export async function forgetTables(connection: DuckDBConnection, profile: Pick<Profile, 'attach'>): Promise<void> {
  if (profile.attach.some(isPostgres)) await connection.run('call pg_clear_cache()');
}

/**
 * The most connections that a PostgreSQL attachment opens. A scan asks for one for each thread at most, so the profile's
 * `threads` bounds it; two is the least, one for the transaction and one for the scan that it looks into. DuckDB's own
 * default of 8 and more is for a server that one has to oneself.
 */
export function poolSettings(profile: Profile): Profile['settings'] {
  const given = Object.keys({ ...profile.configOptions, ...profile.settings });
  const own = given.some((name) => /^pg_(?:pool_(?:max_connections|acquire_mode)|connection_limit)$/i.test(name));
  if (own || !profile.attach.some(isPostgres)) return {};
  // "wait" makes the bound one: by default DuckDB goes beyond it. Behind PgBouncer both are needed.
  return { pg_pool_max_connections: Math.max(2, profile.threads), pg_pool_acquire_mode: 'wait' };
}
