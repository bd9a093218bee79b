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
  if (!(error instanceof Error)) return String(error);
  // Connecting to a name with several addresses fails with one error for each, and an empty message for all.
  return error instanceof AggregateError && error.message === ''
    ? error.errors.map(messageOf).join('; ')
    : error.message;
}

/** The same without what follows: further lines of DuckDB's messages repeat the statement, and with it its secrets. */
export function firstLineOf(error: unknown): string {
  return messageOf(error).split('\n')[0] ?? '';
}

/** What went wrong in one line, down to the innermost cause: fetch's own message is only `fetch failed`. */
export function reasonOf(error: unknown): string {
  const own = messageOf(error);
  if (!(error instanceof Error)) return own;
  const text = error.cause === undefined ? own : `${own}: ${reasonOf(error.cause)}`;
  return text.trim() || error.name;
}

/** Thrown when no memory, or more than one, is meant by an id; says what is near. */
export class UnknownMemoryError extends Error {
  override readonly name = 'UnknownMemoryError';
  /** `isNear`: there is such a memory, but later, or more than one. */
  constructor(
    message: string,
    readonly isNear = false,
  ) {
    super(message);
  }
}
