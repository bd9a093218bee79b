import { version } from '@duckdb/node-api';
import { z } from 'zod';
import type { Profile } from '../profiles/profile.ts';
import { attachSql, quoteIdentifier, quoteLiteral, secretSql } from '../profiles/sql.ts';
import type { DuckDBConnection } from './database.ts';
import { settingsWithDefaults } from './opening.ts';
import { applySetting, knownSettings, phaseOf, type Phase, type Setting } from './settings.ts';

type Attachment = Profile['attach'][number];
type Secret = Profile['secrets'][number];

/** DuckDB's own, such as `1.5.5`. */
export function duckdbVersion(): string {
  return version().replace(/^v/, '');
}

const oneText = z.array(z.tuple([z.string().nullable()]));

/** Loads an extension that is here; it is never fetched. */
export async function tryExtension(connection: DuckDBConnection, name: string): Promise<void> {
  await connection.run(`LOAD ${quoteIdentifier(name)}`);
}

/** Makes a secret for as long as the database is open: also a persistent one leaves no file. */
export async function trySecret(connection: DuckDBConnection, secret: Secret, position: number): Promise<void> {
  await connection.run(secretSql({ ...secret, persistent: false }, position));
}

/** Attaches, read-only so that nothing is made, and asks for one row. @throws DuckDB's error, which may hold a password */
export async function tryAttachment(connection: DuckDBConnection, attachment: Attachment): Promise<void> {
  // A database in memory cannot be read-only, and leaves nothing.
  await connection.run(attachSql({ ...attachment, readOnly: attachment.path !== ':memory:' }));
  await connection.run(roundTrip(attachment));
}

function roundTrip({ type, alias, path }: Attachment): string {
  const server = /^(postgres|mysql)/i.exec(type || path)?.[1]?.toLowerCase();
  // For a server the query has to go there; a file has been read by attaching it.
  if (server !== undefined && alias !== '')
    return `select * from ${server}_query(${quoteLiteral(alias)}, 'select 1 as id')`;
  return `select 1 as id from duckdb_databases() where database_name = ${quoteLiteral(alias)}`;
}

/** The settings of a profile with our defaults beneath them, by the phase in which DuckDB takes each. */
export async function settingsByPhase(connection: DuckDBConnection, profile: Profile) {
  const known = await knownSettings(connection);
  const settings = settingsWithDefaults(profile);
  return (phase: Phase) => settings.filter((setting) => phaseOf(setting, known) === phase);
}

/** Sets a value and reads it back as DuckDB took it: `4GB` comes back as `3.7 GiB`. @throws ConfigurationError */
export async function trySetting(connection: DuckDBConnection, profile: Profile, setting: Setting): Promise<string> {
  await applySetting(connection, profile, setting);
  return readSetting(connection, setting.name);
}

/** The effective value of a setting. */
export async function readSetting(connection: DuckDBConnection, name: string): Promise<string> {
  const reader = await connection.runAndReadAll('select current_setting($name)::varchar', { name });
  return oneText.parse(reader.getRowsJS())[0]?.[0] ?? 'NULL';
}

/** Which of these functions DuckDB knows. */
export async function findFunctions(connection: DuckDBConnection, names: readonly string[]): Promise<string[]> {
  const reader = await connection.runAndReadAll('select distinct function_name from duckdb_functions()');
  const known = new Set(oneText.parse(reader.getRowsJS()).map(([name]) => name));
  return names.filter((name) => known.has(name));
}

/** Whether `llm_generate` can be called: of nothing it makes nothing, without asking anybody. */
export async function generatesNothingOfNull(connection: DuckDBConnection): Promise<boolean> {
  const reader = await connection.runAndReadAll('select llm_generate(null)::varchar');
  return oneText.parse(reader.getRowsJS())[0]?.[0] === null;
}
