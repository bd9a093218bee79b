import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { z } from 'zod';
import { ConfigurationError, firstLineOf } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { redact } from '../profiles/redact.ts';
import { quoteIdentifier, secretSql } from '../profiles/sql.ts';
import { attach, poolSettings } from './attachment.ts';
import { extensionsOf, loadExtension } from './extensions.ts';
import { completeLast, hardeningOf } from './hardening.ts';
import { createMacros } from './macros.ts';
import { migrate } from './migrations.ts';
import { connecting, type Opening } from './retry.ts';
import { applySetting, inLastOrder, knownSettings, phaseOf, settingsOf, type Phase, type Setting } from './settings.ts';
import { describeUnfitStore } from './store.ts';

/** What the steps work with, and what they find out for the connections that are lent later. */
export interface Setup extends Opening {
  readonly instance: DuckDBInstance;
  /** The connection that sets the database up. */
  readonly connection: DuckDBConnection;
  readonly profile: Profile;
  /** The profile's settings with our defaults beneath them. */
  readonly settings: readonly Setting[];
  /** What DuckDB could be set to before any extension was loaded. */
  readonly known: ReadonlySet<string>;
  /** Settings that DuckDB keeps for each connection, so each one that is lent needs them. */
  locals: readonly Setting[];
  /** Where unqualified names lead; the schema is left out as long as it does not exist. */
  home: { readonly database: string; readonly schema?: string };
}

/** One step of opening; `debug` tries each by itself, so a new one has to be added there too. */
export interface Step {
  readonly name:
    | 'early settings'
    | 'extensions'
    | 'secrets'
    | 'functions'
    | 'settings before attaching'
    | 'attachments'
    | 'settings after attaching'
    | 'home'
    | 'store'
    | 'schema'
    | 'migrations'
    | 'macros'
    | 'last settings';
  readonly take: (setup: Setup) => Promise<void>;
}

/**
 * What makes an open file the profile's database, in this order and for these reasons: settings that say where extensions and
 * secrets come from and go to; extensions, which attachments need; secrets, which attachments use; functions, which views of
 * attached databases may call; settings that count for later attachments only; attachments; all other settings, as dbt does
 * after attaching.
 */
export const OPENING: readonly Step[] = [
  { name: 'early settings', take: (setup) => apply('early', setup) },
  { name: 'extensions', take: loadExtensions },
  { name: 'secrets', take: createSecrets },
  { name: 'functions', take: registerFunctions },
  { name: 'settings before attaching', take: (setup) => apply('before attaching', setup) },
  { name: 'attachments', take: attachDatabases },
  { name: 'settings after attaching', take: applySettings },
  { name: 'home', take: findHome },
];

/** The pipeline's own tables and macros: when every function that they may use is there. */
export const STATE: readonly Step[] = [
  { name: 'store', take: requireStore },
  { name: 'schema', take: enterHome },
  { name: 'migrations', take: migrateState },
  { name: 'macros', take: createMacros },
];

/** What shuts doors comes last, and once: nothing of it can be undone. */
export const SEALING: readonly Step[] = [{ name: 'last settings', take: applyLast }];

/** Runs steps on an instance that was opened for a profile. */
export async function setUp(
  steps: readonly Step[],
  instance: DuckDBInstance,
  profile: Profile,
  opening: Opening,
): Promise<Pick<Setup, 'locals' | 'home'>> {
  const connection = await instance.connect();
  try {
    const settings = settingsWithDefaults(profile);
    const known = await knownSettings(connection);
    const base = { ...opening, instance, connection, profile, settings, known };
    const setup: Setup = { ...base, locals: [], home: { database: await currentDatabase(connection) } };
    for (const { take } of steps) await take(setup);
    return setup;
  } finally {
    connection.closeSync();
  }
}

/** `"database"."schema"`, as `USE` takes it. */
export function quoteHome({ database, schema }: Setup['home']): string {
  return [database, ...(schema === undefined ? [] : [schema])].map(quoteIdentifier).join('.');
}

/** The settings of a profile with our defaults beneath them. */
export function settingsWithDefaults(profile: Profile): Setting[] {
  const defaults = { ...hardeningOf(profile), ...poolSettings(profile), ...defaultThreads(profile) };
  return settingsOf({ ...profile, settings: { ...defaults, ...profile.settings } });
}

async function apply(phase: Phase, { connection, profile, settings, known }: Setup): Promise<void> {
  for (const setting of settings)
    if (phaseOf(setting, known) === phase) await applySetting(connection, profile, setting);
}

async function loadExtensions({ connection, profile, report }: Setup): Promise<void> {
  for (const extension of extensionsOf(profile)) await loadExtension(connection, extension, report);
}

