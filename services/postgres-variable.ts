/** The variable that names the PostgreSQL of the agents' table; unset, an embedded one takes its place. */
export function postgresVariableOf(target: string): 'POSTGRES_DB_URL' | 'TEST_DATABASE_URL' {
  return target === 'test' ? 'TEST_DATABASE_URL' : 'POSTGRES_DB_URL';
}

/**
 * What names PostgreSQL when the profile is read: the address in use. Where a file names it, the file goes on doing so,
 * since what it says may change.
 */
export function postgresVariables(env: NodeJS.ProcessEnv, target: string, url: string): NodeJS.ProcessEnv {
  const name = postgresVariableOf(target);
  return env[name] === undefined && env[`${name}_FILE`] ? {} : { [name]: url };
}

/** The environment without what names a PostgreSQL, and whether there was any. */
export function withoutPostgres(env: NodeJS.ProcessEnv): { readonly env: NodeJS.ProcessEnv; readonly named: boolean } {
  const names = ['POSTGRES_DB_URL', 'TEST_DATABASE_URL', 'POSTGRES_DB_URL_FILE', 'TEST_DATABASE_URL_FILE'];
  const others = Object.entries(env).filter(([name]) => !names.includes(name));
  return { env: Object.fromEntries(others), named: names.some((name) => env[name]) };
}
