import { join } from 'node:path';
import { z } from 'zod';
import type { DuckDBConnection } from '@duckdb/node-api';
import { fetchWheel } from '../downloads/wheel.ts';
import { ServiceError } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { quoteIdentifier, quoteLiteral } from '../profiles/sql.ts';

type Extension = Profile['extensions'][number];

/** How an extension came to be loaded. */
export type ExtensionSource = 'loaded' | 'installed from the repository' | 'installed from a wheel';

/**
 * Loads an extension, getting it first if it is not here: what is built in or installed loads at once (`INSTALL json`
 * fails offline although json is built in, so LOAD comes first), else DuckDB's own repository or the profile's, else the
 * officially signed build that PyPI carries as a wheel. What is installed stays in DuckDB's per-user extension folder.
 * @throws ServiceError naming every way that was tried
 */
export async function loadExtension(
  connection: DuckDBConnection,
  extension: Extension,
  report: (line: string) => void,
): Promise<ExtensionSource> {
  const name = quoteIdentifier(extension.name);
  const tried: string[] = [];
  const attempt = async (way: string, install: () => Promise<void>): Promise<boolean> => {
    try {
      await install();
      await connection.run(`LOAD ${name}`);
      return true;
    } catch (error) {
      tried.push(`${way}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`);
      return false;
    }
  };
  if (await attempt('LOAD', () => Promise.resolve())) return 'loaded';
  report(`DuckDB extension ${extension.name}: getting it once (a few MB), it stays in DuckDB's extension folder`);
  const from = extension.repo === undefined ? '' : ` FROM ${quoteRepository(extension.repo)}`;
  const install = async () => {
    await connection.run(`INSTALL ${name}${from}`);
  };
  if (await attempt('INSTALL', install)) return 'installed from the repository';
  const fromWheel = async () => {
    const file = await fetchExtension(connection, extension.name, report);
    await connection.run(`INSTALL ${quoteLiteral(file)}`);
  };
  if (await attempt('wheel from PyPI', fromWheel)) return 'installed from a wheel';
  throw new ServiceError(
    `DuckDB extension ${extension.name} could not be loaded. Tried: ${tried.join('; ')}. ` +
      `Install it once where there is a network (duckdb -c "INSTALL ${extension.name}"), or take it out of the profile's extensions.`,
  );
}

async function fetchExtension(connection: DuckDBConnection, name: string, report: (line: string) => void) {
  const [[version]] = z
    .tuple([z.tuple([z.string()])])
    .parse((await connection.runAndReadAll(`select ltrim(version(), 'v')`)).getRowsJS());
  const project = `duckdb-extension-${name.replaceAll('_', '-')}`;
  const folder = await fetchWheel({ project, version, report });
  return join(folder, `duckdb_extension_${name}`, 'extensions', `v${version}`, `${name}.duckdb_extension`);
}

function quoteRepository(repository: string): string {
  return /^[a-z_]+$/.test(repository) ? repository : quoteLiteral(repository);
}
