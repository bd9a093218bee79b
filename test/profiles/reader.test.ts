import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadProfile } from '../../profiles/profile.ts';
import { createReader } from '../../profiles/reader.ts';
import { makeFolder } from './folder.ts';

const yaml = (path: string) => `p: {target: dev, outputs: {dev: {type: duckdb, path: "${path}"}}}`;

test('a profile is loaded again when one of its files has changed, and only then', () => {
  const folder = makeFolder({ 'profiles.yml': yaml(`{{ env_var('P') }}`), secret: '/a.duckdb' });
  const env = { HOME: folder, P_FILE: join(folder, 'secret') };
  let loads = 0;
  const read = createReader(() => {
    loads += 1;
    return loadProfile({ profile: 'p', profilesDir: folder, env, cwd: folder });
  }, env);
  expect([read().path, read().path, loads]).toEqual(['/a.duckdb', '/a.duckdb', 1]);

  // As a mounted secret changes: another file takes the name.
  writeFileSync(join(folder, 'next'), '/b.duckdb');
  renameSync(join(folder, 'next'), env.P_FILE);
  expect([read().path, read().path, loads]).toEqual(['/b.duckdb', '/b.duckdb', 2]);

  writeFileSync(join(folder, 'profiles.yml'), yaml('/edited.duckdb'));
  expect([read().path, loads]).toEqual(['/edited.duckdb', 3]);

  writeFileSync(join(folder, 'profiles.yml'), 'p: {');
  expect(read).toThrow('profiles.yml');
  writeFileSync(join(folder, 'profiles.yml'), yaml('/mended.duckdb'));
  expect([read().path, read().path, loads]).toEqual(['/mended.duckdb', '/mended.duckdb', 5]);
});
