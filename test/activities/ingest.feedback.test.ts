import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMemories } from '../../source/memories.ts';
import { runMigrations } from '../support/dreams.ts';
import type { Lab } from '../support/lab.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';
import { openRealLab } from '../support/real-lab.ts';

const NOON = '2026-03-02T12:00:00.000Z';
const NIGHT = '2026-03-03T03:00:00.000Z';
const ROLE = 'recall_reader';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await openPostgres();
  await sql(`create role ${ROLE} login password 'reader1password'`);
  return async () => {
    await sql(`drop owned by ${ROLE}; drop role ${ROLE}`);
    await postgres.drop();
  };
});
beforeEach(async () => {
  await sql('drop schema if exists dreams cascade; drop table if exists public.memories; create schema dreams');
  const client = await postgres.pool.connect();
  await createMemories(client);
  client.release();
  await runMigrations(postgres.pool);
});

const sql = async (text: string) => (await postgres.pool.query<Record<string, unknown>>(text)).rows;

/** A grade in schema dreams, written now by PostgreSQL's clock unless told otherwise. */
const grade = (id: string, { recall = 'r', kind = 'used', target = 'test', recorded = 'clock_timestamp()' } = {}) =>
  `insert into dreams.recall_events (target, recall_id, kind, memory_id, rank, question_hash, asked_at, noted_at, recorded_at)
   values ('${target}', '${recall}', '${kind}', '${id}', 1, '', '2026-03-01 10:00Z', '2026-03-01 10:01Z', ${recorded})`;

/** A waking look, or with `everyRow` a night's. */
async function look(lab: Lab, asOf: string, everyRow = false): Promise<unknown[]> {
  await lab.run('ingestMemories', asOf, undefined, { everyRow });
  return lab.list('select recall_id || memory_id from recall_feedback order by 1');
}

describe('what recalls were told, in schema dreams', () => {
  test('is copied as it stands there, without what was only recalled and without that of another target', async () => {
    const lab = await openRealLab(postgres);
    await sql(grade('a', { kind: 'recalled' }));
    await sql(grade('a'));
    await sql(grade(`it''s "b"`, { kind: 'wrong' }));
    await sql(grade('c', { target: 'prod' }));
    await look(lab, NOON);
    expect(
      await lab.rows(`select * replace (asked_at::varchar as asked_at, noted_at::varchar as noted_at), recorded_at > '2026-01-01' as late
        from (select * exclude (recorded_at), recorded_at from recall_feedback) order by memory_id`),
    ).toMatchObject([
      { recall_id: 'r', memory_id: 'a', kind: 'used', rank: 1, asked_at: '2026-03-01 10:00:00', folded_in: null },
      { memory_id: `it's "b"`, kind: 'wrong', noted_at: '2026-03-01 10:01:00' },
    ]);
  });

  test('is looked for from the last that was seen on, and in the ten minutes before it: a transaction may commit late', async () => {
    const lab = await openRealLab(postgres);
    await sql(grade('a'));
    const late = await postgres.pool.connect();
    await late.query('begin');
    await late.query(grade('late', { recorded: `clock_timestamp() - interval '9 minutes'` }));
    expect(await look(lab, NOON)).toEqual(['ra']);
    await late.query('commit');
    late.release();
    expect(await look(lab, '2026-03-02T12:05:00Z')).toEqual(['ra', 'rlate']);
  });

  test('and committed later than that is found by the next night', async () => {
    const lab = await openRealLab(postgres);
    await sql(grade('a'));
    await look(lab, NOON);
    await sql(grade('hours-late', { recorded: `clock_timestamp() - interval '3 hours'` }));
    expect(await look(lab, '2026-03-02T12:05:00Z')).toEqual(['ra']);
    expect(await look(lab, NIGHT, true)).toEqual(['ra', 'rhours-late']);
  });

  test('is read once: another look adds nothing, and what is folded stays so', async () => {
    const lab = await openRealLab(postgres);
    await sql(grade('a'));
    await look(lab, NOON);
    await lab.rows(`update recall_feedback set folded_in = 'x'`);
    expect(await look(lab, NIGHT, true)).toEqual(['ra']);
    expect(await lab.list('select folded_in from recall_feedback')).toEqual(['x']);
  });

  test('is not missed where no cycle has made the table yet', async () => {
    const lab = await openRealLab(postgres);
    await sql('drop table dreams.recall_events cascade');
    expect(await look(lab, NOON)).toEqual([]);
    await sql('drop schema dreams cascade');
    expect(await look(lab, NIGHT)).toEqual([]);
    expect(lab.lines).toEqual([]);
  });

  test('stops no cycle where the role may not read it, which is told with what to do', async () => {
    await sql(`grant usage on schema dreams to ${ROLE}; grant select on public.memories to ${ROLE}`);
    const url = Object.assign(new URL(postgres.url), { username: ROLE, password: 'reader1password' }).href;
    const lab = await openRealLab({ ...postgres, url });
    await sql(grade('a'));
    expect(await look(lab, NOON)).toEqual([]);
    expect(lab.lines).toEqual([
      expect.stringMatching(
        /is not read: role "recall_reader" may not read .*grant select on dreams\.recall_events to/,
      ),
    ]);
    await sql(`grant select on dreams.recall_events to ${ROLE}`);
    expect(await look(lab, NIGHT)).toEqual(['ra']);
  });

  test('stops no cycle where somebody dropped a column of it', async () => {
    const lab = await openRealLab(postgres);
    await sql('alter table dreams.recall_events drop column noted_at');
    expect(await look(lab, NOON)).toEqual([]);
    expect(lab.lines).toEqual([expect.stringContaining('lacks a column')]);
  });

  test('with a time that is none is left out', async () => {
    const lab = await openRealLab(postgres);
    await sql(grade('a'));
    await sql(`${grade('b')}; update dreams.recall_events set asked_at = 'infinity' where memory_id = 'b'`);
    expect(await look(lab, NOON)).toEqual(['ra']);
  });

  test('is folded by the same cycle, and outlives a schema that is written whole again', async () => {
    const lab = await openRealLab(postgres);
    await sql(`insert into public.memories (id, content, metadata, created_at, updated_at)
      values ('a', 'The pump needs oil.', '{"agent": "ada"}', '2026-03-01 09:00Z', '2026-03-01 09:00Z')`);
    await sql(grade('a'));
    const { consolidateTraces } = await lab.live(NIGHT, [
      ...(['ingestMemories', 'readFeatures', 'attendMemories', 'bindEpisodes'] as const),
      ...(['consolidateTraces', 'writeBackDreams'] as const),
    ]);
    expect(consolidateTraces).toMatchObject({ recalls_used: 1 });
    await sql('delete from dreams.processing_metrics');
    await lab.run('writeBackDreams', '2026-03-04T03:00:00Z');
    expect(await sql('select memory_id, recalled, used, wrong, last_used_at from dreams.recalled_memories')).toEqual([
      { memory_id: 'a', recalled: 0, used: 1, wrong: 0, last_used_at: new Date('2026-03-01T10:00:00Z') },
    ]);
  });
});
