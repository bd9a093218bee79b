import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import pg from 'pg';
import { createActivities } from './activities/index.ts';
import { connect, type Database } from './duckdb/database.ts';
import { openOllama } from './llm/ollama.ts';
import { openReader } from './llm/reader.ts';
import type { Profile } from './profiles/profile.ts';
import { READ_QUEUE, WORKFLOW_QUEUE, WRITE_QUEUE } from './workflows/names.ts';

/** What a worker needs: an opened profile's settings and where Temporal is. */
export interface WorkerRequest {
  readonly profile: Profile;
  /** The database to write back to, with its password. */
  readonly postgresUrl: string;
  readonly temporal: Parameters<typeof NativeConnection.connect>[0];
  readonly namespace: string;
  /** Once aborted, running activities may finish or are interrupted, and the worker ends. */
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
  /** Called when the worker owns the database and takes tasks. */
  readonly ready: () => Promise<void>;
}

/** The bundle that `npm run build` lays beside the compiled worker; in a clone the sources are bundled at each start. */
const BUNDLE = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));
const SOURCES = fileURLToPath(
  new URL(`./workflows/index${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/**
 * Opens the database and serves the three task queues until the signal is aborted or the process is told to end.
 * @throws DatabaseHeldError when another process owns the database file; ServiceError when a service is out of reach
 */
export async function runWorker(request: WorkerRequest): Promise<void> {
  // The file first: whoever comes second must leave before it takes a task.
  const { llm } = request.profile.pipeline;
  const database = await connect(request.profile, request.report, llm.url === null ? null : openOllama(llm));
  try {
    await serve(request, database);
  } finally {
    database.close();
  }
}

async function serve(request: WorkerRequest, database: Database): Promise<void> {
  const { profile, report } = request;
  Runtime.install({
    logger: new DefaultLogger('ERROR', ({ level, message }) => {
      report(`temporal ${level}: ${message}`);
    }),
  });
  const connection = await NativeConnection.connect(request.temporal);
  // One connection writes back; the second is there for its successor while a broken one is being discarded.
  const postgres = new pg.Pool({
    connectionString: request.postgresUrl,
    max: 2,
    application_name: 'biological-memory',
  });
  postgres.on('error', (error) => {
    report(`PostgreSQL connection lost: ${error.message}`);
  });
  try {
    const llm = await openReader(profile.pipeline.llm, report);
    const activities = createActivities({ database, llm, profile, postgres });
    const workers = await createWorkers(request, connection, activities);
    const stop = () => {
      workers
        .filter((worker) => worker.getState() === 'RUNNING')
        .forEach((worker) => {
          worker.shutdown();
        });
    };
    request.signal.addEventListener('abort', stop);
    const running = workers.map((worker) => worker.run());
    // When one of them fails the others must not go on half alive.
    await Promise.all([...running, request.ready()]).finally(stop);
  } finally {
    await postgres.end();
    await connection.close();
  }
}

function createWorkers(
  { namespace }: WorkerRequest,
  connection: NativeConnection,
  activities: ReturnType<typeof createActivities>,
): Promise<Worker[]> {
  const common: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace,
    shutdownGraceTime: '5 seconds',
    maxHeartbeatThrottleInterval: '2 seconds',
  };
  const workflows = existsSync(BUNDLE) ? { workflowBundle: { codePath: BUNDLE } } : { workflowsPath: SOURCES };
  return Promise.all([
    Worker.create({ ...common, ...workflows, taskQueue: WORKFLOW_QUEUE, maxCachedWorkflows: 200 }),
    Worker.create({ ...common, activities, taskQueue: READ_QUEUE, maxConcurrentActivityTaskExecutions: 4 }),
    // One slot: the database has one writer, and writes come one after the other.
    Worker.create({ ...common, activities, taskQueue: WRITE_QUEUE, maxConcurrentActivityTaskExecutions: 1 }),
  ]);
}