async function createSecrets({ connection, profile }: Setup): Promise<void> {
  for (const [index, secret] of profile.secrets.entries()) {
    try {
      await connection.run(secretSql(secret, index + 1));
    } catch (error) {
      const word = redact(firstLineOf(error));
      throw new ConfigurationError(
        `${profile.file}: ${profile.name}.outputs.${profile.target}.secrets[${String(index)}]: DuckDB: ${word}`,
      );
    }
  }
}

async function registerFunctions({ connection, register }: Setup): Promise<void> {
  register?.(connection);
}

async function attachDatabases({ connection, profile, ...opening }: Setup): Promise<void> {
  for (const attachment of profile.attach) await attach(connection, attachment, connecting(profile, opening));
}

async function applySettings(setup: Setup): Promise<void> {
  makeTempDirectory(setup.profile);
  await apply('after attaching', setup);
  setup.locals = await findLocals(setup);
}

/** A setting that another connection does not have is this connection's own; DuckDB's list of scopes does not say so of TimeZone. */
async function findLocals({ instance, connection, settings }: Setup): Promise<Setting[]> {
  const other = await instance.connect();
  try {
    const [here, there] = [await readSettings(connection), await readSettings(other)];
    return settings.filter(({ name }) => here.get(name.toLowerCase()) !== there.get(name.toLowerCase()));
  } finally {
    other.closeSync();
  }
}

async function readSettings(connection: DuckDBConnection): Promise<Map<string, string | null>> {
  const rows = await connection.runAndReadAll('select lower(name), value from duckdb_settings()');
  return new Map(z.array(z.tuple([z.string(), z.string().nullable()])).parse(rows.getRowsJS()));
}

/** An attachment whose alias the profile calls its `database` is where everything goes, as in dbt. */
async function findHome(setup: Setup): Promise<void> {
  const { connection, profile } = setup;
  const isAlias = profile.attach.some(({ alias }) => alias === profile.database);
  const database = isAlias ? profile.database : setup.home.database;
  const found = await connection.runAndReadAll(
    'select schema_name from duckdb_schemas() where database_name = $1 and schema_name = $2',
    [database, profile.schema],
  );
  // dbt makes the schema with its first model; until then a query stands in main.
  setup.home = found.currentRowCount > 0 ? { database, schema: profile.schema } : { database };
}

/** @throws ConfigurationError when what the profile opens cannot hold tables with keys that we write */
async function requireStore({ connection, profile, home }: Setup): Promise<void> {
  const rows = await connection.runAndReadAll(
    'select type, readonly from duckdb_databases() where database_name = $1',
    [home.database],
  );
  const [found] = z.array(z.tuple([z.string(), z.boolean()])).parse(rows.getRowsJS());
  const [type, readOnly] = found ?? ['not there', false];
  const unfit = describeUnfitStore(profile, { database: home.database, type, readOnly });
  if (unfit !== null) throw new ConfigurationError(unfit);
}

async function enterHome(setup: Setup): Promise<void> {
  setup.home = { ...setup.home, schema: setup.profile.schema };
  const home = quoteHome(setup.home);
  await setup.connection.run(`CREATE SCHEMA IF NOT EXISTS ${home}`);
  await setup.connection.run(`USE ${home}`);
}

async function migrateState({ connection, profile }: Setup): Promise<void> {
  await migrate(connection, profile.path);
}

async function applyLast({ connection, profile, settings, known, locals, allowedPaths = [] }: Setup): Promise<void> {
  const last = settings.filter((setting) => phaseOf(setting, known) === 'last');
  const names = locals.map(({ name }) => name);
  for (const setting of inLastOrder(await completeLast(connection, profile, last, { locals: names, allowedPaths })))
    await applySetting(connection, profile, setting);
}

async function currentDatabase(connection: DuckDBConnection): Promise<string> {
  const rows = await connection.runAndReadAll('select current_database()');
  return z.tuple([z.tuple([z.string()])]).parse(rows.getRowsJS())[0][0];
}

/**
 * The profile's own count of threads, unless it sets DuckDB's, and never more than there are cores: four threads on two
 * cores took 36 s of CPU for what one does in 29 s (thirty nights of the sample journal), and no less time.
 */
function defaultThreads({ threads, settings, configOptions }: Profile): { threads?: number } {
  const given = Object.keys({ ...configOptions, ...settings });
  if (given.some((name) => /^(?:worker_)?threads$/i.test(name))) return {};
  return { threads: Math.min(threads, availableParallelism()) };
}

/** DuckDB makes the folder it spills to, but not the one above it, and finds out only when it has to spill. */
function makeTempDirectory({ settings, configOptions }: Profile): void {
  const folder = settings['temp_directory'] ?? configOptions['temp_directory'];
  if (typeof folder === 'string' && folder !== '') mkdirSync(folder, { recursive: true });
}
