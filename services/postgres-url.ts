import { realpath } from 'node:fs/promises';
import { configuredPostgres, type Target } from './configured-postgres.ts';
import { postgresPaths } from './postgres-data.ts';
import { postgresUrl } from './postgres.ts';
import { isOurs, readState, type StateEntry } from './state.ts';

/** With password: never print it. */
export async function embeddedUrl(workspace: string, { ports }: StateEntry): Promise<string> {
  return postgresUrl(postgresPaths(workspace), ports['sql'] ?? 0);
}

/** Whose PostgreSQL is looked for, and where. */
export interface PostgresSearch {
  readonly workspace: string;
  readonly env: NodeJS.ProcessEnv;
  readonly target: Target;
  readonly report: (line: string) => void;
}

/**
 * The PostgreSQL that `startServices` would use now, with password: never print it. Null when it is the workspace's own and
 * does not run.
 */
export async function findPostgresUrl({ workspace, env, target, report }: PostgresSearch): Promise<string | null> {
  const configured = configuredPostgres(env, target);
  if (configured) return configured.url;
  const place = await realpath(workspace).catch(() => workspace);
  const { postgres } = await readState(place, report);
  return postgres && (await isOurs(postgres)) ? embeddedUrl(place, postgres) : null;
}
