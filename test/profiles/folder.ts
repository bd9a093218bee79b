import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ConfigurationError } from '../../memory/errors.ts';
import { locate } from '../../profiles/location.ts';
import { loadProfile, type Profile, type ProfileRequest } from '../../profiles/profile.ts';

/**
 * A folder with these files, gone after the test. Among tests that run at once the global hook may take another for the one
 * that asks, and the folder would go with that: each of them gives its own.
 */
export function makeFolder(files: Record<string, string>, finished = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
  finished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** The profile in `yaml`; HOME is the folder itself, so that nobody's own ~/.dbt is read. */
export function load(yaml: string, request: Partial<ProfileRequest> = {}): Profile {
  const folder = makeFolder({ 'profiles.yml': yaml });
  return loadProfile({ profile: 'p', cwd: folder, ...request, env: { HOME: folder, ...request.env } });
}

/** One output, target dev, as the lines of `fields`. */
export function loadOutput(fields: string, request: Partial<ProfileRequest> = {}): Profile {
  const indented = fields.replace(/^/gm, '      ');
  return load(`p:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n${indented}\n`, request);
}

/** Where the chosen target stands in `yaml`. */
export function find(yaml: string) {
  const folder = makeFolder({ 'profiles.yml': yaml });
  return locate({ profile: 'p', cwd: folder, env: { HOME: folder }, vars: {} });
}

/** The same of one output. */
export function findOutput(fields: string) {
  return find(`p:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n${fields.replace(/^/gm, '      ')}\n`);
}

/** The message with which `action` refuses; any other error, or none, fails the test. */
export function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}
