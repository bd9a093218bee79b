import { open } from 'node:fs/promises';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import { ConfigurationError, ServiceError } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { redact } from '../profiles/redact.ts';
import { canonicalName, extensionsOf, loadExtension, type Extension, type ExtensionSource } from './extensions.ts';
import { applySetting, isOpenOnly, knownSettings, phaseOf, settingsOf } from './settings.ts';

/** One extension as it is on this machine. */
export interface ExtensionStatus {
  readonly name: string;
  readonly state: 'built in' | 'installed' | 'of another DuckDB' | 'not installed';
  /** Its own version, a commit mostly; null when it is not here. */
  readonly version: string | null;
  /** The DuckDB that its file was made for, `v1.5.5`; null when it is not here. */
  readonly duckdb: string | null;
  /** Where its file came from: `built in`, a repository, a file; null when it is not here or not known. */
  readonly from: string | null;
  readonly path: string | null;
}

/** What came of installing one: `from` how it was had, or `error` why not. */
export type ExtensionOutcome = ExtensionStatus & ({ from: string | null; error: null } | { error: string });

/** The DuckDB of this program, and the state of each extension that the profile needs. Nothing is fetched. */
export async function listExtensions(profile: Profile, names: readonly string[] = []) {
  return withScratch(profile, async (connection) => ({
    duckdb: await versionOf(connection),
    extensions: await Promise.all(chosen(profile, names).map((each) => describe(connection, each))),
  }));
}

/** Puts extensions in place, one after the other, and goes on after one that cannot be had. */
export async function installExtensions(profile: Profile, names: readonly string[], report: (line: string) => void) {
  return withScratch(profile, async (connection) => {
    const extensions: ExtensionOutcome[] = [];
    for (const extension of chosen(profile, names)) extensions.push(await install(connection, extension, report));
    return { duckdb: await versionOf(connection), extensions };
  });
}

async function install(
  connection: DuckDBConnection,
  extension: Extension,
  report: (line: string) => void,
): Promise<ExtensionOutcome> {
  const before = await describe(connection, extension);
  if (before.state === 'of another DuckDB')
    report(`${extension.name}: ${before.path ?? ''} was made for DuckDB ${before.duckdb ?? '?'} and is replaced`);
  try {
    const source = await loadExtension(connection, extension, report);
    const after = await describe(connection, extension);
    return { ...after, from: source === 'loaded' ? alreadyHere(after) : source, error: null };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { ...before, error: error.message };
  }
}

function alreadyHere({ state }: ExtensionStatus): ExtensionSource | 'built in' | 'already installed' {
  return state === 'built in' ? 'built in' : 'already installed';
}

/** Those named, or all that the profile needs; one that it lists keeps the repository that it is listed with. */
function chosen(profile: Profile, names: readonly string[]): Extension[] {
  const odd = names.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (odd !== undefined) throw new ConfigurationError(`"${odd}" is not the name of an extension, such as ducklake.`);
  const needed = extensionsOf(profile);
  const find = (name: string) => needed.find((each) => canonicalName(each.name) === canonicalName(name)) ?? { name };
  return names.length === 0 ? needed : names.map(find);
}

const extensionRow = z.object({
  install_path: z.string().nullable(),
  extension_version: z.string().nullable(),
  install_mode: z.string(),
  installed_from: z.string().nullable(),
  installed: z.boolean(),
});

async function describe(connection: DuckDBConnection, { name }: Extension): Promise<ExtensionStatus> {
  const rows = await connection.runAndReadAll(
    `select install_path, extension_version, install_mode, installed_from, installed
     from duckdb_extensions() where extension_name = $1`,
    [canonicalName(name)],
  );
  const [row] = z.array(extensionRow).parse(rows.getRowObjectsJS());
  if (row?.installed !== true)
    return { name, state: 'not installed', version: null, duckdb: null, from: null, path: null };
  const version = row.extension_version || null;
  const engine = await versionOf(connection);
  if (row.install_mode === 'STATICALLY_LINKED')
    return { name, state: 'built in', version, duckdb: engine, from: 'built in', path: null };
  const path = row.install_path ?? '';
  const duckdb = await readBuiltFor(path);
  const fits = duckdb === null || duckdb === engine;
  const from = row.installed_from ? nameOrigin(row.installed_from) : null;
  return { name, state: fits ? 'installed' : 'of another DuckDB', version, duckdb, from, path };
}

function nameOrigin(origin: string): string {
  const wheel: ExtensionSource = 'a wheel from PyPI';
  return /[\\/]wheels[\\/]duckdb-extension-/.test(origin) ? wheel : redact(origin);
}

const FOOTER = 512;
const FIELD = 32;

/**
 * The DuckDB that an extension's file says it was made for: its last 512 bytes are eight fields of 32 and the signature.
 * Null for a file that is none, and for one made for DuckDB's C interface, which any version of DuckDB from then on loads.
 */
async function readBuiltFor(path: string): Promise<string | null> {
  const file = await open(path).catch(() => null);
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    const footer = Buffer.alloc(FOOTER);
    await file.read(footer, 0, FOOTER, Math.max(0, size - FOOTER));
    const field = (index: number) =>
      footer
        .subarray(index * FIELD, (index + 1) * FIELD)
        .toString('latin1')
        .replace(/\0+$/, '');
    const [abi, version] = [field(3), field(5)];
    return abi === 'CPP' && /^v?\w[\w.-]*$/.test(version) ? version : null;
  } finally {
    await file.close();
  }
}

async function versionOf(connection: DuckDBConnection): Promise<string> {
  const rows = await connection.runAndReadAll('select version()');
  return z.tuple([z.tuple([z.string()])]).parse(rows.getRowsJS())[0][0];
}

/** A database in memory on which the profile's own settings say where extensions come from and go to. */
async function withScratch<T>(profile: Profile, body: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const given = Object.entries(profile.configOptions).filter(
    ([name]) => isOpenOnly(name) && !/^access_mode$/i.test(name),
  );
  const instance = await DuckDBInstance.create(
    ':memory:',
    Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
  );
  const connection = await instance.connect();
  try {
    const known = await knownSettings(connection);
    for (const setting of settingsOf(profile))
      if (phaseOf(setting, known) === 'early') await applySetting(connection, profile, setting);
    return await body(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
