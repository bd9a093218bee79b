import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMemories } from '../../source/memories.ts';
import type { FeedbackReport, RecallReport } from '../../program/memory.ts';
import { biomem, biomemJson } from '../support/biomem.ts';
import { makeFolder } from '../support/database.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';
import { shareServices } from '../support/services.ts';
import { startWorker, writeProfile } from '../support/worker.ts';

let temporal: string;
let postgres: TestPostgres;
beforeAll(async () => {
  temporal = (await shareServices()).temporal.address;
  postgres = await openPostgres();
  const client = await postgres.pool.connect();
  await createMemories(client);
  await client.query(`insert into public.memories (id, content, created_at, updated_at)
    select 'm' || n, 'The pump of house ' || n || ' needs oil.', timestamptz '2026-03-01 10:00Z' + n * interval '1 hour', '2026-03-01 10:00Z'
    from generate_series(1, 3) n`);
  client.release();
});
afterAll(() => postgres.drop());

test('what is asked in a terminal and said to have been of use is stronger after the next cycle of a worker', async () => {
  const folder = makeFolder();
  const target = `feedback-${String(process.pid)}`;
  writeProfile(folder, target, postgres.url, { pipeline: { llm: { embed: null } } });
  const worker = await startWorker(folder, target, {}, temporal);
  const options = { workspace: join(folder, 'workspace') };
  const shared = ['--target', target, '--profiles-dir', folder];
  const ask = ['recall', 'Which pump needs oil?', '--as-of', '2026-03-02T12:00:00Z', ...shared];

  await worker.cycle('2026-03-02T03:00:00Z');
  const { recall_id: id = '', results } = await biomemJson<RecallReport>(ask, options);
  const [used, wrong] = results.map((each) => each.id) as [string, string];
  const give = ['feedback', id, '--used', used, '--wrong', wrong, ...shared];
  expect(await biomemJson<FeedbackReport>(give, options)).toMatchObject({ used: [used], wrong: [wrong], recorded: 2 });
  expect((await biomem(give, options)).stdout).toBe('nothing new: of this recall 1 used, 1 wrong, 1 not graded');

  const unrecorded = await biomem([...ask, '--no-record'], options);
  expect([unrecorded.stderr, unrecorded.stdout.includes('biomem feedback')]).toEqual(['', false]);
  const shown = await biomem(ask, options);
  expect(shown.stdout).toMatch(
    /\n\nnpx biomem feedback [0-9a-f-]{36} --used ID… --wrong ID… --workspace \S+workspace$/,
  );

  const { stages } = await worker.cycle('2026-03-03T03:00:00Z');
  const counts = stages.find(({ stage }) => stage === 'consolidation')?.counts;
  expect(counts).toMatchObject({ recalls_used: 1, recalls_wrong: 1 });
  const { rows } = await postgres.pool.query<{ memory_id: string }>(
    'select memory_id from dreams.long_term_memories order by stability desc limit 1',
  );
  expect(rows).toEqual([{ memory_id: used }]);
}, 180_000);
