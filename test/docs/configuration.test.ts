import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readSources } from '../support/sources.ts';

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
const profiles = readFileSync(new URL('../../profiles.yml', import.meta.url), 'utf8');

/** Variables of the system, which are not ours to explain. */
const SYSTEM = ['HOME', 'USERPROFILE', 'PATH', 'XDG_CACHE_HOME'];

const read = readSources().flatMap((source) => [...source.matchAll(/\benv\[['"]([A-Z][A-Z0-9_]+)['"]\]/g)]);
const asked = [...profiles.matchAll(/env_var\('(\w+)'/g)];
const names = new Set([...read, ...asked].map(([, name = '']) => name).filter((name) => !SYSTEM.includes(name)));

test.each([...names])('%s is in the table of variables', (name) => {
  expect(page).toContain(`\`${name}\``);
});
