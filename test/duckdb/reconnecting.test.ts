import { execa } from 'execa';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openReconnecting, type ReconnectingRequest } from '../../duckdb/reconnecting.ts';
import type { Profile } from '../../profiles/profile.ts';
import { makeFolder, makeProfile, query, value } from '../support/database.ts';

const HOLD = fileURLToPath(new URL('./hold-database.ts', import.meta.url));

/** A database whose profile a test may change; what it reports is kept. */
async function openOn(first: Profile, options: Pick<ReconnectingRequest, 'idleMs'> = {}) {
  const lines: string[] = [];
  const state = { profile: (): Profile => first };
  const database = await openReconnecting({
    profile: () => state.profile(),
    report: (line) => lines.push(line),
    ...options,
  });
  onTestFinished(() => database.close());
  return { database, lines, change: (profile: () => Profile) => (state.profile = profile) };
}

/** What another process says that tries to open the file for writing. */
async function openElsewhere(file: string): Promise<string> {
  const child = execa('node', ['--import', 'tsx', HOLD, file], { reject: false });
  const held = new Promise<string>((resolve) => child.stdout.once('data', () => resolve('held')));
  const outcome = await Promise.race([held, child.then(({ stderr }) => stderr)]);
  child.kill('SIGKILL');
  await child;
  return outcome;
}

const source = (path: string) => ({ attach: [{ path, alias: 'source_memories' }] });

test('an address that changes is attached again at the next use, hardened or not, and the state stays', async () => {
  const folder = makeFolder();
  for (const hardened of [true, false]) {
    const fields = { path: `${folder}/${String(hardened)}.duckdb`, pipeline: { hardened } };
    const { database, lines, change } = await openOn(makeProfile({ ...fields, ...source(`${folder}/a.duckdb`) }));
    await query(database, 'create or replace table source_memories.t as select 1');
    await query(database, `insert into watermark values ('kept', '2026-03-01', 'b')`);
    change(() => makeProfile({ ...fields, ...source(`${folder}/b.duckdb`) }));
    await expect(query(database, 'from source_memories.t')).rejects.toThrow('does not exist');
    expect(await value(database, 'select source from watermark')).toBe('kept');
    expect(lines.filter((line) => line.includes('opening the database again'))).toHaveLength(1);
    database.close();
  }
});

test('nothing is opened again while somebody uses it', async () => {
  const folder = makeFolder();
  const path = `${folder}/state.duckdb`;
  const { database, lines, change } = await openOn(makeProfile({ path, ...source(':memory:') }));
  await database.use(async (connection) => {
    change(() => makeProfile({ path, ...source(`${folder}/b.duckdb`) }));
    expect(await value(database, 'select count(*)::int from trace')).toBe(0);
    expect(lines).toEqual([]);
    await connection.run('select 1');
  });
  expect(await value(database, 'select count(*)::int from trace')).toBe(0);
  expect(lines).toHaveLength(1);
});

test('all but addresses and secrets holds until the end: a cycle does not change its parameters half way', async () => {
  const path = `${makeFolder()}/state.duckdb`;
  const { database, lines, change } = await openOn(makeProfile({ path, settings: { threads: 1 } }));
  change(() => makeProfile({ path, settings: { threads: 3 } }));
  expect(await value(database, `select current_setting('threads')::int`)).toBe(1);
  expect(lines).toEqual([]);
});

test('a profile that cannot be read is told once, and its former addresses go on', async () => {
  const { database, lines, change } = await openOn(makeProfile({ path: `${makeFolder()}/state.duckdb` }));
  change(() => {
    throw new Error('half written');
  });
  for (let time = 0; time < 2; time += 1) expect(await value(database, 'select count(*)::int from trace')).toBe(0);
  expect(lines).toEqual(['DuckDB: the profile cannot be read, its former addresses are used: Error: half written']);
});

test('a database in memory keeps its addresses, because it would be lost, and says so', async () => {
  const { database, lines, change } = await openOn(makeProfile());
  await query(database, `insert into watermark values ('kept', '2026-03-01', 'b')`);
  change(() => makeProfile(source(`${makeFolder()}/b.duckdb`)));
  for (let time = 0; time < 2; time += 1) expect(await value(database, 'select source from watermark')).toBe('kept');
  expect(lines).toEqual([expect.stringContaining('a database in memory keeps the old ones')]);
});

test('an opening that fails is tried again at the next use', async () => {
  const folder = makeFolder();
  const path = `${folder}/state.duckdb`;
  const { database, change } = await openOn(makeProfile({ path }));
  change(() => makeProfile({ path, ...source(`${folder}/missing/x.duckdb`) }));
  await expect(value(database, 'select 1')).rejects.toThrow('attachment source_memories');
  await expect(value(database, 'select 1')).rejects.toThrow('attachment source_memories');
  change(() => makeProfile({ path }));
  expect(await value(database, 'select count(*)::int from trace')).toBe(0);
});

test.each([
  [true, /Conflicting lock/],
  [false, /^held$/],
])('with keep_open %s, after a use, another process is told: %s', async (keepOpen, told) => {
  const path = `${makeFolder()}/state.duckdb`;
  const { database } = await openOn(makeProfile({ path, keep_open: keepOpen }), { idleMs: 0 });
  await query(database, `insert into watermark values ('kept', '2026-03-01', 'b')`);
  expect(await openElsewhere(path)).toMatch(told);
  expect(await value(database, 'select source from watermark')).toBe('kept');
});

test('a database that DuckDB has broken is opened again for the next use, with what was committed', async () => {
  const fields = { path: `${makeFolder()}/state.duckdb`, pipeline: { hardened: false } };
  const { database, lines } = await openOn(makeProfile(fields));
  await query(database, `insert into watermark values ('kept', '2026-03-01', 'b')`);
  // DuckDB's own switch for its tests: a checkpoint that breaks off breaks the instance.
  await query(database, `set global debug_checkpoint_abort = 'before_header'`);
  await expect(query(database, 'force checkpoint')).rejects.toThrow('FATAL Error');
  expect(await value(database, 'select source from watermark')).toBe('kept');
  expect(lines).toEqual(['DuckDB: the database broke; it is opened again']);
});

test('one in memory is opened again too, and what is lost is told', async () => {
  const { database, lines } = await openOn(makeProfile());
  await query(database, `insert into watermark values ('lost', '2026-03-01', 'b')`);
  await expect(database.use(() => Promise.reject(new Error('INTERNAL Error: an assertion failed')))).rejects.toThrow();
  expect(await value(database, 'select count(*)::int from watermark')).toBe(0);
  expect(lines).toEqual([
    'DuckDB: the database broke; it is opened again, without what it held, because it was in memory',
  ]);
});
