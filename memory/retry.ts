/** A step that failed and is tried again. */
export interface Retry {
  /** The activity's name. */
  readonly step: string;
  /** The attempt to come, from 2 on. */
  readonly attempt: number;
  /** How many there are at most; 0 when there is no such bound. */
  readonly attempts: number;
  /** Until that attempt; 0 when it has begun, or when it is not known when it will. */
  readonly seconds: number;
  /** What the last attempt failed of. */
  readonly reason: string;
}

/** How a person is told of it. */
export function describeRetry({ step, attempt, attempts, seconds, reason }: Retry): string {
  const of = attempts === 0 ? '' : ` of ${String(attempts)}`;
  const when = seconds === 0 ? 'is being tried again' : `is tried again in ${String(seconds)} s`;
  return `${step} ${when} (attempt ${String(attempt)}${of}): ${reason}`;
}
