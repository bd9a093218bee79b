import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../duckdb/database.ts';
import { ConfigurationError } from '../../memory/errors.ts';
import { makeFolder, makeProfile, openDatabase, query, value } from '../support/database.ts';

const silent = () => undefined;

async function refusal(fields: Record<string, unknown>): Promise<string> {
  const error = await connect(makeProfile(fields), silent).then(
    () => expect.unreachable('it was opened'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigurationError);
  return (error as Error).message;
}

describe('what DuckDB takes only as it opens', () => {
  test('is taken from config_options', async () => {
    const database = await openDatabase(makeProfile({ config_options: { custom_user_agent: 'mine' } }));
    expect(await value(database, `select current_setting('custom_user_agent')`)).toBe('mine');
  });

  test.each([
    ['access_mode', 'READ_ONLY'],
    ['allow_unsigned_extensions', true],
    ['allow_unredacted_secrets', true],
    ['custom_user_agent', 'mine'],
    ['disable_database_invalidation', true],
  ])('%s among the settings is refused with where to move it', async (name, given) => {
    const message = await refusal({ settings: { [name]: given } });
    expect(message).toContain(`biological_memory.outputs.test.settings.${name}: `);
    expect(message).toContain('move it to config_options');
  });
});

test.each([
  ['memroy_limit', 'memory_limit'],
  ['thread', 'threads'],
  ['Checkpoint_treshold', 'checkpoint_threshold'],
])('the unknown setting %s is refused with the name that was meant, %s', async (name, meant) => {
  for (const key of ['settings', 'config_options']) {
    const message = await refusal({ [key]: { [name]: '1' } });
    expect(message).toContain(
      `outputs.test.${key}.${name}: DuckDB: Catalog Error: unrecognized configuration parameter`,
    );
    expect(message).toContain(`did you mean "${meant}"?`);
  }
});

test.each([
  ['settings', { max_memory: 'lots' }, 'Memory must have a number'],
  ['config_options', { max_memory: 'lots' }, 'Memory must have a number'],
  ['settings', { threads: 0 }, 'threads'],
  ['settings', { TimeZone: 'Mars/Olympus' }, 'Mars/Olympus'],
])('a wrong value in %s is refused in DuckDB’s words', async (key, settings, words) => {
  expect(await refusal({ [key]: settings })).toContain(words);
});

test('a setting without a value is refused as the profile is read: DuckDB would break the whole instance', () => {
  expect(() => makeProfile({ settings: { threads: null } })).toThrow(/settings\.threads.*must be text, a number/);
});

test('a setting is applied whether it is global or each connection’s own, and config_options too', async () => {
  const database = await openDatabase(
    makeProfile({
      settings: { enable_progress_bar: false, progress_bar_time: 77, default_null_order: 'nulls_first' },
      config_options: { allowed_paths: "['/tmp/x.csv']", max_expression_depth: 500, memory_limit: '1GB' },
    }),
  );
  for (let connection = 0; connection < 2; connection += 1) {
    expect(await value(database, `select current_setting('progress_bar_time')::int`)).toBe(77);
    expect(await value(database, `select current_setting('default_null_order')`)).toBe('NULLS_FIRST');
    expect(await value(database, `select current_setting('max_expression_depth')::int`)).toBe(500);
    expect(await value(database, `select current_setting('memory_limit')`)).toBe('953.6 MiB');
    expect(await value(database, `select current_setting('allowed_paths')::varchar`)).toContain('/tmp/x.csv');
  }
});

test('settings win over config_options of the same name', async () => {
  const fields = { settings: { max_expression_depth: 300 }, config_options: { max_expression_depth: 500 } };
  const database = await openDatabase(makeProfile(fields));
  expect(await value(database, `select current_setting('max_expression_depth')::int`)).toBe(300);
});

test('the pipeline has UTC; who only looks into the database has the TimeZone of the profile', async () => {
  const profile = makeProfile({ settings: { TimeZone: 'Asia/Tokyo' } });
  const read = `select current_setting('TimeZone')`;
  expect(await value(await openDatabase(profile), read)).toBe('UTC');
  const looking = await connect(profile, silent, { migrations: false });
  onTestFinished(() => looking.close());
  expect(await value(looking, read)).toBe('Asia/Tokyo');
});

test('settings of an extension are set after it is loaded, wherever they stand', async () => {
  const database = await openDatabase(
    makeProfile({ extensions: ['httpfs'], settings: { s3_region: 'eu-1' }, config_options: { http_timeout: 7 } }),
  );
  expect(
    await query(database, `select current_setting('s3_region') as r, current_setting('http_timeout')::int as t`),
  ).toEqual([{ r: 'eu-1', t: 7 }]);
});

test('settings of the secret manager are set before the first secret', async () => {
  const folder = `${makeFolder()}/secrets`;
  const database = await openDatabase(
    makeProfile({
      extensions: ['httpfs'],
      settings: { secret_directory: folder },
      secrets: [{ type: 'http', name: 'kept', persistent: true, bearer_token: 't' }],
    }),
  );
  expect(await query(database, 'select name, persistent from duckdb_secrets()')).toEqual([
    { name: 'kept', persistent: true },
  ]);
});

describe('the schema and the database of the output', () => {
  test('a schema of one’s own is made and holds the state; every connection stands in it', async () => {
    const path = `${makeFolder()}/state.duckdb`;
    const database = await openDatabase(makeProfile({ path, schema: 'dre"ams' }));
    expect(await value(database, 'select current_schema()')).toBe('dre"ams');
    expect(await value(database, `select schema_name from duckdb_tables() where table_name = 'trace'`)).toBe('dre"ams');
  });

  test('an attached DuckDB file whose alias is the database holds the state', async () => {
    const folder = makeFolder();
    const attach = [
      { path: `${folder}/store.duckdb`, alias: 'store' },
      { path: ':memory:', alias: 'source_memories' },
    ];
    const database = await openDatabase(makeProfile({ attach, database: 'store' }));
    expect(await value(database, `select database_name from duckdb_tables() where table_name = 'trace'`)).toBe('store');
    expect(await value(database, 'select count(*)::int from trace')).toBe(0);
  });

  test('what cannot hold the state is refused, and opens for a query', async () => {
    const folder = makeFolder();
    (await connect(makeProfile({ path: `${folder}/a.duckdb` }), silent)).close();
    const attach = [{ path: `${folder}/a.duckdb`, alias: 'a', read_only: true }];
    const profile = makeProfile({ attach, database: 'a', pipeline: { source: { attachment: 'a' } } });
    await expect(connect(profile, silent)).rejects.toThrow(/must be a DuckDB file that it may write to.*read-only/s);
    const database = await connect(profile, silent, { migrations: false });
    onTestFinished(() => database.close());
    expect(await value(database, 'select count(*)::int from trace')).toBe(0);
  });

  test('opening for a query puts nothing of ours into the file', async () => {
    const database = await connect(makeProfile({ schema: 'mine' }), silent, { migrations: false });
    onTestFinished(() => database.close());
    expect(await query(database, 'select table_name from duckdb_tables()')).toEqual([]);
    expect(await value(database, 'select current_schema()')).toBe('main');
  });
});
