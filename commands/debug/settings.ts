import { openScratch, type Database } from '../../duckdb/database.ts';
import { readSetting, trySetting } from '../../duckdb/inspect.ts';
import type { Setting } from '../../duckdb/settings.ts';
import type { Profile } from '../../profiles/profile.ts';
import { originOf, pass, refused, within, type Check, type Subject } from './check.ts';

const SECTION = 'Settings';
const HINT = 'correct the value, or take it out.';
/** They keep a database in memory from being opened, or would let DuckDB fetch what it lacks. */
const NOT_TRIED = /^(?:access_mode=(?:automatic|read_only|read_write)|autoinstall_known_extensions=(?:true|t|yes|1))$/i;

/** Opens a database with each of the options alone: DuckDB does not say which of several it refuses at the opening. */
export async function checkOptions(subject: Subject, options: readonly Setting[]): Promise<Check[]> {
  return each(subject, options, [], ({ name, value }) => readOption(name, String(value)));
}

/** Sets each, in the given order, and reads it back as DuckDB took it. */
export async function checkSettings(
  subject: Subject,
  scratch: Database,
  settings: readonly Setting[],
  absent: readonly string[],
): Promise<Check[]> {
  return each(subject, settings, absent, (setting) =>
    scratch.use((connection) => trySetting(connection, subject.profile, setting)),
  );
}

async function each(
  subject: Subject,
  settings: readonly Setting[],
  absent: readonly string[],
  read: (setting: Setting) => Promise<string>,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const setting of settings) {
    const { name, value } = setting;
    const origin = originOfSetting(subject, setting);
    try {
      const effective = NOT_TRIED.test(`${name}=${String(value)}`) ? null : await within(read(setting));
      checks.push(describe(subject, setting, effective, origin));
    } catch (error) {
      const given = { section: SECTION, name, verdict: 'refused', hint: HINT } as const;
      checks.push(refused(subject, given, error, absent, origin));
    }
  }
  return checks;
}

async function readOption(name: string, value: string): Promise<string> {
  const database = await openScratch({ [name]: value });
  try {
    return await database.use((connection) => readSetting(connection, name));
  } finally {
    database.close();
  }
}

function describe(subject: Subject, setting: Setting, effective: string | null, origin: Partial<Check>): Check {
  const { name } = setting;
  // Hidden together with its name: by that it is told whether the value is a secret.
  const hide = (value: string) => subject.hide(`${name}=${value}`).slice(name.length + 1);
  const written = hide(writtenAs(subject.profile, setting));
  if (effective === null) return pass(SECTION, name, written, { detail: 'not tried here', ...origin });
  const from = origin.path === undefined ? `ours, ${written}` : `from ${written}`;
  return pass(SECTION, name, hide(effective), written === hide(effective) ? origin : { detail: from, ...origin });
}

/** DuckDB's threads come from the profile's own, but no more than there are cores. */
function writtenAs(profile: Profile, { name, value, from }: Setting): string {
  return name === 'threads' && !(name in given(profile, from)) ? String(profile.threads) : String(value);
}

/** A setting that is our default stands nowhere in the profile. */
function originOfSetting({ profile, context }: Subject, { name, from }: Setting) {
  if (name in given(profile, from)) return originOf(context.location, from, name);
  return name === 'threads' ? originOf(context.location, 'threads') : {};
}

function given({ settings, configOptions }: Profile, from: Setting['from']): Profile['settings'] {
  return from === 'settings' ? settings : configOptions;
}
