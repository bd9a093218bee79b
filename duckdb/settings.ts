import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import { ConfigurationError, firstLineOf } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { quoteIdentifier, quoteLiteral } from '../profiles/sql.ts';
import { didYouMean } from '../profiles/suggestion.ts';

/** One setting of a profile, and where it stands there. */
export interface Setting {
  readonly name: string;
  readonly value: string | number | boolean | readonly string[];
  readonly from: 'settings' | 'config_options';
}

/** When a setting is applied. Each phase is there because DuckDB takes the setting at no other time, or ignores it then. */
export type Phase = 'open' | 'early' | 'before attaching' | 'after attaching' | 'last';

/** DuckDB refuses to change these while the database is open. */
const OPEN_ONLY = words(
  'access_mode allow_unsigned_extensions allow_unredacted_secrets custom_user_agent disable_database_invalidation',
);

/** They say where extensions come from and where secrets go: too late once the first was loaded or created. */
const EARLY = words(
  `allow_community_extensions autoinstall_known_extensions autoload_known_extensions autoinstall_extension_repository
   custom_extension_repository extension_directory extension_directories allow_persistent_secrets secret_directory
   default_secret_storage home_directory`,
);

/** One way, and in this order: what comes before could not be set after what follows. */
const LAST = ['allowed_directories', 'allowed_paths', 'disabled_filesystems', 'enable_external_access'];
const LOCKS = ['allowed_configs', 'lock_configuration'];

/** Settings of the PostgreSQL extension count only for attachments made after them. */
const BEFORE_ATTACH = /^pg_/i;

/** DuckDB starts with these, and refuses to be told so again. */
const ONCE_TRUE = /^(?:enable_external_access|allow_community_extensions)$/i;

/** All settings of a profile, those of `settings` after (and so above) those of `config_options`. */
export function settingsOf({ configOptions, settings }: Pick<Profile, 'configOptions' | 'settings'>): Setting[] {
  const listed = (from: Setting['from'], values: Profile['settings']) =>
    Object.entries(values)
      .filter(([name, value]) => !(ONCE_TRUE.test(name) && /^(?:true|t|yes|1)$/i.test(String(value))))
      .map(([name, value]): Setting => ({ name, value, from }));
  return [...listed('config_options', configOptions), ...listed('settings', settings)];
}

/** When to apply a setting; `known` are the settings that DuckDB has before any extension is loaded. */
export function phaseOf({ name, from }: Setting, known: ReadonlySet<string>): Phase {
  const lower = name.toLowerCase();
  if (from === 'config_options' && isOpenOnly(name)) return 'open';
  if ([...LAST, ...LOCKS].includes(lower)) return 'last';
  if (BEFORE_ATTACH.test(name)) return 'before attaching';
  if (EARLY.has(lower)) return 'early';
  // dbt gives config_options to DuckDB as it opens; what an extension owns has to wait for the extension.
  if (from === 'config_options') return known.has(lower) ? 'early' : 'before attaching';
  return 'after attaching';
}

export function isOpenOnly(name: string): boolean {
  return OPEN_ONLY.has(name.toLowerCase());
}

/** Those of `LAST`, in the only order that works. */
export function inLastOrder(settings: readonly Setting[]): Setting[] {
  const place = ({ name }: Setting) => [...LAST, ...LOCKS].indexOf(name.toLowerCase());
  return [...settings].sort((a, b) => place(a) - place(b));
}

/**
 * Applies one setting, on this connection or, where DuckDB has it so, for all.
 * @throws ConfigurationError with its path in the profile, DuckDB's word and, for an unknown one, the name that was meant
 */
export async function applySetting(connection: DuckDBConnection, profile: Profile, setting: Setting): Promise<void> {
  try {
    await connection.run(setSql(setting));
  } catch (error) {
    const path = `${profile.file}: ${profile.name}.outputs.${profile.target}.${setting.from}.${setting.name}`;
    throw new ConfigurationError(`${path}: ${await explain(connection, setting, error)}`);
  }
}

/** The value goes in as text, as dbt does it: DuckDB reads `4GB`, `true` and `[a, b]` alike. A list of our own stays one. */
export function setSql({ name, value }: Pick<Setting, 'name' | 'value'>): string {
  const text =
    typeof value === 'object' ? `[${value.map((item) => quoteLiteral(item)).join(', ')}]` : quoteLiteral(String(value));
  return `SET ${quoteIdentifier(name)} = ${text}`;
}

/** Names of all settings that DuckDB has now, aliases included, in lower case. */
export async function knownSettings(connection: DuckDBConnection): Promise<ReadonlySet<string>> {
  const rows = await connection.runAndReadAll(
    'select lower(name) as name from duckdb_settings() union select lower(unnest(aliases)) from duckdb_settings()',
  );
  return new Set(
    z
      .array(z.object({ name: z.string() }))
      .parse(rows.getRowObjectsJS())
      .map(({ name }) => name),
  );
}

async function explain(connection: DuckDBConnection, { name, from }: Setting, error: unknown): Promise<string> {
  const word = firstLineOf(error);
  if (from === 'settings' && isOpenOnly(name))
    return `can only be set when the database is opened; move it to config_options. DuckDB: ${word}`;
  if (!word.includes('unrecognized configuration parameter')) return `DuckDB: ${word}`;
  const hint = didYouMean(name, [...(await knownSettings(connection))]);
  return `DuckDB: ${word}${hint || '; if an extension has it, list that under extensions.'}`;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}
