import path from 'node:path';
import { passwordsIn, redactAddress } from '../profiles/redact.ts';
import { configuredPostgres, type Target } from './configured-postgres.ts';
import { postgresPaths } from './postgres-data.ts';

/** How a person connects to PostgreSQL; without any password. */
export interface Psql {
  /** A line for a POSIX shell. */
  readonly psql: string;
  /** The file in which the password is; null where there is none, or a variable holds it. */
  readonly passwordFile: string | null;
}

/** For the PostgreSQL at `url`, which the environment names, or else is the workspace's own. */
export function describePsql(
  { workspace, env, target }: { workspace: string; env: NodeJS.ProcessEnv; target: Target },
  url: string,
): Psql {
  const configured = configuredPostgres(env, target);
  if (configured === null) return describeOwn(postgresPaths(workspace).password, url);
  const { by } = configured;
  if (!holdsPassword(url)) return { psql: `psql ${quote(url)}`, passwordFile: null };
  const file = by.endsWith('_FILE') ? path.resolve(env[by] ?? '') : null;
  // Unset in the shell that this is pasted into, the variable ends the line, which would lead to another database.
  return { psql: `psql ${file === null ? `"\${${by}:?}"` : `"$(cat ${quote(file)})"`}`, passwordFile: file };
}

function describeOwn(passwordFile: string, url: string): Psql {
  const address = new URL(url);
  address.password = '';
  // Whatever PGSSLMODE says of other servers: this one listens on this machine only, and has no certificate.
  address.searchParams.set('sslmode', 'disable');
  return { psql: `PGPASSWORD="$(cat ${quote(passwordFile)})" psql ${quote(address.href)}`, passwordFile };
}

function holdsPassword(url: string): boolean {
  return redactAddress(url) !== url || passwordsIn(url).length > 0;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
