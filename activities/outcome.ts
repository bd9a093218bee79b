import { activityInfo, CancelledFailure, cancellationSignal } from '@temporalio/activity';
import { z } from 'zod';
import { ModelError } from '../llm/model-error.ts';
import { ConfigurationError, PassingFailure, PermanentFailure } from '../memory/errors.ts';
import { describeRetry } from '../memory/retry.ts';
import type { Profile } from '../profiles/profile.ts';
import { redact } from '../profiles/redact.ts';
import { adviseOn } from './advice.ts';
import { classify } from './failure.ts';

/** What is needed to say why an activity failed. */
interface Teller {
  readonly profile: Profile;
  readonly report: (line: string) => void;
}

/**
 * Runs the body of an activity. What it throws goes into Temporal's history, so an error of a database is replaced by one that
 * holds no password and no memory, says what to do, and by its class whether Temporal tries again; that is reported too.
 * @throws PermanentFailure, PassingFailure, and as they are: cancellation, ConfigurationError, ModelError
 */
export async function explaining<T>({ profile, report }: Teller, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    cancellationSignal().throwIfAborted();
    const failure = explain(error, profile);
    report(describeOutcome(failure));
    throw failure;
  }
}

function explain(error: unknown, profile: Profile): Error {
  if (error instanceof CancelledFailure || error instanceof ConfigurationError || error instanceof ModelError)
    return error;
  const failure = classify(error);
  const said = [failure.what, failure.words].filter(Boolean).join(': ');
  const advice = adviseOn(failure, profile);
  const addresses = profile.attach.map(({ path }) => path);
  const message = redact(advice === undefined ? said : `${advice} (${said})`, process.env, addresses);
  return failure.permanent ? new PermanentFailure(message) : new PassingFailure(message);
}

/** Temporal's, in ms; 0 attempts: there is no bound. */
const policySchema = z
  .object({
    maximumAttempts: z.number().default(0),
    initialInterval: z.number().default(0),
    backoffCoefficient: z.number().default(1),
    maximumInterval: z.number().default(Infinity),
    nonRetryableErrorTypes: z.array(z.string()).default([]),
  })
  .prefault({});

/** What follows from it: another attempt, after how long, or none. */
function describeOutcome(failure: Error): string {
  const { activityType: step, attempt, retryPolicy } = activityInfo();
  const { maximumAttempts, initialInterval, backoffCoefficient, maximumInterval, nonRetryableErrorTypes } =
    policySchema.parse(retryPolicy);
  const reason = failure.message;
  if (failure instanceof PermanentFailure || nonRetryableErrorTypes.includes(failure.name))
    return `${step} failed: ${reason}`;
  if (attempt === maximumAttempts) return `${step} failed at its last attempt, the ${String(attempt)}th: ${reason}`;
  const wait = Math.min(initialInterval * backoffCoefficient ** (attempt - 1), maximumInterval);
  const seconds = Math.round(wait / 1000);
  return describeRetry({ step, attempt: attempt + 1, attempts: maximumAttempts, seconds, reason });
}
