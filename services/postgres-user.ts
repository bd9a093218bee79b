import { chown } from 'node:fs/promises';
import { execa } from 'execa';
import { ServiceError } from '../memory/errors.ts';

/** Who runs PostgreSQL, which refuses to run as root. */
export interface PostgresUser {
  /** The user who must own the data; null when it is simply the present one. */
  readonly ids: { readonly uid: number; readonly gid: number } | null;
  /** True when the user needs root's right to pass through folders that are closed to others. */
  readonly throughClosedFolders: boolean;
}

const NAME = 'postgres';

/**
 * The present user, or the system user `postgres` (made if need be) when that is root, as is usual in a container.
 * `paths` are the folders and programs that it must reach.
 *
 * Throws a ServiceError when there is no such user and none can be made, or when it cannot reach the paths.
 */
export async function findPostgresUser(paths: readonly string[]): Promise<PostgresUser> {
  if (process.getuid?.() !== 0) return { ids: null, throughClosedFolders: false };
  const ids = (await lookUp()) ?? (await create());
  for (const throughClosedFolders of [false, true]) {
    if (await reaches({ ids, throughClosedFolders }, paths)) return { ids, throughClosedFolders };
  }
  throw new ServiceError(
    `PostgreSQL cannot run as root, and the user ${NAME} cannot reach ${paths.join(' and ')}. ` +
      'Run this as an ordinary user, install setpriv (util-linux), or let POSTGRES_DB_URL name a PostgreSQL server.',
  );
}

/** The command that runs `file` as that user. */
export function runAs({ ids, throughClosedFolders }: PostgresUser, file: string, args: readonly string[]) {
  if (!throughClosedFolders || !ids) return { file, args, ...ids };
  // /root, or what `mktemp -d` makes for root, is closed to everyone else. Root lends the server its right to pass,
  // instead of opening the folder to all. Without the secure bit, access(2), by which initdb looks for its programs,
  // would disregard that right.
  const user = ['--reuid', `${ids.uid}`, '--regid', `${ids.gid}`, '--clear-groups'];
  const right = ['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override', '--securebits', '+no_setuid_fixup'];
  return { file: 'setpriv', args: [...user, ...right, '--', file, ...args] };
}

/** Gives a file or folder to the user who runs PostgreSQL. */
export async function handOver(target: string, { ids }: PostgresUser): Promise<void> {
  if (ids) await chown(target, ids.uid, ids.gid);
}

async function lookUp(): Promise<{ uid: number; gid: number } | null> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => execa('id', [flag, NAME], { reject: false })));
  return uid?.exitCode === 0 && gid?.exitCode === 0 ? { uid: Number(uid.stdout), gid: Number(gid.stdout) } : null;
}

async function create(): Promise<{ uid: number; gid: number }> {
  const made = await execa('/usr/sbin/useradd', ['--system', '--user-group', '--no-create-home', NAME], {
    reject: false,
  });
  const ids = await lookUp();
  if (ids) return ids;
  throw new ServiceError(
    `PostgreSQL cannot run as root, and the user ${NAME} could not be made (${made.stderr || made.shortMessage}). ` +
      'Run this as an ordinary user, or let POSTGRES_DB_URL name a PostgreSQL server.',
  );
}

async function reaches(user: PostgresUser, paths: readonly string[]): Promise<boolean> {
  const probes = paths.map((target) => {
    const { file, args, ...ids } = runAs(user, 'test', ['-x', target]);
    return execa(file, args, { ...ids, reject: false, cwd: '/' });
  });
  return (await Promise.all(probes)).every(({ exitCode }) => exitCode === 0);
}
