import { createHash } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type pg from 'pg';
import { ConfigurationError, ServiceError } from '../../memory/errors.ts';
import { recordRecall } from '../../recall/events.ts';
import { giveFeedback, readGrades, type Feedback } from '../../recall/feedback.ts';
import { runMigrations } from '../support/dreams.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';

let postgres: TestPostgres;
let client: pg.PoolClient;
beforeAll(async () => {
  postgres = await openPostgres();
  client = await postgres.pool.connect();
  return async () => {
    client.release();
    await postgres.drop();
  };
});
beforeEach(async () => {
  await sql('drop schema if exists dreams cascade; create schema dreams');
  await runMigrations(postgres.pool);
});

const sql = async (text: string) => (await postgres.pool.query<Record<string, unknown>>(text)).rows;
const rows = () => sql('select * from dreams.recall_events order by kind, rank');

const RECALL = {
  ...{ recallId: 'r1', target: 'dev', agent: null, question: 'Who has the key?', keepsQuestion: false },
  ...{ askedAt: '2026-03-02T12:00:00.000Z', memoryIds: ['m1', 'm2', 'm3'] },
};
const give = async ({ asOf, ...feedback }: Feedback, recallId = 'r1', target = 'dev') =>
  giveFeedback(client, { recallId, target, asOf }, readGrades(feedback));

describe('a recall', () => {
  test('is recorded as one row for each memory, with the question as a hash', async () => {
    await recordRecall(client, { ...RECALL, agent: 'scout' });
    const found = await rows();
    expect(found.map(({ memory_id, rank, kind }) => [memory_id, rank, kind])).toEqual([
      ['m1', 1, 'recalled'],
      ['m2', 2, 'recalled'],
      ['m3', 3, 'recalled'],
    ]);
    expect(found[0]).toMatchObject({
      ...{ target: 'dev', recall_id: 'r1', agent: 'scout', question: null, asked_at: new Date(RECALL.askedAt) },
      ...{ noted_at: new Date(RECALL.askedAt), recorded_at: expect.any(Date) },
      question_hash: createHash('sha256').update('Who has the key?').digest('hex'),
    });
  });

  test.each([
    ['Who has the key? 🔑', 'Who has the key? 🔑'],
    ['a\0b', 'ab'],
    [`half of a pair \ud83d`, 'half of a pair \ufffd'],
    [`'); drop table dreams.recall_events; --`, `'); drop table dreams.recall_events; --`],
  ])('keeps the text of %j where the profile says so', async (question, kept) => {
    await recordRecall(client, { ...RECALL, question, keepsQuestion: true });
    expect((await rows()).map((row) => row['question'])).toEqual([kept, kept, kept]);
  });
});

