import { chmod, mkdir, realpath } from 'node:fs/promises';
import { execa } from 'execa';
import getPort from 'get-port';
import { Client } from 'pg';
import { reasonOf } from '../downloads/ways.ts';
import { ServiceError } from '../memory/errors.ts';
import { resolveAddress } from '../source/address.ts';
import { findPostgres, type PostgresBinaries } from './postgres-binaries.ts';
import { postgresPaths, POSTGRES_USER, prepareData, readPassword, type PostgresPaths } from './postgres-data.ts';
import { findPostgresUser, runAs, type PostgresUser } from './postgres-user.ts';
import { end, findByArgument, type ProcessIdentity } from './process.ts';
import { retryUntil, startServer, tailOf, type ServerProcess } from './server-process.ts';
import { describeProcess, markReady, writeEntry, type StateEntry } from './state.ts';

const DATABASE = 'memories';
/** Longest wait for the server to accept connections (ms); after a crash it replays its log first. */
const PATIENCE = 60_000;

export interface StartOptions {
  readonly workspace: string;
  /** True when the server shall stay after this process. */
  readonly outlive: boolean;
  readonly report: (line: string) => void;
}

/**
 * Starts the embedded PostgreSQL of a workspace on a free port of 127.0.0.1 and returns what was written to the state
 * file. A server on the same data that no state file knows is ended first. Call it under the workspace's lock.
 *
 * Throws a ServiceError when it cannot be made or started, with the end of its log.
 */
export async function startPostgres({ workspace, outlive, report }: StartOptions): Promise<StateEntry> {
  const binaries = await findPostgres();
  const paths = postgresPaths(workspace);
  await mkdir(paths.folder, { recursive: true });
  await endOrphans(paths, report);
  const user = await findPostgresUser([await realpath(paths.folder), binaries.postgres]);
  report('PostgreSQL: starting the embedded server (the first time takes a few seconds)');
  await prepareData(paths, user, binaries);
  return launch({ workspace, outlive, paths, binaries, user, version: await versionOf(binaries) });
}

interface Launch {
  readonly workspace: string;
  readonly outlive: boolean;
  readonly paths: PostgresPaths;
  readonly binaries: PostgresBinaries;
  readonly user: PostgresUser;
  readonly version: string;
}

async function launch({ workspace, outlive, paths, binaries, user, version }: Launch): Promise<StateEntry> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const port = await getPort({ host: '127.0.0.1' });
    const command = runAs(user, binaries.postgres, serverArguments(paths.data, port));
    const server = await startServer({ ...command, env: serverEnvironment(), log: paths.log });
    const entry = await describeProcess(server.pid, { ports: { sql: port }, version, outlive });
    await writeEntry(workspace, 'postgres', entry);
    try {
      await waitUntilReady(await postgresUrl(paths, port, 'postgres'), server);
      return await markReady(workspace, 'postgres', entry);
    } catch (error) {
      await stopPostgres(entry);
      const tail = await tailOf(paths.log);
      if (isPassing(tail) && Date.now() < deadline) continue;
      throw new ServiceError(`The embedded PostgreSQL did not start: ${reasonOf(error)}.\n${tail}`, { cause: error });
    }
  }
}

/**
 * After a kill -9 the server's own children need a moment to notice and to let go of the shared memory; and another
 * program may take the port between the choice and the start.
 */
function isPassing(log: string): boolean {
  return /shared memory block .* is still in use|could not bind .*Address already in use/.test(log);
}

function serverArguments(data: string, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    max_connections: '50',
  };
  return [
    '-D',
    data,
    '-p',
    `${port}`,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

/** The user's PG… variables are meant for clients of other servers. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

async function waitUntilReady(url: string, server: ServerProcess): Promise<void> {
  const client = await retryUntil(
    () => connect(url),
    PATIENCE,
    () => server.ended(),
  );
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (!rowCount) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: resolveAddress(url), connectionTimeoutMillis: 5_000 });
  // Without a listener, a server that ends would end this process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** The server's version, such as `18.4`. Throws when nothing answers at `url` in time. */
export async function askPostgres(url: string): Promise<string> {
  const client = await connect(url);
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version.split(' ')[0] ?? 'unknown';
  } finally {
    await client.end();
  }
}

/** The address of the workspace's own server, password included: never print it. */
export async function postgresUrl(paths: PostgresPaths, port: number, database = DATABASE): Promise<string> {
  return `postgresql://${POSTGRES_USER}:${await readPassword(paths)}@127.0.0.1:${port}/${database}`;
}

/** Ends the server cleanly: a fast shutdown, then an immediate one. False when even a kill did not help. */
export async function stopPostgres(entry: ProcessIdentity): Promise<boolean> {
  return end(entry, [
    { signal: 'SIGINT', ms: 30_000 },
    { signal: 'SIGQUIT', ms: 5_000 },
    { signal: 'SIGKILL', ms: 5_000 },
  ]);
}

/** Ends every server on this data folder; returns how many there were. */
export async function endOrphans({ data }: PostgresPaths, report: (line: string) => void): Promise<number> {
  const orphans = await findByArgument('postgres', data);
  for (const orphan of orphans) {
    report(`PostgreSQL: ending process ${orphan.pid}, left behind on ${data} by an earlier run`);
    await stopPostgres(orphan);
  }
  return orphans.length;
}

async function versionOf({ postgres }: PostgresBinaries): Promise<string> {
  await chmod(postgres, 0o755).catch(() => undefined);
  const { stdout } = await execa(postgres, ['--version'], { timeout: 20_000 });
  return /(\d[\d.]*)/.exec(stdout)?.[1] ?? 'unknown';
}
