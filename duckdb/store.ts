import type { Profile } from '../profiles/profile.ts';
import { redact } from '../profiles/redact.ts';
import { isPostgres } from '../profiles/sql.ts';

/** The database in which the pipeline keeps its tables. */
export interface Store {
  /** The alias of an attachment, or the name that DuckDB gives to the output's own file. */
  readonly database: string;
  /** As DuckDB names it: `duckdb`, `postgres`, `ducklake`, … */
  readonly type: string;
  readonly readOnly: boolean;
}

/** What the profile says of the store, before anything is opened; `path` is that of its file, or its address. */
export function readStore({ attach, database, path, configOptions }: Profile): Store & { readonly path: string } {
  const attached = attach.find(({ alias }) => alias === database);
  if (attached !== undefined) {
    const type = isPostgres(attached) ? 'postgres' : attached.type.toLowerCase() || typeOf(attached.path);
    return { database, type, readOnly: attached.readOnly, path: attached.path };
  }
  const mode = Object.entries(configOptions).find(([name]) => name.toLowerCase() === 'access_mode')?.[1];
  return { database, type: typeOf(path), readOnly: /^read_only$/i.test(String(mode)), path };
}

/** Why the pipeline cannot keep its tables there, which have keys; null when it can. */
export function describeUnfitStore(profile: Profile, { database, type, readOnly }: Store): string | null {
  if (type === 'duckdb' && !readOnly) return null;
  return (
    `${profile.file}: ${profile.name}.outputs.${profile.target}: the pipeline keeps its state in the output's database, which ` +
    `must be a DuckDB file that it may write to, because its tables have keys; "${database}" (${redact(profile.path)}) is ` +
    `${readOnly ? 'read-only' : type}. Give path a file, and attach the other database under an alias.`
  );
}

/** `ducklake:…` and the like are addresses of other kinds of database. */
function typeOf(path: string): string {
  return /^([a-z][a-z0-9+]+):/i.exec(path)?.[1]?.toLowerCase() ?? 'duckdb';
}
