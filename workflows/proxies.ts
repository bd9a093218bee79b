import type { RetryPolicy } from '@temporalio/common';
import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { READ_QUEUE, WRITE_QUEUE } from './names.ts';

/** Failures that another attempt cannot mend: class names of what activities throw. */
const PERMANENT = [
  'PermanentFailure',
  'ConfigurationError',
  'InvalidInput',
  'ModelNotFound',
  'ModelRefused',
  'ContextTooLong',
  'UnfitAnswer',
];

const retry: RetryPolicy = {
  initialInterval: '1 second',
  backoffCoefficient: 2,
  maximumInterval: '30 seconds',
  maximumAttempts: 12,
  nonRetryableErrorTypes: PERMANENT,
};

/** A killed worker is noticed after this long; activities beat every two seconds. */
const heartbeatTimeout = '12 seconds';

/** Set-based SQL on the one writer's slot: seconds as a rule, an hour for the first night over a million rows. */
export const store = proxyActivities<Activities>({
  retry,
  heartbeatTimeout,
  taskQueue: WRITE_QUEUE,
  startToCloseTimeout: '1 hour',
  scheduleToCloseTimeout: '4 hours',
});

/** Text read by rules or by a model, and nights that are lived: it goes on from the last chunk that was committed. */
export const reader = proxyActivities<Activities>({
  retry,
  heartbeatTimeout,
  taskQueue: WRITE_QUEUE,
  startToCloseTimeout: '6 hours',
  scheduleToCloseTimeout: '12 hours',
});

/** Questions about the state, beside the writer. */
export const observer = proxyActivities<Activities>({
  retry,
  taskQueue: READ_QUEUE,
  startToCloseTimeout: '10 minutes',
});
