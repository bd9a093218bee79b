import { fromEnvironment } from './variable-file.ts';
import { hideUser } from './redact.ts';
import type { Environment } from './value.ts';

/** A variable that is set to nothing is how compose files say "not set". */
export const blank = (value: unknown) => (value === '' ? undefined : value);

/** What a variable of the environment says, or its `<name>_FILE`; one that is set to nothing says nothing. */
export function fromVariable<T>(env: Environment, name: string, fallback: T): string | T {
  return fromEnvironment(env, name) || fallback;
}

/**
 * The error of a field that the variable `name` fills in where the profile does not. The person who set the variable may never have
 * seen profiles.yml, and what a variable holds can be shown but for a password.
 */
export function naming(env: Environment, name: string, wanted: string) {
  return ({ input }: { readonly input?: unknown }): string =>
    input === fromEnvironment(env, name)
      ? `comes from the environment variable ${name} and ${wanted}, not ${hideUser(String(input))}`
      : wanted;
}
