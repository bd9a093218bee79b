import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import type { Activities } from '../../activities/index.ts';
import type { Counts, Stage, StateSummary } from '../../memory/types.ts';
import { READ_QUEUE, WORKFLOW_QUEUE, WRITE_QUEUE } from '../../workflows/names.ts';
import type { TestNamespace } from './services.ts';

export const WORKFLOWS = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));

export type ActivityName = keyof Activities;

/** The workflows as they are, on activities that only note that they were called. */
export interface StubWorker {
  /** Names of the activities in the order in which they were called, since the last `reset`. */
  readonly calls: readonly ActivityName[];
  /** What each was given. */
  readonly inputs: readonly unknown[];
  /** Gives an activity another body until the next `reset`. */
  stub<Name extends ActivityName>(name: Name, body: Activities[Name]): void;
  reset(): void;
  close(): Promise<void>;
}

/** What a stub answers unless a test gives it another body. */
export const COUNTS: Counts = { rows: 1 };

const count = async (): Promise<Counts> => COUNTS;
const DEFAULTS: Activities = {
  ingestMemories: count,
  readFeatures: count,
  attendMemories: count,
  embedMemories: count,
  bindEpisodes: count,
  describeEpisodes: count,
  consolidateTraces: count,
  integrateNetwork: count,
  learnGists: count,
  linkChanges: count,
  scaleAssociations: count,
  associateDistantly: count,
  writeBackDreams: count,
  publishRecall: count,
  rehearse: async ({ stages }) => Object.fromEntries(stages.map((stage) => [stage, COUNTS])) as Record<Stage, Counts>,
  computeStateChecksum: async () => ({ checksum: '0'.repeat(32), tables: [] }),
  summarizeState: async () => EMPTY,
  listRejected: async () => [],
  forgetMemories: async ({ ids }) => ({ status: 'unknown', ids }),
  restoreMemory: async () => ({ status: 'unknown' }),
};

const EMPTY: StateSummary = {
  totals: {
    memories: 0,
    sessions: 0,
    episodes: 0,
    associations: 0,
    insights: 0,
    fates: { cortical_transfer: 0, hippocampal_retention: 0, gradual_forgetting: 0, rapid_forgetting: 0 },
  },
  kept: [],
  faded: [],
  learned: [],
  readers: [],
  embedders: [],
};

/** Serves the three queues of a namespace, as worker.ts does. */
export async function startStubWorker({ address, namespace }: TestNamespace): Promise<StubWorker> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address });
  const workflowBundle = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger('ERROR') });
  const calls: ActivityName[] = [];
  const inputs: unknown[] = [];
  let bodies: Activities = DEFAULTS;
  const note = (name: ActivityName) => (input: unknown) => {
    calls.push(name);
    inputs.push(input);
    return (bodies[name] as (input: unknown) => Promise<unknown>)(input);
  };
  const activities = Object.fromEntries((Object.keys(DEFAULTS) as ActivityName[]).map((name) => [name, note(name)]));
  const common = {
    connection,
    namespace,
    maxHeartbeatThrottleInterval: '100 milliseconds',
    shutdownForceTime: '5 seconds',
  } as const;
  const workers = await Promise.all([
    Worker.create({ ...common, workflowBundle, taskQueue: WORKFLOW_QUEUE }),
    Worker.create({ ...common, activities, taskQueue: READ_QUEUE }),
    // Not the one slot of worker.ts: a held activity would hold up every other.
    Worker.create({ ...common, activities, taskQueue: WRITE_QUEUE }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    calls,
    inputs,
    stub: (name, body) => {
      bodies = { ...bodies, [name]: body };
    },
    reset: () => {
      bodies = DEFAULTS;
      calls.length = 0;
      inputs.length = 0;
    },
    close: async () => {
      workers.forEach((worker) => worker.shutdown());
      await running;
      await connection.close();
    },
  };
}