describe('feedback', () => {
  beforeEach(() => recordRecall(client, RECALL));

  test('adds a row for each grade and says how the recall stands', async () => {
    expect(await give({ used: ['m3'], wrong: ['m1'] })).toEqual({
      ...{ recall_id: 'r1', used: ['m3'], wrong: ['m1'], ungraded: ['m2'], recorded: 2 },
    });
    const graded = (await rows()).filter(({ kind }) => kind !== 'recalled');
    expect(graded.map(({ kind, memory_id, rank }) => [kind, memory_id, rank])).toEqual([
      ['used', 'm3', 3],
      ['wrong', 'm1', 1],
    ]);
  });

  test('takes the first characters of an id, eight or more, where one memory of the recall begins with them', async () => {
    await recordRecall(client, { ...RECALL, recallId: 'r2', memoryIds: ['m-0000001', 'm-0000002', 'n-0000001'] });
    expect(await give({ used: ['n-000000'] }, 'r2')).toMatchObject({ used: ['n-0000001'], recorded: 1 });
    await expect(give({ used: ['m-000000'] }, 'r2')).rejects.toThrow(/^m-000000: not in recall r2/);
    await expect(give({ used: ['m-00000'] }, 'r2')).rejects.toThrow(/^m-00000: not in recall r2/);
    await expect(give({ used: ['m-0000001'], wrong: ['n-000000', 'n-0000001'] }, 'r2')).rejects.toThrow(
      /a grade stands/,
    );
    await recordRecall(client, { ...RECALL, recallId: 'r3', memoryIds: ['m-00000001'] });
    await expect(give({ used: ['m-000000'], wrong: ['m-00000001'] }, 'r3')).rejects.toThrow(/used and as wrong/);
  });

  test('that is given once more, or twice at once, changes nothing', async () => {
    await give({ used: ['m1', 'm1'] });
    const before = await rows();
    expect(await give({ used: ['m1'] })).toMatchObject({ used: ['m1'], recorded: 0 });
    expect(await rows()).toEqual(before);
    expect(await give({ used: ['m1', 'm2'] })).toMatchObject({ used: ['m1', 'm2'], recorded: 1 });
  });

  test('comes as long after the question as it really did, also of a question as of another time', async () => {
    await sql(`update dreams.recall_events set recorded_at = clock_timestamp() - interval '2 hours'`);
    await give({ used: ['m1'] });
    const [row] =
      await sql(`select noted_at - asked_at > interval '2 hours' and noted_at - asked_at < interval '2 hours 1 minute' as so,
      asked_at from dreams.recall_events where kind = 'used'`);
    expect(row).toEqual({ so: true, asked_at: new Date(RECALL.askedAt) });
  });

  test('comes at the time that is said, but not before the question', async () => {
    await give({ used: ['m1'], asOf: '2026-03-05T00:00:00.000Z' });
    await give({ used: ['m2'], asOf: '2026-03-01T00:00:00.000Z' });
    expect(await sql(`select noted_at from dreams.recall_events where kind = 'used' order by rank`)).toEqual([
      { noted_at: new Date('2026-03-05T00:00:00.000Z') },
      { noted_at: new Date(RECALL.askedAt) },
    ]);
  });

  test.each<[string, Parameters<typeof give>, RegExp]>([
    ['nothing', [{}], /^expected the id of a memory that was used, or of one that was wrong, got none$/],
    ['the same as used and as wrong', [{ used: ['m1', 'm2'], wrong: ['m2'] }], /^m2: given as used and as wrong/],
    ['of an unknown recall', [{ used: ['m1'] }, 'r9'], /^no recall r9 is recorded/],
    [
      'of a recall of another target',
      [{ used: ['m1'] }, 'r1', 'prod'],
      /^recall r1 asked the memories of target dev, not those of prod$/,
    ],
    [
      'of memories that were not in it',
      [{ used: ['m1', 'm8'], wrong: ['m9'] }],
      /^m8, m9: not in recall r1, which gave m1, m2, m3$/,
    ],
  ])('%s is refused, and nothing is kept of it', async (_, given, message) => {
    const giving = give(...given);
    await expect(giving).rejects.toBeInstanceOf(ConfigurationError);
    await expect(giving).rejects.toThrow(message);
    expect(await rows()).toHaveLength(3);
  });

  test('against an earlier one is refused, and the earlier one stands', async () => {
    await give({ used: ['m1'] });
    const giving = give({ wrong: ['m1', 'm2'] });
    await expect(giving).rejects.toThrow(/^m1 was said to be used before: a grade stands/);
    expect((await rows()).filter(({ kind }) => kind !== 'recalled')).toHaveLength(1);
  });

  test('of two at the same time leaves one grade, and the other is told', async () => {
    const other = await postgres.pool.connect();
    onTestFinished(() => other.release());
    await other.query('begin');
    await giveFeedback(other, { recallId: 'r1', target: 'dev' }, readGrades({ used: ['m1'] }));
    const giving = give({ wrong: ['m1'] });
    const told = expect(giving).rejects.toThrow(/m1 was said to be used before/);
    await expect
      .poll(async () => (await sql(`select from pg_locks where not granted`)).length, { timeout: 10_000 })
      .toBeGreaterThan(0);
    await other.query('commit');
    await told;
    expect((await rows()).filter(({ kind }) => kind !== 'recalled').map(({ kind }) => kind)).toEqual(['used']);
  });

  test('has nowhere to go before the first cycle has made schema dreams', async () => {
    await sql('drop schema dreams cascade');
    const giving = give({ used: ['m1'] });
    await expect(giving).rejects.toBeInstanceOf(ServiceError);
    await expect(giving).rejects.toThrow(/^feedback cannot be kept: schema dreams has no table for it yet/);
  });
});
