import { chmod, mkdir, realpath } from 'node:fs/promises';
import { Client } from 'pg';
import { resolveAddress } from '../source/address.ts';
import { launch, type StartOptions } from './launch.ts';
import { findPostgres, type PostgresBinaries } from './postgres-binaries.ts';
import { postgresPaths, POSTGRES_USER, prepareData, readPassword, type PostgresPaths } from './postgres-data.ts';
import { findPostgresUser, runAs } from './postgres-user.ts';
import { askVersion } from './program.ts';
import { end, findByArgument, type ProcessIdentity } from './process.ts';
import { retryUntil, type ServerProcess } from './server-process.ts';
import type { StateEntry } from './state.ts';

const DATABASE = 'memories';
/** The one after PostgreSQL's own, which is left to a server that is installed on the machine. */
const USUAL = { sql: 5433 } as const;
/** Longest wait for the server to accept connections (ms); after a crash it replays its log first. */
const PATIENCE = 60_000;

/**
 * Starts the embedded PostgreSQL of a workspace on 127.0.0.1 and returns what was written to the state file: on the port
 * that it had last, else on 5433 or the next free one. A server on the same data that no state file knows is ended first. Call it under the workspace's lock.
 *
 * Throws a ServiceError when it cannot be made or started; it names the log.
 */
export async function startPostgres(options: StartOptions): Promise<StateEntry> {
  const { workspace, report } = options;
  const binaries = await findPostgres();
  const paths = postgresPaths(workspace);
  await mkdir(paths.folder, { recursive: true, mode: 0o700 });
  await endOrphans(paths, report);
  const user = await findPostgresUser([await realpath(paths.folder), binaries.postgres]);
  report('PostgreSQL: starting the embedded server (the first time takes a few seconds)');
  await prepareData(paths, user, binaries);
  const file = binaries.postgres;
  return launch({
    ...options,
    name: 'postgres',
    title: 'The embedded PostgreSQL',
    version: await versionOf(binaries),
    log: paths.log,
    usual: USUAL,
    command: ({ sql }) => ({ ...runAs(user, file, serverArguments(paths.data, sql)), env: serverEnvironment() }),
    ready: ({ sql }, server) => waitUntilReady(paths, sql, server),
    stop: stopPostgres,
  });
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

async function waitUntilReady(paths: PostgresPaths, port: number, server: ServerProcess): Promise<void> {
  const url = await postgresUrl(paths, port, 'postgres');
  const client = await retryUntil(
    () => connectOwn(url, paths),
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

/** The server of a workspace that was copied from this one takes the same password. */
async function connectOwn(url: string, { data }: PostgresPaths): Promise<Client> {
  const client = await connect(url);
  const { rows } = await client.query<{ folder: string }>("select current_setting('data_directory') as folder");
  if (rows[0]?.folder === data) return client;
  await client.end();
  throw new Error(`another PostgreSQL answers, on ${rows[0]?.folder}`);
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
  return /(\d[\d.]*)/.exec(await askVersion(postgres))?.[1] ?? 'unknown';
}
