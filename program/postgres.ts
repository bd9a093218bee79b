import { ConfigurationError, messageOf, ServiceError } from '../memory/errors.ts';
import { postgresVariableOf } from '../services/postgres-variable.ts';
import { findPostgresUrl } from '../services/postgres-url.ts';
import { sourceAddress } from '../source/address.ts';
import { createPool, type Postgres } from '../source/pool.ts';
import { NOWHERE, type Context } from './context.ts';
import { suggest } from './suggestion.ts';

/** Longest wait for a connection, in ms: who recalls does not wait for a server that does not answer. */
const PATIENCE_MS = 1_000;
/** How long an address that was found counts, in ms; to find it the profile is read. */
const ADDRESS_MS = 2_000;

/**
 * Connections to the database of the agents' table: the one that the profile or the environment names, else the workspace's own while
 * it runs. Nothing is started, and where none runs `connect` throws a ServiceError with what to do.
 */
export function openPostgres(context: Context): Postgres & { end(): Promise<void> } {
  let known: { readonly address: Promise<string>; readonly at: number } | undefined;
  const address = () => {
    if (known === undefined || performance.now() - known.at > ADDRESS_MS) {
      known = { address: findAddress(context), at: performance.now() };
      known.address.catch(() => (known = undefined));
    }
    return known.address;
  };
  const pool = createPool({ address, threads: 1, patienceMs: PATIENCE_MS, report: context.report });
  return { connect: () => pool.connect().catch(refuse), end: () => pool.end() };
}

/** What node-postgres says of a server out of reach does not say whose. */
function refuse(error: unknown): never {
  if (error instanceof ConfigurationError || error instanceof ServiceError) throw error;
  throw new ServiceError(`PostgreSQL cannot be connected to: ${messageOf(error)}`, { cause: error });
}

async function findAddress(context: Context): Promise<string> {
  const url = await findPostgresUrl(context);
  const address = sourceAddress(context.profile(url === null ? NOWHERE : { postgres: { url } })) ?? url;
  if (address !== null && (url !== null || address !== NOWHERE.postgres.url)) return address;
  throw new ServiceError(
    `no PostgreSQL runs for it. Name yours in ${postgresVariableOf(context.target)}, or start the workspace's own: ${suggest(context, 'biomem services up')}`,
  );
}
