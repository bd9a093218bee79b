import { mkdir, rename } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import getPort from 'get-port';
import { reasonOf } from '../downloads/ways.ts';
import { ServiceError } from '../memory/errors.ts';
import { prepareNamespace, SEARCH_ATTRIBUTES, setRetention } from './namespaces.ts';
import type { StartOptions } from './postgres.ts';
import { end, findByArgument, type ProcessIdentity } from './process.ts';
import { retryUntil, startServer, tailOf, type ServerProcess } from './server-process.ts';
import { describeProcess, markReady, writeEntry, type StateEntry } from './state.ts';
import { findTemporal, type TemporalBinary } from './temporal-binary.ts';

const NAMESPACES = ['biological-memory-dev', 'biological-memory-test', 'biological-memory-prod'] as const;

/** Longest wait for the server to answer, in ms. */
const PATIENCE = 30_000;

/** What of Temporal lies in a workspace. */
export function temporalPaths(workspace: string) {
  const folder = path.join(workspace, 'temporal');
  return { folder, database: path.join(folder, 'temporal.db'), log: path.join(folder, 'temporal.log') };
}

export type TemporalPaths = ReturnType<typeof temporalPaths>;

/**
 * Starts the embedded Temporal server of a workspace on free ports of 127.0.0.1, with its namespaces and search
 * attributes, and returns what was written to the state file. Call it under the workspace's lock.
 *
 * Throws a ServiceError when no Temporal CLI can be had, or when it does not answer within 30 s, with the end of its log.
 */
export async function startTemporal(options: StartOptions & { env: NodeJS.ProcessEnv }): Promise<StateEntry> {
  const { workspace, env, report } = options;
  const binary = await findTemporal({ env, report });
  const paths = temporalPaths(workspace);
  await mkdir(paths.folder, { recursive: true });
  await endTemporalOrphans(paths, report);
  report(`Temporal: starting the dev server (CLI ${binary.version} from ${binary.from}: ${binary.path})`);
  try {
    return await launch(options, binary, paths);
  } catch (error) {
    const advice = await recover(paths);
    if (!advice) throw error;
    report(`${reasonOf(error)}\nTemporal: ${advice}`);
    return launch(options, binary, paths);
  }
}

/** What was done so that a second attempt may succeed; null when nothing could be. */
async function recover({ database, log }: TemporalPaths): Promise<string | null> {
  const tail = await tailOf(log);
  if (/address already in use/i.test(tail)) return 'another program took the port; trying others';
  if (!/SQL|database|schema/i.test(tail.slice(tail.indexOf('\n')))) return null;
  // Killed while it made its tables, or written by another version. Its histories are worth less than a start: what
  // was remembered is in DuckDB and PostgreSQL.
  for (const suffix of ['', '-wal', '-shm']) {
    await rename(`${database}${suffix}`, `${database}.unusable${suffix}`).catch(() => undefined);
  }
  return `its database cannot be used; it is kept as ${database}.unusable, starting with an empty one`;
}

async function launch(
  { workspace, outlive, env }: StartOptions & { env: NodeJS.ProcessEnv },
  binary: TemporalBinary,
  { database, log }: TemporalPaths,
): Promise<StateEntry> {
  const [grpc, ui] = [await getPort({ host: '127.0.0.1' }), await getPort({ host: '127.0.0.1' })];
  const args = serverArguments(database, grpc, ui);
  const server = await startServer({ file: binary.path, args, env: serverEnvironment(env), log });
  const ports = { grpc, ui };
  const entry = await describeProcess(server.pid, { ports, version: binary.version, outlive });
  await writeEntry(workspace, 'temporal', entry);
  try {
    await waitUntilReady(`127.0.0.1:${grpc}`, server);
    return await markReady(workspace, 'temporal', entry);
  } catch (error) {
    await stopTemporal(entry);
    const tail = await tailOf(log);
    throw new ServiceError(`The Temporal dev server did not start: ${reasonOf(error)}.\n${tail}`, { cause: error });
  }
}

function serverArguments(database: string, port: number, uiPort: number): string[] {
  const settings = {
    // One shard dispatches 20 tasks a second unless told otherwise; the other two spare a disk sync for each step.
    // Measured together: a cycle of 77 events in 0.65 s instead of 3.25 s.
    'dynamic-config-value': ['history.transferProcessorMaxPollRPS=2000'],
    'sqlite-pragma': ['journal_mode=WAL', 'synchronous=normal'],
    namespace: NAMESPACES,
    'search-attribute': Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => `${name}=${type}`),
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

async function waitUntilReady(address: string, server: ServerProcess): Promise<void> {
  const ended = () => server.ended();
  // gRPC waits a second after a refused connection: knock at the port first, a start takes half of that.
  await retryUntil(() => knock(address), PATIENCE, ended);
  const connection = await retryUntil(() => connectTemporal({ address }), PATIENCE, ended);
  try {
    await retryUntil(() => connection.workflowService.getSystemInfo({}), PATIENCE, ended);
    await Promise.all(NAMESPACES.map((namespace) => prepareOwn(connection, namespace, ended)));
  } finally {
    await connection.close();
  }
}

async function prepareOwn(connection: Connection, namespace: string, ended: () => string | undefined): Promise<void> {
  await retryUntil(() => prepareNamespace({ connection, namespace }), PATIENCE, ended);
  await retryUntil(() => setRetention({ connection, namespace }), PATIENCE, ended);
}

async function knock(address: string): Promise<void> {
  const [host, port] = address.split(':');
  await new Promise<void>((resolve, reject) => {
    const socket = net.connect({ host: host ?? '', port: Number(port) });
    socket.once('connect', resolve).once('error', reject);
    socket.once('connect', () => socket.destroy());
  });
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
