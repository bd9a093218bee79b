import { mkdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { namespaceOf } from '../client.ts';
import { reasonOf } from '../memory/errors.ts';
import { launch, type StartOptions } from './launch.ts';
import { listSearchAttributes, prepareNamespace, setRetention } from './namespaces.ts';
import { end, findByArgument, type ProcessIdentity } from './process.ts';
import { isPassing, reasonIn } from './server-log.ts';
import { retryUntil, type ServerProcess } from './server-process.ts';
import type { StateEntry } from './state.ts';
import { findTemporal, type TemporalBinary } from './temporal-binary.ts';

const NAMESPACES = ['dev', 'test', 'prod'].map(namespaceOf);

/** Where the Temporal CLI and its users look for a dev server. */
const USUAL = { grpc: 7233, ui: 8233 } as const;

/** Longest wait for the server to answer, in ms. */
const PATIENCE = 30_000;

/** What of Temporal lies in a workspace. */
export function temporalPaths(workspace: string) {
  const folder = path.join(workspace, 'temporal');
  return { folder, database: path.join(folder, 'temporal.db'), log: path.join(folder, 'temporal.log') };
}

export type TemporalPaths = ReturnType<typeof temporalPaths>;

type TemporalOptions = StartOptions & { readonly env: NodeJS.ProcessEnv };

/**
 * Starts the embedded Temporal server of a workspace on 127.0.0.1, with its namespaces and search attributes, and returns
 * what was written to the state file: on the ports that it had last, else on 7233 and 8233 or the next free ones. Call it
 * under the workspace's lock.
 *
 * Throws a ServiceError when no Temporal CLI can be had, or when it does not answer within 30 s; it names the log.
 */
export async function startTemporal(options: TemporalOptions): Promise<StateEntry> {
  const { workspace, env, report } = options;
  const binary = await findTemporal({ env, report });
  const paths = temporalPaths(workspace);
  await mkdir(paths.folder, { recursive: true, mode: 0o700 });
  await endTemporalOrphans(paths, report);
  report(`Temporal: starting the dev server (CLI ${binary.version} from ${binary.from}: ${binary.path})`);
  try {
    return await launchOn(options, binary, paths);
  } catch (error) {
    const advice = await recover(paths);
    if (!advice) throw error;
    report(`${reasonOf(error)}\nTemporal: ${advice}`);
    return launchOn(options, binary, paths);
  }
}

/** What was done so that a second attempt may succeed; null when nothing could be. */
async function recover({ database, log }: TemporalPaths): Promise<string | null> {
  const text = await readFile(log, 'utf8').catch(() => '');
  if (isPassing(text) || !/SQL|database|schema/i.test(reasonIn(text))) return null;
  // Killed while it made its tables, or written by another version. Its histories are worth less than a start: what
  // was remembered is in DuckDB and PostgreSQL.
  for (const suffix of ['', '-wal', '-shm']) {
    await rename(`${database}${suffix}`, `${database}.unusable${suffix}`).catch(() => undefined);
  }
  return `its database cannot be used; it is kept as ${database}.unusable, starting with an empty one`;
}

async function launchOn(
  options: TemporalOptions,
  binary: TemporalBinary,
  { database, log }: TemporalPaths,
): Promise<StateEntry> {
  const env = serverEnvironment(options.env);
  return launch({
    ...options,
    name: 'temporal',
    title: 'The Temporal dev server',
    version: binary.version,
    log,
    usual: USUAL,
    command: ({ grpc, ui }) => ({ file: binary.path, args: serverArguments(database, grpc, ui), env }),
    ready: ({ grpc }, server) => waitUntilReady(grpc, log, server),
    stop: stopTemporal,
  });
}

function serverArguments(database: string, port: number, uiPort: number): string[] {
  const settings = {
    // One shard dispatches 20 tasks a second unless told otherwise; the other two spare a disk sync for each step.
    // Measured together: a cycle of 77 events in 0.65 s instead of 3.25 s.
    'dynamic-config-value': ['history.transferProcessorMaxPollRPS=2000'],
    'sqlite-pragma': ['journal_mode=WAL', 'synchronous=normal'],
    namespace: NAMESPACES,
    'search-attribute': listSearchAttributes().map(({ name, type }) => `${name}=${type}`),
  };
  const repeated = Object.entries(settings).flatMap(([flag, values]) =>
    values.flatMap((value) => [`--${flag}`, value]),
  );
  const ports = ['--ip', '127.0.0.1', '--port', `${port}`, '--ui-port', `${uiPort}`];
  return ['server', 'start-dev', '--db-filename', database, ...ports, '--log-level', 'warn', ...repeated];
}

/** The user's TEMPORAL_… variables are meant for clients of other servers. */
function serverEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

async function waitUntilReady(port: number, log: string, server: ServerProcess): Promise<void> {
  const ended = () => server.ended();
  await retryUntil(() => findAnnouncement(log, port), PATIENCE, ended);
  const connection = await retryUntil(() => connectTemporal({ address: `127.0.0.1:${port}` }), PATIENCE, ended);
  try {
    await retryUntil(() => connection.workflowService.getSystemInfo({}), PATIENCE, ended);
    await Promise.all(NAMESPACES.map((namespace) => prepareOwn(connection, namespace, ended)));
  } finally {
    await connection.close();
  }
}

/**
 * The server says where it listens once it does. An answer on its port would be no proof: while ours finds the port taken
 * and ends, another dev server answers there and would be given our namespaces.
 */
async function findAnnouncement(log: string, port: number): Promise<void> {
  const announced = new RegExp(`^(?:Temporal )?Server(?: is running at)?:\\s+\\S+:${port}\\s*$`, 'im');
  if (!announced.test(await readFile(log, 'utf8'))) throw new Error('its log does not say that it is running');
}

async function prepareOwn(connection: Connection, namespace: string, ended: () => string | undefined): Promise<void> {
  await retryUntil(() => prepareNamespace({ connection, namespace }), PATIENCE, ended);
  await retryUntil(() => setRetention({ connection, namespace }), PATIENCE, ended);
}

/** A connection that answered. Throws when nothing does within `patience` ms. */
async function connectTemporal(options: ConnectionOptions, patience = 5_000): Promise<Connection> {
  return Connection.connect({ ...options, connectTimeout: patience });
}

/** The server's version. Throws when nothing answers within `patience` ms. */
export async function askTemporal(options: ConnectionOptions, patience = 5_000): Promise<string> {
  const connection = await connectTemporal(options, patience);
  try {
    const info = await connection.withDeadline(Date.now() + patience, () =>
      connection.workflowService.getSystemInfo({}),
    );
    return info.serverVersion;
  } finally {
    await connection.close();
  }
}

/** Ends the server; a kill after 10 s. False when even that did not help. */
export async function stopTemporal(entry: ProcessIdentity): Promise<boolean> {
  return end(entry, [
    { signal: 'SIGINT', ms: 10_000 },
    { signal: 'SIGKILL', ms: 5_000 },
  ]);
}

/** Ends every dev server on this database file; returns how many there were. */
export async function endTemporalOrphans({ database }: TemporalPaths, report: (line: string) => void): Promise<number> {
  const orphans = await findByArgument('temporal', database);
  for (const orphan of orphans) {
    report(`Temporal: ending process ${orphan.pid}, left behind on ${database} by an earlier run`);
    await stopTemporal(orphan);
  }
  return orphans.length;
}
