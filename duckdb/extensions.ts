import { join } from 'node:path';
import { z } from 'zod';
import type { DuckDBConnection } from '@duckdb/node-api';
import { fetchWheel } from '../downloads/wheel.ts';
import { firstLineOf, ServiceError } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { redact } from '../profiles/redact.ts';
import { quoteIdentifier, quoteLiteral } from '../profiles/sql.ts';

export type Extension = Profile['extensions'][number];

/** How an extension came to be loaded. */
export type ExtensionSource = 'loaded' | 'the configured repository' | "DuckDB's repository" | 'a wheel from PyPI';

/** What attachments and secrets need, by their type; DuckDB would fetch these by itself as it meets them. */
const NEEDED: Readonly<Record<string, string>> = {
  ...{ postgres: 'postgres_scanner', postgres_scanner: 'postgres_scanner', postgresql: 'postgres_scanner' },
  ...{ sqlite: 'sqlite_scanner', sqlite3: 'sqlite_scanner', mysql: 'mysql_scanner', ducklake: 'ducklake' },
  ...{ s3: 'httpfs', gcs: 'httpfs', r2: 'httpfs', http: 'httpfs', huggingface: 'httpfs', azure: 'azure' },
};

/** Names that DuckDB takes for another's. */
const ALIASES: Readonly<Record<string, string>> = { ...NEEDED, https: 'httpfs', md: 'motherduck' };

/**
 * The extensions that a profile lists, then those that its attachments and secrets need and it does not list: a hardened
 * target lets DuckDB fetch nothing by itself.
 */
export function extensionsOf({ extensions, attach, secrets }: Profile): Extension[] {
  const types = [...attach.map(typeOf), ...secrets.map(({ type }) => type)];
  const needed = types.flatMap((type) => NEEDED[type.toLowerCase()] ?? []);
  const listed = new Set(extensions.map(({ name }) => canonicalName(name)));
  const implied = [...new Set(needed)].filter((name) => !listed.has(name)).map((name) => ({ name }));
  return [...extensions, ...implied];
}

/** The name that the extension's file has: `postgres` is postgres_scanner. */
export function canonicalName(name: string): string {
  return ALIASES[name.toLowerCase()] ?? name.toLowerCase();
}

/**
 * Loads an extension, getting it first if it is not here: what is built in or installed loads at once (`INSTALL json`
 * fails offline although json is built in, so LOAD comes first), else the repository that the profile names or DuckDB's
 * own, else the officially signed build that PyPI carries as a wheel. What is there but does not load, such as a file made
 * for another version of DuckDB, is replaced. What is installed stays in DuckDB's extension folder.
 * @throws ServiceError naming every way that was tried
 */
export async function loadExtension(
  connection: DuckDBConnection,
  extension: Extension,
  report: (line: string) => void,
): Promise<ExtensionSource> {
  const name = quoteIdentifier(extension.name);
  const tried: string[] = [];
  const attempt = async (way: string, install: () => Promise<unknown>): Promise<boolean> => {
    try {
      await install();
      await connection.run(`LOAD ${name}`);
      return true;
    } catch (error) {
      tried.push(`${way}: ${inOneLine(error)}`);
      return false;
    }
  };
  if (await attempt('LOAD', () => Promise.resolve())) return 'loaded';
  report(`DuckDB extension ${extension.name}: getting it once (a few MB), it stays in DuckDB's extension folder`);
  const repository = await repositoryOf(connection, extension);
  const from = repository === '' ? '' : ` FROM ${quoteRepository(repository)}`;
  // FORCE: without it DuckDB takes a file of that name for the extension, whatever it is.
  if (await attempt('INSTALL', () => connection.run(`FORCE INSTALL ${name}${from}`)))
    return repository === '' ? "DuckDB's repository" : 'the configured repository';
  const fromWheel = async () => {
    const file = await fetchExtension(connection, canonicalName(extension.name), report);
    await connection.run(`FORCE INSTALL ${quoteLiteral(file)}`);
  };
  if (await attempt('wheel from PyPI', fromWheel)) return 'a wheel from PyPI';
  throw new ServiceError(
    `DuckDB extension ${extension.name} could not be loaded. Tried: ${redact(tried.join('; '))}. Install it once where there ` +
      `is a network (biomem extensions install ${extension.name}), or take it out of the profile's extensions.`,
  );
}

/** What DuckDB adds after its first line is advice; a download says each way that it tried. */
function inOneLine(error: unknown): string {
  return error instanceof ServiceError ? error.message.replace(/\s+/g, ' ') : firstLineOf(error);
}

function typeOf({ type, path }: Profile['attach'][number]): string {
  return type || (/^([a-z][a-z0-9_]+):/i.exec(path)?.[1] ?? '');
}

/** The extension's own, else the profile's `custom_extension_repository`; '': DuckDB's. */
async function repositoryOf(connection: DuckDBConnection, { repo }: Extension): Promise<string> {
  if (repo !== undefined) return repo;
  const rows = await connection.runAndReadAll(`select current_setting('custom_extension_repository')`);
  return z.tuple([z.tuple([z.string().nullable()])]).parse(rows.getRowsJS())[0][0] ?? '';
}

async function fetchExtension(connection: DuckDBConnection, name: string, report: (line: string) => void) {
  const [[version]] = z
    .tuple([z.tuple([z.string()])])
    .parse((await connection.runAndReadAll(`select ltrim(version(), 'v')`)).getRowsJS());
  const project = `duckdb-extension-${name.replaceAll('_', '-')}`;
  const folder = await fetchWheel({ project, version, report });
  return join(folder, `duckdb_extension_${name}`, 'extensions', `v${version}`, `${name}.duckdb_extension`);
}

/** A name such as `community` that DuckDB knows, or an address. */
function quoteRepository(repository: string): string {
  return /^[a-z_]+$/.test(repository) ? quoteIdentifier(repository) : quoteLiteral(repository);
}
