import type { CycleInput } from '../memory/types.ts';

/** A recurring run: `every` is an interval from `offset` on, `cron` a calendar in the profile's time zone. */
export interface Schedule {
  readonly id: string;
  readonly note: string;
  readonly workflow: 'memoryCycle' | 'homeostasis';
  readonly input: CycleInput;
  readonly spec: { readonly every: '5m' | '30m' | '1h'; readonly offset: `${number}m` } | { readonly cron: string };
  /** How long after its time a missed run is still caught up on; the SDK's default is a year. */
  readonly catchup: '1 minute' | '10 minutes' | '2 hours' | '1 day';
}

/** Schedules of this project start with this, so that applying them removes only our own. */
export const SCHEDULE_PREFIX = 'biological-memory-';

/**
 * The waking schedules attend, bind and fold; the night runs all stages. One cycle runs at a time, so no two of them start in
 * the same minute: the one that came second would find the first and let its turn pass.
 */
export const SCHEDULES: readonly Schedule[] = [
  {
    id: `${SCHEDULE_PREFIX}attend`,
    note: 'Working memory: attends to what was written since',
    workflow: 'memoryCycle',
    input: { stages: ['ingest', 'workingMemory'] },
    spec: { every: '5m', offset: '0m' },
    catchup: '1 minute',
  },
  {
    id: `${SCHEDULE_PREFIX}bind`,
    note: 'Short-term memory: binds episodes and associations',
    workflow: 'memoryCycle',
    input: { stages: ['ingest', 'workingMemory', 'shortTermMemory'] },
    spec: { every: '30m', offset: '2m' },
    catchup: '10 minutes',
  },
  {
    id: `${SCHEDULE_PREFIX}rest`,
    note: 'Light consolidation: folds what was used and decides fates; replays belong to the night',
    workflow: 'memoryCycle',
    input: {
      stages: ['ingest', 'workingMemory', 'shortTermMemory', 'consolidation', 'writeBack'],
      limits: { replays: 0 },
    },
    spec: { every: '1h', offset: '8m' },
    catchup: '10 minutes',
  },
  {
    id: `${SCHEDULE_PREFIX}night`,
    note: 'The full night: replay, integration, distant associations, write-back',
    workflow: 'memoryCycle',
    input: {},
    spec: { cron: '4 3 * * *' },
    catchup: '2 hours',
  },
  {
    id: `${SCHEDULE_PREFIX}homeostasis`,
    note: 'Scaling and pruning once more at the end of the week',
    workflow: 'homeostasis',
    input: {},
    spec: { cron: '34 4 * * 0' },
    catchup: '1 day',
  },
];
