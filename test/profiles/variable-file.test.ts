import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { redact } from '../../profiles/redact.ts';
import { loadOutput, makeFolder, refusal } from './folder.ts';

const path = (env: Record<string, string>, name = 'CODEX_PATH') =>
  loadOutput(`path: "{{ env_var('${name}', '/default.duckdb') }}"`, { env }).path;

test('where a variable is unset the file that its _FILE names is read, without white space at its ends', () => {
  const folder = makeFolder({ secret: '/from/file.duckdb\n' });
  const file = join(folder, 'secret');
  expect(path({ CODEX_PATH_FILE: file })).toBe('/from/file.duckdb');
  expect(path({ CODEX_PATH_FILE: file, CODEX_PATH: '/from/variable.duckdb' })).toBe('/from/variable.duckdb');
  expect(path({ CODEX_PATH_FILE: '' })).toBe('/default.duckdb');
  writeFileSync(file, '/changed.duckdb');
  expect(path({ CODEX_PATH_FILE: file })).toBe('/changed.duckdb');
});

test('a file that cannot be read is an error with its place, default or not', () => {
  const message = refusal(() => path({ CODEX_PATH_FILE: '/nonexistent/secret' }));
  expect(message).toMatch(/p\.outputs\.dev\.path/);
  expect(message).toContain('CODEX_PATH_FILE names /nonexistent/secret, which cannot be read (ENOENT)');
});

test('what a file gave for a secret or an address is shown nowhere, also after it has changed', () => {
  const folder = makeFolder({ url: 'postgresql://joe:hunter2first@db/a', token: 'tokenfromfile' });
  const env = { DB_URL_FILE: join(folder, 'url'), DBT_ENV_SECRET_T_FILE: join(folder, 'token') };
  path(env, 'DB_URL');
  path(env, 'DBT_ENV_SECRET_T');
  writeFileSync(join(folder, 'url'), 'postgresql://joe:hunter2second@db/a');
  path(env, 'DB_URL');
  expect(redact('saw hunter2first and hunter2second and tokenfromfile', {})).toBe('saw ***** and ***** and *****');
});
