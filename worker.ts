import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { createActivities } from './activities/index.ts';
import { requireSource } from './activities/ingest.source.ts';
import { cacheFolder, keep } from './downloads/cache.ts';
import { findOnnx } from './downloads/onnx.ts';
import { openReconnecting, type ReconnectingDatabase } from './duckdb/reconnecting.ts';
import { rewriting } from './duckdb/rewrite.ts';
import { LlmCache } from './llm-sql/cache.ts';
import { cacheModel } from './llm-sql/cached-model.ts';
import { LlmFunctions } from './llm-sql/functions.ts';
import { openEmbedder } from './llm/embedder.ts';
import { openEmbeddingModel } from './llm/embedding-model.ts';
import { openOllama } from './llm/ollama.ts';
import { openReader } from './llm/reader.ts';
import { ConfigurationError } from './memory/errors.ts';
import type { Profile } from './profiles/profile.ts';
import { publishedFiles } from './recall/paths.ts';
import { sourceAddress } from './source/address.ts';
import { createPool } from './source/pool.ts';
import { READ_QUEUE, WORKFLOW_QUEUE, WRITE_QUEUE } from './workflows/names.ts';

/** What a worker needs: a profile and where Temporal is. */
export interface WorkerRequest {
  readonly profile: Profile;
  /** The profile, read once more: its addresses and passwords may change while the worker runs. */
  readonly readProfile: () => Profile;
  /** The database to write back to, with its password, where the source attachment is no PostgreSQL. */
  readonly postgresUrl: string;
  readonly temporal: Parameters<typeof NativeConnection.connect>[0];
  readonly namespace: string;
  /** How the worker calls itself to the server. */
  readonly identity: string;
  /** Once aborted, running activities may finish or are interrupted, and the worker ends. */
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
  /** Where the recall file is published. */
  readonly recallFile: string;
  /** Called when the worker owns the database and takes tasks. */
  readonly ready: () => Promise<void>;
}

/** For how long a worker that was at home is taken to be. */
const AT_HOME_MS = 1_000;
const ROOT = new URL('./', import.meta.url);
/** The bundle that `npm run build` lays beside the compiled worker; a clone bundles its sources when they are new. */
const BUNDLE = fileURLToPath(new URL('workflow-bundle.js', ROOT));
const SOURCES = fileURLToPath(new URL('workflows/index.ts', ROOT));
const SDK = createRequire(import.meta.url)('@temporalio/worker/package.json') as { readonly version: string };

/**
 * Opens the database and serves the three task queues until the signal is aborted or the process is told to end.
 * @throws DatabaseHeldError when another process owns the database file; ConfigurationError when the profile does not fit the
 * agents' table; ServiceError when a service is out of reach
 */
export async function runWorker(request: WorkerRequest): Promise<void> {
  // The file first: a second worker must leave before it takes a task.
  const { register } = new LlmFunctions();
  const database = await openReconnecting({
    profile: request.readProfile,
    report: request.report,
    register,
    allowedPaths: publishedFiles(request.recallFile),
  });
  try {
    // Told now: the first cycle, which would fail of it, may be hours away.
    await database.use((connection) => requireSource(connection, request.profile));
    await serve(request, database);
  } finally {
    database.close();
  }
}

async function serve(request: WorkerRequest, database: ReconnectingDatabase): Promise<void> {
  const { profile, report, recallFile } = request;
  Runtime.install({
    logger: new DefaultLogger('ERROR', ({ level, message }) => {
      report(`temporal ${level}: ${message}`);
    }),
  });
  const connection = await NativeConnection.connect(request.temporal);
  const postgres = createPool({
    address: () => sourceAddress(request.readProfile()) ?? request.postgresUrl,
    threads: profile.threads,
    report,
  });
  try {
    const { llm: settings } = profile.pipeline;
    const model =
      settings.url === null ? null : cacheModel(openOllama(settings), new LlmCache(database, settings.cache));
    const reader = await openReader(model, settings, report);
    const embedding = openEmbeddingModel(settings, model, (name) => findOnnx(name, { env: process.env, report }));
    const embedder = await openEmbedder(embedding, report);
    const rewrite = rewriting(database, profile);
    const activities = createActivities({ database, reader, embedder, profile, postgres, report, recallFile, rewrite });
    const home = await watchServer(request, connection, () => {
      stop();
    });
    const workers = await createWorkers(request, connection, { activities, interceptors: home.interceptors });
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
    home.check();
  } finally {
    await postgres.end();
    await connection.close();
  }
}

