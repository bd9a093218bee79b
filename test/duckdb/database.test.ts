import { existsSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { connect, DatabaseHeldError, openReadOnly } from '../../duckdb/database.ts';
import { loadExtension } from '../../duckdb/extensions.ts';
import { makeFolder, makeProfile, openDatabase, query, value } from '../support/database.ts';
import { hold } from '../support/hold.ts';

const silent = () => undefined;

test('connecting makes the folder, loads extensions and secrets, attaches, applies settings and migrates', async () => {
  const folder = makeFolder();
  const profile = makeProfile({
    path: `${folder}/new/state.duckdb`,
    threads: 1,
    extensions: ['json', 'fts', 'httpfs'],
    secrets: [{ type: 's3', name: 'bucket', key_id: 'k', secret: 's' }],
    settings: { max_memory: '1GB', preserve_insertion_order: false },
    attach: [
      { path: `${folder}/other.duckdb`, alias: 'other' },
      { path: ':memory:', alias: 'source_memories' },
    ],
    // Hardened, it would not let us look into the folder of extensions.
    pipeline: { hardened: false },
  });
  const database = await openDatabase(profile);
  const settings = await query(
    database,
    `select current_setting('max_memory') as memory, current_setting('threads')::int as threads,
       current_setting('preserve_insertion_order') as ordered, current_setting('TimeZone') as zone`,
  );
  expect(settings).toEqual([{ memory: '953.6 MiB', threads: 1, ordered: false, zone: 'UTC' }]);
  const loaded = await query(
    database,
    `select extension_name as name from duckdb_extensions() where loaded and name in ('json', 'fts', 'httpfs') order by name`,
  );
  expect(loaded.map(({ name }) => name)).toEqual(['fts', 'httpfs', 'json']);
  expect(await query(database, 'select name, type from duckdb_secrets()')).toEqual([{ name: 'bucket', type: 's3' }]);
  const names = await query(
    database,
    'select database_name as name from duckdb_databases() where not internal order by 1',
  );
  expect(names.map(({ name }) => name)).toEqual(['other', 'source_memories', 'state']);
  expect(await value(database, 'select fsrs_r(1.0, 1.0)')).toBeCloseTo(0.9, 12);
  expect(await value(database, 'select count(*)::int from trace')).toBe(0);
});

test("threads of the profile's settings win over its own count", async () => {
  const database = await openDatabase(makeProfile({ threads: 1, settings: { threads: 3 } }));
  expect(await value(database, `select current_setting('threads')::int`)).toBe(3);
});

test('an extension that is here loads at once, also a second time, and nothing is fetched', async () => {
  const database = await openDatabase();
  const lines: string[] = [];
  await database.use(async (connection) => {
    for (let time = 0; time < 2; time += 1)
      expect(await loadExtension(connection, { name: 'json' }, (line) => lines.push(line))).toBe('loaded');
  });
  expect(lines).toEqual([]);
});

test('a closed file opens again, with what was written', async () => {
  const profile = makeProfile({ path: `${makeFolder()}/state.duckdb` });
  const first = await connect(profile, silent);
  await query(first, `insert into watermark values ('a', '2026-03-01', 'b')`);
  first.close();
  expect(await value(await openDatabase(profile), 'select source from watermark')).toBe('a');
});

test('a connect that fails leaves the file free', async () => {
  const path = `${makeFolder()}/state.duckdb`;
  const source = { path: ':memory:', alias: 'source_memories' };
  await expect(
    connect(makeProfile({ path, settings: { no_such_setting: 1 }, attach: [source] }), silent),
  ).rejects.toThrow('no_such_setting');
  const database = await openDatabase(makeProfile({ path }));
  expect(await value(database, 'select count(*)::int from trace')).toBe(0);
});

test('an attachment out of reach is named without its password, with the variables it may come from', async () => {
  const attach = [
    {
      path: 'postgresql://joe:swordfish@127.0.0.1:1/memories',
      alias: 'source_memories',
      type: 'postgres',
      read_only: true,
    },
  ];
  const connecting = connect(makeProfile({ extensions: ['postgres_scanner'], attach }), silent);
  await expect(connecting).rejects.toThrow(
    /^attachment source_memories \(postgresql:\/\/joe:\*{5}@127\.0\.0\.1:1\/memories\): .*POSTGRES_DB_URL/s,
  );
  await expect(connecting).rejects.not.toThrow('swordfish');
});

test('a connection is closed after its use, also when the use fails', async () => {
  const database = await openDatabase();
  await expect(
    database.use(async (connection) => {
      await connection.run('create temp table mine as select 1');
      throw new Error('in the middle');
    }),
  ).rejects.toThrow('in the middle');
  expect(await value(database, 'select count(*)::int from duckdb_tables() where temporary')).toBe(0);
});

test('a file that another process holds is refused with the name and pid of its program', async () => {
  const path = `${makeFolder()}/state.duckdb`;
  const pid = await hold(path);
  for (const opening of [connect(makeProfile({ path }), silent), openReadOnly(path)]) {
    const error = await opening.then(
      () => expect.unreachable(),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(DatabaseHeldError);
    expect(error).toMatchObject({ path, pid, program: expect.stringContaining('node') });
    expect((error as Error).message).toContain(`${path} is held by another process: `);
  }
});

test('with retries, a file that another process is about to let go is waited for', async () => {
  const path = `${makeFolder()}/state.duckdb`;
  const pid = await hold(path);
  const isGone = () => {
    try {
      return !process.kill(pid, 0);
    } catch {
      return true;
    }
  };
  const pause = async (ms: number) => {
    expect(ms).toBe(1_000);
    process.kill(pid, 'SIGKILL');
    await expect.poll(isGone).toBe(true);
  };
  const database = await connect(makeProfile({ path, retries: { connect_attempts: 2 } }), silent, { pause });
  onTestFinished(() => database.close());
  expect(await value(database, 'select count(*)::int from trace')).toBe(0);
});

test('openReadOnly reads a file, writes nothing and makes none', async () => {
  const path = `${makeFolder()}/state.duckdb`;
  await expect(openReadOnly(path)).rejects.toThrow();
  expect(existsSync(path)).toBe(false);
  (await connect(makeProfile({ path }), silent)).close();
  const database = await openReadOnly(path);
  onTestFinished(() => database.close());
  expect(await value(database, 'select count(*)::int from trace')).toBe(0);
  await expect(query(database, 'delete from trace')).rejects.toThrow('read-only');
});
