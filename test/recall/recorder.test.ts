import pg from 'pg';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Recorder } from '../../recall/recorder.ts';
import { runMigrations } from '../support/dreams.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';

const ROLE = 'recaller';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await openPostgres();
  await sql(`create role ${ROLE} login password 'recaller1password'`);
  return async () => {
    await sql(`drop owned by ${ROLE}; drop role ${ROLE}`);
    await postgres.drop();
  };
});
beforeEach(async () => {
  await sql('drop schema if exists dreams cascade; create schema dreams');
  await runMigrations(postgres.pool);
});

const sql = async (text: string) => (await postgres.pool.query<Record<string, unknown>>(text)).rows;
const rows = async () =>
  (await sql(`select memory_id from dreams.recall_events order by rank`)).map((row) => row['memory_id']);
const ASKED = { agent: null, question: 'Where?', askedAt: '2026-03-02T12:00:00.000Z', memoryIds: ['a', 'b'] };

function open(connect: () => Promise<pg.PoolClient> = () => postgres.pool.connect()) {
  const lines: string[] = [];
  const report = (line: string) => void lines.push(line);
  return { lines, recorder: new Recorder({ connect, target: 'dev', keepsQuestions: false, report }) };
}

function poolAt(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  onTestFinished(() => pool.end());
  return pool;
}

describe('what was recalled', () => {
  test('is written while the process goes on, and all of it once that is waited for', async () => {
    const { recorder, lines } = open();
    const ids = [await recorder.record(ASKED), await recorder.record({ ...ASKED, memoryIds: ['c'] })];
    await recorder.flush();
    expect(new Set(ids).size).toBe(2);
    expect(await sql('select recall_id, memory_id from dreams.recall_events order by memory_id')).toEqual([
      { recall_id: ids[0], memory_id: 'a' },
      { recall_id: ids[0], memory_id: 'b' },
      { recall_id: ids[1], memory_id: 'c' },
    ]);
    expect(lines).toEqual([]);
  });

  test('nobody waits for, even where PostgreSQL takes its time', async () => {
    const { recorder } = open();
    await recorder.prepare();
    const gate = await postgres.pool.connect();
    onTestFinished(() => gate.release());
    await gate.query('begin; lock table dreams.recall_events');
    expect(await recorder.record(ASKED)).toEqual(expect.any(String));
    expect(await gate.query('select from dreams.recall_events')).toMatchObject({ rowCount: 0 });
    await gate.query('commit');
    await recorder.flush();
    expect(await rows()).toEqual(['a', 'b']);
  });

  test('is not recorded where nothing was', async () => {
    const { recorder } = open(() => expect.unreachable());
    expect(await recorder.record({ ...ASKED, memoryIds: [] })).toBeUndefined();
  });
});

describe('where it cannot be written it is said once, in one line, and the recall goes on:', () => {
  async function expectSaid(opened: ReturnType<typeof open>, message: RegExp): Promise<void> {
    const { recorder, lines } = opened;
    expect([await recorder.record(ASKED), await recorder.record(ASKED)]).toEqual([undefined, undefined]);
    await recorder.flush();
    expect(lines).toEqual([expect.stringMatching(message)]);
    expect(lines[0]).toMatch(/^recall: not recorded, .*[^\n]$/);
  }

  test('no PostgreSQL', () =>
    expectSaid(
      open(() => poolAt('postgresql://127.0.0.1:1/none').connect()),
      /ECONNREFUSED/,
    ));

  test('no schema yet', async () => {
    await sql('drop schema dreams cascade');
    await expectSaid(open(), /schema dreams has no table for it yet; the next cycle makes it/);
  });

  test('no right to', async () => {
    await sql(`grant usage on schema dreams to ${ROLE}`);
    const url = Object.assign(new URL(postgres.url), { username: ROLE, password: 'recaller1password' }).href;
    await expectSaid(
      open(() => poolAt(url).connect()),
      /role "recaller" may not add to .* grant select, insert on dreams\.recall_events/,
    );
  });

  test('a standby, or a database that is read-only', async () => {
    const url = new URL(postgres.url);
    url.searchParams.set('options', '-c default_transaction_read_only=on');
    await expectSaid(
      open(() => poolAt(url.href).connect()),
      /takes no writes/,
    );
  });

  test('a column that somebody dropped', async () => {
    await sql('alter table dreams.recall_events drop column rank cascade');
    await expectSaid(open(), /lacks a column/);
  });

  test('a server that went away after it was looked at', async () => {
    let gone = false;
    const { recorder, lines } = open(() => (gone ? Promise.reject(new Error('terminated')) : postgres.pool.connect()));
    await recorder.prepare();
    gone = true;
    await recorder.record(ASKED);
    await recorder.flush();
    expect(await recorder.record(ASKED)).toBeUndefined();
    expect(lines).toEqual([expect.stringContaining('terminated')]);
  });

  test('and is tried again a minute later', async () => {
    const now = vi.spyOn(performance, 'now');
    onTestFinished(() => now.mockRestore());
    await sql('alter schema dreams rename to gone');
    onTestFinished(async () => {
      await sql('drop schema if exists gone cascade');
    });
    const { recorder, lines } = open();
    now.mockReturnValue(1_000);
    expect(await recorder.record(ASKED)).toBeUndefined();
    await sql('alter schema gone rename to dreams');
    now.mockReturnValue(60_000);
    expect(await recorder.record(ASKED)).toBeUndefined();
    now.mockReturnValue(62_000);
    // Nobody waits for the look either.
    expect(await recorder.record(ASKED)).toBeUndefined();
    await recorder.flush();
    expect(await recorder.record(ASKED)).toEqual(expect.any(String));
    await recorder.flush();
    expect(await rows()).toEqual(['a', 'b']);
    expect(lines).toHaveLength(1);
  });
});
