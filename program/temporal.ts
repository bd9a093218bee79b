import type { Client, TemporalTarget } from '../client.ts';
import { ServiceError } from '../memory/errors.ts';
import type { Namespace } from '../services/configured.ts';
import { withoutOllama, type Context } from './context.ts';

/**
 * Where Temporal listens: configured, or the workspace's own if it runs. A namespace that somebody named is said.
 * @throws ServiceError when it does not
 */
export async function temporalAddress(context: Context): Promise<string> {
  const { describeServices } = await import('../services/services.ts');
  const { temporal } = await describeServices(withoutOllama(context));
  const namespace = await context.namespace();
  if (temporal.state === 'running' && temporal.address !== null) {
    if (namespace.by !== null) context.report(`Temporal: ${describeNamespace(namespace)} at ${temporal.address}`);
    return temporal.address;
  }
  const where = temporal.address === null ? `in ${context.workspace}` : `at ${temporal.address}`;
  const by = temporal.configuredBy === null ? '' : ` (${temporal.configuredBy})`;
  throw new ServiceError(
    `Temporal does not answer ${where}${by}${temporal.reason === null ? '' : `: ${temporal.reason}`}. ` +
      `Start everything with: npm start (biomem up), or set TEMPORAL_ADDRESS.`,
  );
}

/** Lends a client for the target's namespace. */
export async function withClient<T>(
  context: Context,
  address: string,
  body: (client: Client, target: TemporalTarget) => Promise<T>,
): Promise<T> {
  const [options, namespace, { createClient, openConnection }] = await Promise.all([
    temporalOptions(context, address),
    context.namespace(),
    import('../client.ts'),
  ]);
  const connection = await openConnection(options);
  try {
    return await body(createClient({ connection, namespace: namespace.name }), {
      connection,
      namespace: namespace.name,
    });
  } catch (error) {
    const { isMissingNamespace } = await import('../services/namespaces.ts');
    if (!isMissingNamespace(error)) throw error;
    throw new ServiceError(
      `Temporal at ${address} has no ${describeNamespace(namespace)}. biomem up, or biomem worker, makes it` +
        `${namespace.by === null ? '' : `; or correct ${namespace.by}`}.`,
    );
  } finally {
    await connection.close();
  }
}

/** `namespace team.acct1 (TEMPORAL_NAMESPACE)` */
export function describeNamespace({ name, by }: Namespace): string {
  return `namespace ${name}${by === null ? '' : ` (${by})`}`;
}

/** Address, TLS and key as temporal.toml and the environment say; the address wins. @throws ConfigurationError */
export async function temporalOptions({ env }: Context, address: string) {
  const { configuredConnection } = await import('../services/configured.ts');
  return { ...configuredConnection(env), address };
}
