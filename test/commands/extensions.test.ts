import { expect, test } from 'vitest';
import { biomem, biomemJson } from '../support/biomem.ts';
import { makeFolder } from '../support/database.ts';

test('extensions list names those of the target and whether they are here', async () => {
  const result = await biomemJson<{ duckdb: string; extensions: { name: string; state: string }[] }>(
    ['extensions', 'list', '--target', 'prod'],
    { workspace: makeFolder() },
  );
  expect(result.duckdb).toMatch(/^v\d/);
  expect(result.extensions.map(({ name }) => name)).toEqual(['httpfs', 'postgres_scanner', 'json', 'fts']);
  expect(result.extensions[2]).toMatchObject({ state: 'built in', from: 'built in' });
});

test('extensions install says where each came from', async () => {
  expect(await biomem(['extensions', 'install', 'json'], { workspace: makeFolder() })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^DuckDB v.*\njson +built in .* built in$/),
  });
});

test('a name that is none is wrong usage', async () => {
  expect(await biomem(['extensions', 'install', 'a;b'], { workspace: makeFolder() })).toMatchObject({
    code: 2,
    stdout: '',
  });
});
