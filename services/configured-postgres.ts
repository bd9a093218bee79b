import { ConfigurationError, reasonOf, ServiceError } from '../memory/errors.ts';
import { redact, redactAddress } from '../profiles/redact.ts';
import { fromEnvironment, givenBy } from '../profiles/variable-file.ts';
import { postgresVariableOf } from './postgres-variable.ts';
import { askPostgres } from './postgres.ts';
import { describeRefusal } from './refusal.ts';

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

/** The PostgreSQL server of POSTGRES_DB_URL (TEST_DATABASE_URL for target test) or of its _FILE; null when both are unset. */
export function configuredPostgres(env: NodeJS.ProcessEnv, target: Target): (Configured & { url: string }) | null {
  const variable = postgresVariableOf(target);
  const url = fromEnvironment(env, variable)?.trim();
  if (!url) return null;
  const by = givenBy(env, variable);
  const address = redactAddress(url);
  return { url, address, by, ask: () => reach({ title: 'PostgreSQL', url, by }, () => askPostgres(url)) };
}

/** Asks a configured server; a ServiceError says where it is and what to do when it does not answer. */
export async function reach(
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
