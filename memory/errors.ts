/** Thrown when what the user gave (a flag, a profile, a journal) cannot be used as it is; the CLI exits with 2. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** Thrown when something outside this process (PostgreSQL, Temporal, a download) fails; the CLI exits with 1. */
export class ServiceError extends Error {
  override readonly name: string = 'ServiceError';
}
