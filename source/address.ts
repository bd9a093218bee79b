import { userInfo } from 'node:os';
import type { Profile } from '../profiles/profile.ts';
import { isPostgres } from '../profiles/sql.ts';
import { formatUri, parseConninfo, type Conninfo } from './conninfo.ts';
import { readPassword, readService } from './libpq-files.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Keywords of DuckDB's secrets that libpq calls otherwise. */
const KEYWORDS: Readonly<Record<string, string>> = { database: 'dbname', username: 'user' };

/**
 * The address of the database that holds the agents' table, where results are written back to: the source attachment's, with
 * what its secret adds, as DuckDB puts them together. Null when the source is not PostgreSQL. It may hold a password.
 */
export function sourceAddress(profile: Pick<Profile, 'attach' | 'secrets' | 'pipeline'>): string | null {
  const attachment = profile.attach.find(({ alias }) => alias === profile.pipeline.source.attachment);
  if (attachment === undefined || !isPostgres(attachment)) return null;
  const secret = secretOf(profile, attachment.secret);
  return Object.keys(secret).length === 0
    ? attachment.path
    : formatUri({ ...secret, ...parseConninfo(attachment.path) });
}

/**
 * The address as node-postgres takes it, at this moment: with its service and, where it has no password, the one of
 * PGPASSWORD or of the password file filled in. libpq, which DuckDB uses, does the same by itself at each connection.
 * @throws ConfigurationError for an unknown service
 */
export function resolveAddress(address: string, env: Environment = process.env): string {
  const given = parseConninfo(address);
  const { service = env['PGSERVICE'], ...own } = given;
  const conninfo = { ...(service === undefined ? {} : readService(service, env)), ...own };
  const password = conninfo['password'] ?? env['PGPASSWORD'] ?? readPassword(withDefaults(conninfo, env), env);
  // What is complete is left as it stands: node-postgres reads options of its own from a URI.
  const complete = /^postgres(?:ql)?:\/\//i.test(address) && service === undefined && given['password'] === password;
  return complete ? address : formatUri({ ...conninfo, ...(password !== undefined && { password }) });
}

function withDefaults(conninfo: Conninfo, env: Environment): Conninfo {
  const fromEnvironment = { host: env['PGHOST'], port: env['PGPORT'], user: env['PGUSER'], dbname: env['PGDATABASE'] };
  const set = Object.fromEntries(
    Object.entries(fromEnvironment).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  return { user: userInfo().username, ...set, ...conninfo };
}

/** What the named secret, or the one that DuckDB takes by default, says of the connection. */
function secretOf({ secrets }: Pick<Profile, 'secrets'>, name: string | undefined): Conninfo {
  const found = secrets.find((secret, index) => {
    const own = secret.name ?? `_dbt_secret_${String(index + 1)}`;
    return (
      /^postgres$/i.test(secret.type) && (name === undefined ? /^(?:__default_postgres)?$/.test(own) : own === name)
    );
  });
  const pairs = Object.entries(found?.parameters ?? {}).flatMap(([key, value]): [string, string][] =>
    typeof value === 'object' || /^(?:type|provider|uri)$/i.test(key) ? [] : [[key.toLowerCase(), String(value)]],
  );
  const uri = found?.parameters['uri'];
  const own = Object.fromEntries(pairs.map(([key, value]) => [KEYWORDS[key] ?? key, value]));
  return { ...(typeof uri === 'string' ? parseConninfo(uri) : {}), ...own };
}
