import { loadClientConnectConfig } from '@temporalio/envconfig';
import { namespaceOf } from '../client.ts';
import { ConfigurationError, reasonOf, ServiceError } from '../memory/errors.ts';
import { redact, redactAddress } from '../profiles/redact.ts';
import { fromEnvironment, givenBy } from '../profiles/variable-file.ts';
import { postgresVariableOf } from './postgres-variable.ts';
import { askPostgres } from './postgres.ts';
import { describeRefusal } from './refusal.ts';
import { askTemporal } from './temporal.ts';

/** Longest wait for a configured server, in ms. */
const PATIENCE = 5_000;

/** A target of the profile; `test` has its own variable for PostgreSQL. */
export type Target = string;

/** A server that the environment names: used, but neither started nor stopped. */
export interface Configured {
  /** For people: without password. */
  readonly address: string;
  /** The variable or file that names it. */
  readonly by: string;
  /** Its version. Throws a ServiceError when it cannot be reached within about 5 s. */
  readonly ask: () => Promise<string>;
}

/** The Temporal server of TEMPORAL_ADDRESS or of a temporal.toml profile; null when there is neither. */
export function configuredTemporal(env: NodeJS.ProcessEnv): Configured | null {
  const connection = configuredConnection(env);
  if (!connection.address) return null;
  const by = env['TEMPORAL_ADDRESS'] ? 'TEMPORAL_ADDRESS' : tomlProfile(env);
  const { address } = connection;
  return {
    address,
    by,
    ask: () => reach({ title: 'Temporal', url: address, by }, () => askTemporal(connection, PATIENCE)),
  };
}

/** Temporal's namespace of a target. */
export interface Namespace {
  readonly name: string;
  /** The variable, file or path that names it; null when nobody does, and it is the target's own. */
  readonly by: string | null;
}

/**
 * In this order: `pipeline.temporal.namespace` of the target (`named`), TEMPORAL_NAMESPACE, `namespace` of the temporal.toml profile,
 * `biological-memory-<target>`. The profile comes first, as with all that it says itself: it speaks of one target, the others of all.
 * Throws a ConfigurationError when temporal.toml cannot be read.
 */
export function chooseNamespace(env: NodeJS.ProcessEnv, target: Target, named: string | undefined): Namespace {
  const variable = 'TEMPORAL_NAMESPACE';
  if (named) return { name: named, by: 'pipeline.temporal.namespace' };
  if (env[variable]) return { name: env[variable], by: variable };
  const { namespace } = loadConfig({ ...env, [variable]: undefined });
  return namespace ? { name: namespace, by: tomlProfile(env) } : { name: namespaceOf(target), by: null };
}

function tomlProfile(env: NodeJS.ProcessEnv): string {
  return `temporal.toml, profile ${env['TEMPORAL_PROFILE'] ?? 'default'}`;
}

/** Address, TLS and key of a Temporal server, as far as the environment or temporal.toml say. @throws ConfigurationError */
export function configuredConnection(env: NodeJS.ProcessEnv) {
  const { address, tls, apiKey, metadata } = loadConfig(env).connectionOptions;
  return {
    ...(address && { address }),
    ...(tls !== undefined && { tls }),
    ...(apiKey && { apiKey }),
    ...(metadata && { metadata }),
  };
}

function loadConfig(env: NodeJS.ProcessEnv): ReturnType<typeof loadClientConnectConfig> {
  const given = Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined);
  try {
    return loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(given) });
  } catch (error) {
    throw new ConfigurationError(`Temporal's configuration cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

/** The PostgreSQL server of POSTGRES_DB_URL (TEST_DATABASE_URL for target test) or of its _FILE; null when both are unset. */
export function configuredPostgres(env: NodeJS.ProcessEnv, target: Target): (Configured & { url: string }) | null {
  const variable = postgresVariableOf(target);
  const url = fromEnvironment(env, variable)?.trim();
  if (!url) return null;
  const by = givenBy(env, variable);
  const address = redactAddress(url);
  return { url, address, by, ask: () => reach({ title: 'PostgreSQL', url, by }, () => askPostgres(url)) };
}

async function reach(
  { title, url, by }: { title: string; url: string; by: string },
  ask: () => Promise<string>,
): Promise<string> {
  try {
    return await ask();
  } catch (error) {
    if (title === 'PostgreSQL') {
      const refusal = describeRefusal(error, url, by);
      if (refusal !== null) throw refusal;
    }
    // The reason only as text, and not as cause: a driver's error may carry the whole address.
    const reason = redact(reasonOf(error), {}, [url]).replace(/\.$/, '');
    const advice =
      error instanceof ConfigurationError
        ? `Correct ${by}.`
        : `Start it, correct ${by}, or unset it to use the embedded one.`;
    throw new ServiceError(`${title} cannot be reached at ${redactAddress(url)} (${by}): ${reason}. ${advice}`);
  }
}
