import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import type { Profile } from '../profiles/profile.ts';
import { isPostgres, quoteLiteral } from '../profiles/sql.ts';
import type { Setting } from './settings.ts';

/** What may still be set once the configuration is locked: a lent connection needs its own time zone and schema. */
const PER_CONNECTION = ['TimeZone', 'schema', 'search_path'];

/**
 * What a hardened target adds to the settings of its profile, each unless the profile sets it itself: nothing is fetched
 * that the profile does not list, no secret is written to disk, no file but the database and what it spills is read or written, and
 * nothing of it can be undone by a statement. It guards against a slip and against SQL that came in with a memory; DuckDB's own
 * documentation calls it defence in depth and no sandbox.
 */
export function hardeningOf(profile: Profile): Profile['settings'] {
  if (!profile.pipeline.hardened) return {};
  const defaults = {
    // The PostgreSQL extension looks for a stored secret at each ATTACH and fails when there can be none ("Unknown secret
    // storage found: 'local_file'"). Without external access none can be written either.
    allow_persistent_secrets: profile.attach.some(isPostgres) || profile.secrets.some(({ persistent }) => persistent),
    autoinstall_known_extensions: false,
    autoload_known_extensions: false,
    allow_community_extensions: profile.extensions.some(({ repo }) => repo === 'community'),
    enable_external_access: false,
    lock_configuration: true,
  };
  const given = new Set(
    Object.keys({ ...profile.configOptions, ...profile.settings }).map((name) => name.toLowerCase()),
  );
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => !given.has(name)));
}

/**
 * The last settings, completed: without external access the folder to spill to stays open, since it can no longer
 * be named afterwards, and so do `allowedPaths`; under lock a lent connection can still be set up. `locals` are the names of the
 * settings that each connection needs for itself.
 */
export async function completeLast(
  connection: DuckDBConnection,
  profile: Profile,
  last: readonly Setting[],
  { locals, allowedPaths }: { readonly locals: readonly string[]; readonly allowedPaths: readonly string[] },
): Promise<Setting[]> {
  const isSet = (name: string, value: string) =>
    last.some((setting) => setting.name.toLowerCase() === name && String(setting.value).toLowerCase() === value);
  const own = (name: string) => last.find((setting) => setting.name.toLowerCase() === name);
  const others = last.filter(
    (setting) => !['allowed_directories', 'allowed_paths', 'allowed_configs'].includes(setting.name.toLowerCase()),
  );
  const extended = async (name: string, values: readonly string[], wanted: boolean): Promise<Setting[]> => {
    const given = own(name);
    if (!wanted) return given === undefined ? [] : [given];
    const listed = given === undefined ? [] : await readList(connection, String(given.value));
    return [{ name, value: [...new Set([...listed, ...values])], from: given?.from ?? 'settings' }];
  };
  return [
    ...others,
    ...(await extended('allowed_directories', spillFolders(profile), isSet('enable_external_access', 'false'))),
    ...(await extended(
      'allowed_paths',
      allowedPaths,
      isSet('enable_external_access', 'false') && allowedPaths.length > 0,
    )),
    ...(await extended('allowed_configs', [...PER_CONNECTION, ...locals], isSet('lock_configuration', 'true'))),
  ];
}

/**
 * Where DuckDB spills to. Its own file stays open without being named. Not the folder of the file: beside it, in a workspace,
 * lie the other targets' databases and the password of the embedded PostgreSQL.
 */
function spillFolders({ settings, configOptions }: Profile): string[] {
  const spill = settings['temp_directory'] ?? configOptions['temp_directory'];
  return typeof spill === 'string' && spill !== '' ? [spill] : [];
}

/** A list as a profile writes it, `['/a', '/b']`, read by DuckDB itself. */
async function readList(connection: DuckDBConnection, text: string): Promise<string[]> {
  const rows = await connection.runAndReadAll(`select cast(${quoteLiteral(text)} as varchar[]) as list`);
  return z.tuple([z.object({ list: z.array(z.string()) })]).parse(rows.getRowObjectsJS())[0].list;
}
