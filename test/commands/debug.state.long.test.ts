import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { makeFolder, makeProfile as makeLoaded, openDatabase } from '../support/database.ts';
import { debug, makeProfile } from '../support/debug.ts';

/** A file with the pipeline's tables. */
async function makeState(): Promise<string> {
  const path = join(makeFolder(), 'state.duckdb');
  (await openDatabase(makeLoaded({ path }))).close();
  return path;
}

async function change(path: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

/** The agents' table in an attached file: without one a profile is one of dbt's, and need not hold the pipeline's tables. */
const source = () => ({ attach: [{ path: join(makeFolder(), 'agents.duckdb'), alias: 'source_memories' }] });

const worker = 'the pipeline keeps its state';

describe('debug fails where the worker would not start:', () => {
  test('on a file that is opened read-only', async () => {
    const config_options = { access_mode: 'READ_ONLY' };
    const { failed } = await debug(makeProfile({ path: await makeState(), config_options, ...source() }));
    expect(failed.map(({ name, verdict }) => [name, verdict])).toEqual([['state', 'cannot be kept']]);
    expect(failed[0]?.detail).toContain(`${worker} in the output's database`);
  });

  test('on an output whose database is an attached PostgreSQL', async () => {
    const attach = [{ path: 'postgresql://127.0.0.1:1/agents', alias: 'source_memories', type: 'postgres' }];
    const { checks } = await debug(makeProfile({ path: ':memory:', database: 'source_memories', attach }));
    const state = checks.find(({ name }) => name === 'state');
    expect(state).toMatchObject({ status: 'error', detail: expect.stringContaining('is postgres') });
  });

  test('on a file that a newer program has opened', async () => {
    const path = await makeState();
    await change(path, `insert into migration values (99, '000099.sql')`);
    const { failed } = await debug(makeProfile({ path, ...source() }));
    expect(failed).toMatchObject([
      { name: 'state', detail: expect.stringMatching(/its version is 99.*update the program/) },
    ]);
  });

  test('on a setting that has to come before the attachments', async () => {
    const settings = { pg_connection_limit: 'many' };
    const { failed } = await debug(makeProfile({ path: ':memory:', extensions: ['postgres_scanner'], settings }));
    expect(failed.map(({ name, verdict }) => [name, verdict])).toEqual([['pg_connection_limit', 'refused']]);
  });
});

describe('debug tells how far the state has been brought:', () => {
  test('of a file that is up to date', async () => {
    const { check, failed } = await debug(makeProfile({ path: await makeState(), ...source() }));
    expect(failed).toEqual([]);
    expect(check('state')).toMatchObject({ verdict: expect.stringMatching(/^version \d+$/), detail: 'up to date.' });
  });

  test('of an older one, which stays as it is', async () => {
    const path = await makeState();
    await change(path, 'delete from migration where version > 5');
    for (let time = 0; time < 2; time += 1)
      expect((await debug(makeProfile({ path, ...source() }))).check('state')).toMatchObject({
        verdict: 'version 5',
        detail: expect.stringMatching(/^the next run brings it to version \d+\.$/),
      });
  });

  test("of somebody's file without it, also where the schema is not there", async () => {
    const path = join(makeFolder(), 'theirs.duckdb');
    await change(path, 'create table t as select 1');
    for (const schema of ['main', 'mine'])
      expect((await debug(makeProfile({ path, schema, ...source() }))).check('state')?.verdict).toBe('none yet');
  });
});
