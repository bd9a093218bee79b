import type pg from 'pg';
import { beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../source/journal.ts';
import { createMemories, openTable, writeMemories } from '../../source/memories.ts';
import { listNights, liveUntil, spreadNights, stageJournal } from '../../source/tour.ts';
import { makeProfile } from '../support/database.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';

const profile = makeProfile();

let postgres: TestPostgres;
let client: pg.PoolClient;
beforeAll(async () => {
  postgres = await openPostgres();
  return () => postgres.drop();
});
beforeEach(async () => {
  client = await postgres.pool.connect();
  await client.query('drop table if exists public.memories');
  await createMemories(client);
});
// A connection with a temporary table is not given back.
afterEach(() => client.release(true));

const entry = (id: string, at: string, more: Partial<JournalEntry> = {}): JournalEntry => ({
  ...{ id, content: `memory ${id}`, created_at: at, updated_at: at },
  ...{ tags: [], context: null, metadata: {} },
  ...more,
});
const contents = async () =>
  Object.fromEntries(
    (
      await client.query<{ id: string; content: string }>('select id, content from public.memories order by id')
    ).rows.map(({ id, content }) => [id, content]),
  );

describe('writing memories', () => {
  test('fills every column, byte for byte', async () => {
    const given = entry('a', '1961-08-13T00:00:00.123Z', {
      content: `'"\\ 👩‍🚀\u0001\u2028\r\n'); drop table memories; --`,
      tags: ['x', 'it, "is"'],
      context: 'here',
      metadata: { agent: 'ada', n: [1, null] },
    });
    expect(await writeMemories(client, profile, [given])).toBe(1);
    const { rows } = await client.query<Record<string, unknown>>('select * from public.memories');
    const time = new Date(given.created_at);
    expect(rows).toEqual([{ ...given, created_at: time, updated_at: time }]);
  });

  test('a second time changes nothing', async () => {
    const entries = [entry('a', '2026-03-01T10:00:00Z'), entry('b', '2026-03-01T11:00:00Z')];
    expect(await writeMemories(client, profile, entries)).toBe(2);
    expect(await writeMemories(client, profile, entries)).toBe(0);
  });

  test('keeps the later version of a memory, in whatever order they come', async () => {
    const [early, late] = ['2026-03-01T10:00:00Z', '2026-03-02T10:00:00Z'].map((at) => entry('a', at, { content: at }));
    await writeMemories(client, profile, [late!, early!]);
    await writeMemories(client, profile, [early!]);
    expect(await contents()).toEqual({ a: '2026-03-02T10:00:00Z' });
  });

  test('is all or nothing', async () => {
    const entries = Array.from({ length: 1_500 }, (_, index) => entry(`m${index}`, '2026-03-01T10:00:00Z'));
    async function* broken() {
      yield* entries;
      throw new Error('line 1501 is no JSON');
    }
    await expect(writeMemories(client, profile, broken())).rejects.toThrow('line 1501 is no JSON');
    expect(await contents()).toEqual({});
    expect(await writeMemories(client, profile, entries)).toBe(1_500);
  });

  test("goes to the profile's own table and columns, and leaves out those that it has not", async () => {
    await client.query(
      `drop schema if exists "Agents" cascade; create schema "Agents";
       create table "Agents"."Notes ""1""" ("Key" uuid primary key, body text, "When" timestamp with time zone, labels text[])`,
    );
    const columns = { id: 'Key', content: 'body', created_at: 'When', tags: 'labels' };
    const none = { updated_at: null, agent: null, context: null, metadata: null };
    const source = { schema: 'Agents', table: 'Notes "1"', columns: { ...columns, ...none } };
    const own = makeProfile({ pipeline: { source } });
    const id = '5b0f6c1e-3d0a-4a57-9d5e-0c8b1f6f2a41';
    await writeMemories(client, own, [entry(id, '2026-03-01T10:00:00Z', { tags: ['x'] })]);
    const { rows } = await client.query<Record<string, unknown>>('select * from "Agents"."Notes ""1"""');
    expect(rows).toEqual([{ Key: id, body: `memory ${id}`, When: new Date('2026-03-01T10:00:00Z'), labels: ['x'] }]);
  });
});

test('creating the table leaves one that is there alone', async () => {
  await writeMemories(client, profile, [entry('a', '2026-03-01T10:00:00Z')]);
  await createMemories(client);
  expect(await contents()).toEqual({ a: 'memory a' });
});

describe('the nights of a journal', () => {
  async function nightsOf(timezone: string, ...times: string[]): Promise<string[]> {
    const table = await openTable(client, profile);
    await stageJournal(client, table, asJournal(times.map((at, index) => entry(`m${index}`, at))));
    return listNights(client, table, timezone);
  }

  test('are one after each day on which something was written, at three', async () => {
    expect(await nightsOf('UTC', '2026-03-05T23:59:59Z', '2026-03-01T09:00:00Z', '2026-03-01T12:00:00Z')).toEqual([
      '2026-03-02T03:00:00.000Z',
      '2026-03-06T03:00:00.000Z',
    ]);
  });

  test('count what was written before three in the morning to the day before', async () => {
    expect(await nightsOf('UTC', '2026-03-02T02:59:59Z')).toEqual(['2026-03-02T03:00:00.000Z']);
  });

  test('begin at the very hour: what was written then belongs to the next', async () => {
    expect(await nightsOf('UTC', '2026-03-02T03:00:00Z')).toEqual(['2026-03-03T03:00:00.000Z']);
  });

  test('are those of the time zone, in summer time too', async () => {
    expect(
      await nightsOf('Europe/Berlin', '2026-03-01T12:00:00Z', '2026-07-01T00:30:00Z', '2026-07-01T01:30:00Z'),
    ).toEqual(['2026-03-02T02:00:00.000Z', '2026-07-01T01:00:00.000Z', '2026-07-02T01:00:00.000Z']);
  });

  test('are none for an empty journal', async () => {
    expect(await nightsOf('UTC')).toEqual([]);
  });
});

test('living until a night writes what had been written by then, each memory in its version of that time', async () => {
  const [first, second] = ['2026-03-01T10:00:00Z', '2026-03-02T10:00:00Z'];
  const journal = [
    entry('a', second, { content: 'changed' }),
    entry('a', first),
    entry('b', second),
    entry('c', '2026-03-02T03:00:00Z'),
  ];
  const table = await openTable(client, profile);
  await stageJournal(client, table, asJournal(journal));
  expect(await contents()).toEqual({});
  await liveUntil(client, table, null, '2026-03-02T03:00:00Z');
  expect(await contents()).toEqual({ a: 'memory a', c: 'memory c' });
  await liveUntil(client, table, '2026-03-02T03:00:00Z', '2026-03-03T03:00:00Z');
  expect(await contents()).toEqual({ a: 'changed', b: 'memory b', c: 'memory c' });
});

describe('spreading nights', () => {
  const nights = ['2026-03-02T03:00:00.000Z', '2026-03-05T03:00:00.000Z', '2026-03-12T03:00:00.000Z'];

  test('gives so many, evenly from the first to the last', () => {
    expect(spreadNights(nights, 3)).toEqual([
      '2026-03-02T03:00:00.000Z',
      '2026-03-07T03:00:00.000Z',
      '2026-03-12T03:00:00.000Z',
    ]);
    expect(spreadNights(nights, 11)).toHaveLength(11);
  });

  test('gives the last for one, and none for no journal', () => {
    expect(spreadNights(nights, 1)).toEqual(['2026-03-12T03:00:00.000Z']);
    expect(spreadNights([], 5)).toEqual([]);
  });

  test('gives each night once', () => {
    expect(spreadNights(nights.slice(0, 1), 4)).toEqual(['2026-03-02T03:00:00.000Z']);
  });
});

async function* asJournal(entries: readonly JournalEntry[]) {
  yield* entries;
}
