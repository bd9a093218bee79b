import { loadClientConnectConfig } from '@temporalio/envconfig';
import { namespaceOf } from '../client.ts';
import { ConfigurationError, reasonOf } from '../memory/errors.ts';
import { reach, type Configured, type Target } from './configured-postgres.ts';
import { askTemporal } from './temporal.ts';

/** Longest wait for a configured server, in ms. */
const PATIENCE = 5_000;

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
