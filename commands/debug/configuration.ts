import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../memory/errors.ts';
import { hardCodedCredentials, hideCredentials } from '../../profiles/credentials.ts';
import { Document } from '../../profiles/document.ts';
import { profileFolders } from '../../profiles/location.ts';
import type { Profile } from '../../profiles/profile.ts';
import { redact } from '../../profiles/redact.ts';
import { pathText, type Value } from '../../profiles/value.ts';
import { createContext, createRequest, type Context, type SharedOptions } from '../../program/context.ts';
import { fail, oneLine, pass, warn, type Check } from './check.ts';

const SECTION = 'Configuration';

/** A profile, or the check that says why there is none. */
export type Loaded =
  | { readonly context: Context; readonly profile: Profile; readonly hide: (text: string) => string }
  | { readonly context: Context | null; readonly failure: Check };

/** The folder in which profiles.yml is, or should be, and the files that are looked at. */
export function describeFiles(options: SharedOptions): { readonly folder: string; readonly profiles: string } {
  const folders = profileFolders(createRequest(options).request);
  const folder = folders.find((each) => existsSync(join(each, 'profiles.yml'))) ?? folders[0] ?? '.';
  return { folder, profiles: join(folder, 'profiles.yml') };
}

/** The target as it stands in profiles.yml. @throws nothing */
export function findContext(options: SharedOptions): Context | Check {
  try {
    return createContext(options);
  } catch (error) {
    return invalid(options, error);
  }
}

/** Fills in and checks the profile; PostgreSQL is at `url`. */
export function loadTarget(context: Context, options: SharedOptions, url: string): Loaded {
  try {
    const profile = context.profile({ postgres: { url } });
    // What DuckDB will get; the fields that it never sees are not printed.
    const rendered = JSON.parse(JSON.stringify(profile)) as Value;
    return { context, profile, hide: hideCredentials(rendered, context.env) };
  } catch (error) {
    return { context, failure: invalid(options, error) };
  }
}

function invalid(options: SharedOptions, error: unknown): Check {
  const { env } = createRequest(options).request;
  const detail = redact(error instanceof ConfigurationError ? error.message : oneLine(error), env);
  const found = existsSync(describeFiles(options).profiles);
  const path = /:\d+:\d+: ([\w-]+(?:\.[\w-]+|\[\d+\])+) /.exec(detail)?.[1];
  const variable = /environment variable (\w+)/.exec(detail)?.[1];
  return fail(SECTION, 'profiles.yml file', found ? 'invalid' : 'not found', {
    detail,
    ...(path !== undefined && { path }),
    ...(variable !== undefined && { variable }),
    hint: found
      ? `correct ${variable ?? 'profiles.yml'} as said, or choose with --target or --profiles-dir.`
      : 'name the folder of profiles.yml with --profiles-dir or DBT_PROFILES_DIR.',
  });
}

export function profilesFound(): Check {
  return pass(SECTION, 'profiles.yml file', 'found and valid');
}

/** dbt needs one, we do not: only one that cannot be read is a failure. */
export function checkProject({ env }: Pick<Context, 'env'>): Check {
  const name = 'dbt_project.yml file';
  const file = join(process.cwd(), 'dbt_project.yml');
  if (!existsSync(file)) return pass(SECTION, name, 'not found, not needed');
  try {
    Document.read(file, env);
    return pass(SECTION, name, 'found and valid');
  } catch (error) {
    return fail(SECTION, name, 'invalid', { detail: oneLine(error), hint: 'correct or remove it.' });
  }
}

/** What works today and should be changed. */
export function checkWarnings({ location }: Context, profile: Profile | null): Check[] {
  const found = hardCodedCredentials(location);
  const credentials = found.map((path) =>
    warn('Warnings', 'hard-coded credential', pathText(path), {
      detail: `stands in ${location.document.file} for everyone who can read it; write "{{ env_var('...') }}" instead.`,
      path: pathText(path),
      hint: 'put it into an environment variable, change it where it is valid, and take it out of the file and its history.',
    }),
  );
  return [
    ...(found.length === 0 ? [pass('Warnings', 'hard-coded credentials', 'none found')] : credentials),
    ...(profile?.warnings ?? []).map((detail) => warn('Warnings', 'profile', '', { detail })),
  ];
}
