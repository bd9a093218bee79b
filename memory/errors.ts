/** Thrown when what the user gave (a flag, a profile, a journal) cannot be used as it is; the CLI exits with 2. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** Thrown when something outside this process (PostgreSQL, Temporal, a download) fails; the CLI exits with 1. */
export class ServiceError extends Error {
  override readonly name: string = 'ServiceError';
}

/** Thrown by an activity when another attempt would fail in the same way; says what to do. */
export class PermanentFailure extends Error {
  override readonly name = 'PermanentFailure';
}

/** Thrown by an activity when a later attempt may succeed, as after a lost connection or on a full disk; it is tried again. */
export class PassingFailure extends Error {
  override readonly name = 'PassingFailure';
}

/** What an error says; of anything else that was thrown, its text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
