import { existsSync } from 'node:fs';
import { ConfigurationError } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { postgresVariableOf } from '../services/postgres-variable.ts';
import type { Services } from '../services/services.ts';
import { NOWHERE, type Context } from './context.ts';

/**
 * A database that was fed from a server must not go on with the embedded one, where every memory would count as deleted.
 * @throws ConfigurationError with where the memories came from, and what to do
 */
export async function refuseEmbedded({ env, target, workspace, offlineProfile, report }: Context): Promise<void> {
  const [{ configuredPostgres }, { readState }, { sourceAddress }] = await Promise.all([
    import('../services/configured-postgres.ts'),
    import('../services/state.ts'),
    import('../source/address.ts'),
  ]);
  const profile = offlineProfile();
  if (configuredPostgres(env, target) !== null || sourceAddress(profile) !== NOWHERE.postgres.url) return;
  const place = (await readState(workspace, report)).sources?.[target];
  if (place === undefined || !existsSync(profile.path)) return;
  const variable = postgresVariableOf(target);
  throw new ConfigurationError(
    `${profile.path} was fed from PostgreSQL at ${place}, and ${variable} is not set now: in the embedded PostgreSQL all its ` +
      `memories would be missing, and count as deleted. Set ${variable} or ${variable}_FILE, or name another --workspace for the ` +
      'embedded one.',
  );
}

/** Remembers the server that feeds the target's database; nothing of the embedded one, which `up` names to its worker. */
export async function rememberSource({ workspace, target }: Context, profile: Profile): Promise<void> {
  const [{ readState, recordSource }, { embeddedUrl }, { sourceAddress }, { placeOf }] = await Promise.all([
    import('../services/state.ts'),
    import('../services/postgres-url.ts'),
    import('../source/address.ts'),
    import('../source/conninfo.ts'),
  ]);
  const address = sourceAddress(profile);
  const { postgres } = await readState(workspace, () => undefined);
  const own = postgres === undefined ? null : await embeddedUrl(workspace, postgres).catch(() => null);
  await recordSource(workspace, target, address === null || address === own ? null : placeOf(address));
}

/**
 * In an embedded PostgreSQL the table of an own database is looked for in vain, which is as a rule a variable that was forgotten.
 * @throws ConfigurationError
 */
export async function requireEmbeddedTable(
  { env, target }: Context,
  { postgres: { url } }: Services,
  profile: Profile,
): Promise<void> {
  const [{ configuredPostgres }, { sourceAddress }, { examineSource }, { describeMisfit }, { withPostgres }] =
    await Promise.all([
      import('../services/configured-postgres.ts'),
      import('../source/address.ts'),
      import('../source/catalog.ts'),
      import('../source/fit.ts'),
      import('./source.ts'),
    ]);
  if (configuredPostgres(env, target) !== null || sourceAddress(profile) !== url) return;
  const { source } = profile.pipeline;
  const examined = await withPostgres(url, (client) =>
    examineSource(source, 'postgres', async (sql): Promise<unknown> => (await client.query(sql)).rows),
  );
  if (!('problem' in examined)) return;
  throw new ConfigurationError(`${describeMisfit(profile, examined)} ${describeUnset(target)}`);
}

/** Why it was looked for there. */
export function describeUnset(target: string): string {
  return `This is the embedded PostgreSQL, because ${postgresVariableOf(target)} is not set.`;
}
