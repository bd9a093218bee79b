import { openScratch, type Database } from '../../duckdb/database.ts';
import { readSetting, trySetting } from '../../duckdb/inspect.ts';
import { originOf, pass, refused, within, type Check, type Subject } from './check.ts';

/** Each option alone, because DuckDB does not say which of several it refuses at the opening. */
export async function checkOptions(subject: Subject): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [name, value] of Object.entries(subject.profile.configOptions)) {
    const origin = originOf(subject.context.location, 'config_options', name);
    // It would keep a database in memory from being opened at all.
    if (name.toLowerCase() === 'access_mode') continue;
    try {
      const effective = await within(readOption(name, String(value)));
      checks.push(effectiveValue(subject, name, value, effective, origin));
    } catch (error) {
      checks.push(refusedSetting(subject, name, error, [], origin));
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

type Settings = readonly (readonly [string, string | number | boolean])[];

/** Sets each and reads it back as DuckDB took it. */
export async function checkSettings(
  subject: Subject,
  scratch: Database,
  settings: Settings,
  absent: readonly string[],
) {
  const checks: Check[] = [];
  for (const [name, value] of settings) {
    const place = name in subject.profile.settings ? ['settings', name] : ['threads'];
    // Without a setting of its own DuckDB gets the profile's, but no more than there are cores.
    const written = place[0] === 'threads' ? subject.profile.threads : value;
    const origin = originOf(subject.context.location, ...place);
    try {
      const effective = await within(scratch.use((connection) => trySetting(connection, name, value)));
      checks.push(effectiveValue(subject, name, written, effective, origin));
    } catch (error) {
      checks.push(refusedSetting(subject, name, error, absent, origin));
    }
  }
  return checks;
}

function effectiveValue(
  { hide }: Subject,
  name: string,
  value: string | number | boolean,
  effective: string,
  origin: Pick<Check, 'path' | 'variable'>,
): Check {
  // Hidden together with its name: by that it is told whether the value is a secret.
  const shown = hide(`${name}=${effective}`).slice(name.length + 1);
  const written = hide(`${name}=${String(value)}`).slice(name.length + 1);
  return pass('Settings', name, shown, shown === written ? origin : { detail: `from ${written}`, ...origin });
}

function refusedSetting(
  subject: Subject,
  name: string,
  error: unknown,
  absent: readonly string[],
  origin: Pick<Check, 'path' | 'variable'>,
): Check {
  return refused(
    subject,
    { section: 'Settings', name, verdict: 'refused', hint: 'correct the value, or take it out.' },
    error,
    absent,
    origin,
  );
}