/**
 * A worker whose server has died reconnects to whatever listens on that port next. That may be another workspace's server, with
 * a namespace and queues of the same names: this worker would do that one's work on its own database. A namespace's id tells
 * servers apart, so it is asked for before an activity, unless it was within the last second: no server dies and is followed by
 * another with a cycle under way in less. A restart would only be at home there: the supervisor of the worker lets it end.
 */
async function watchServer(
  { namespace }: WorkerRequest,
  { workflowService }: NativeConnection,
  strayed: () => void,
): Promise<{ interceptors: NonNullable<WorkerOptions['interceptors']>; check: () => void }> {
  const ask = async () => (await workflowService.describeNamespace({ namespace })).namespaceInfo?.id;
  const home = await ask();
  let asked = performance.now();
  let failure: ConfigurationError | undefined;
  const requireHome = async () => {
    const now = performance.now();
    if (now - asked < AT_HOME_MS) return;
    if ((await ask()) === home) {
      asked = now;
      return;
    }
    failure ??= new ConfigurationError(
      `another Temporal server answers now where this worker's was: its namespace ${namespace} is a different one. The worker ` +
        "ends, so that it does not do that server's work on its own database. Start it again: biomem up.",
    );
    strayed();
    throw failure;
  };
  return {
    interceptors: {
      activity: [() => ({ inbound: { execute: async (input, next) => (await requireHome(), next(input)) } })],
    },
    check: () => {
      if (failure !== undefined) throw failure;
    },
  };
}

/**
 * The workflows as one script. Webpack takes 2 s on two cores, so a clone keeps the script in the cache folder, under the hash
 * of all that goes into it: `workflows/` imports values from `memory/` alone.
 */
async function bundleWorkflows(): Promise<string> {
  if (existsSync(BUNDLE)) return BUNDLE;
  const hash = createHash('sha256').update(SDK.version);
  for (const folder of ['workflows/', 'memory/'])
    for (const file of readdirSync(new URL(folder, ROOT)).sort())
      hash.update(file).update(readFileSync(new URL(folder + file, ROOT)));
  const folder = join(cacheFolder(), 'workflow-bundles', hash.digest('hex').slice(0, 16));
  await keep(folder, async (work) => {
    const { code } = await bundleWorkflowCode({ workflowsPath: SOURCES, logger: new DefaultLogger('WARN') });
    await writeFile(join(work, 'workflow-bundle.js'), code);
    return work;
  });
  return join(folder, 'workflow-bundle.js');
}

async function createWorkers(
  { namespace, identity }: WorkerRequest,
  connection: NativeConnection,
  served: Pick<WorkerOptions, 'interceptors'> & { readonly activities: ReturnType<typeof createActivities> },
): Promise<Worker[]> {
  const common: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace,
    identity,
    shutdownGraceTime: '5 seconds',
    maxHeartbeatThrottleInterval: '2 seconds',
  };
  const workflows = { workflowBundle: { codePath: await bundleWorkflows() } };
  return Promise.all([
    Worker.create({ ...common, ...workflows, taskQueue: WORKFLOW_QUEUE, maxCachedWorkflows: 200 }),
    Worker.create({ ...common, ...served, taskQueue: READ_QUEUE, maxConcurrentActivityTaskExecutions: 4 }),
    // One slot: the database has one writer, and writes come one after the other.
    Worker.create({ ...common, ...served, taskQueue: WRITE_QUEUE, maxConcurrentActivityTaskExecutions: 1 }),
  ]);
}
