import { copyFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { biomem, biomemJson } from '../support/biomem.ts';
import { makeFolder } from '../support/database.ts';
import { makeProfile } from '../support/debug.ts';
import { exportOf, makeFile } from '../support/import.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';
import { createMemories } from '../../source/memories.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await openPostgres();
  return () => postgres.drop();
});
beforeEach(async () => {
  await postgres.pool.query('drop table if exists public.memories');
  const client = await postgres.pool.connect();
  await createMemories(client);
  client.release();
});

function open(source: Record<string, unknown> = {}) {
  const attach = [{ path: postgres.url, type: 'postgres', alias: 'source_memories', read_only: true }];
  const { folder, workspace } = makeProfile({ extensions: ['postgres_scanner'], attach, pipeline: { source } });
  return { profiles: ['--profiles-dir', folder], run: { workspace, env: { POSTGRES_DB_URL: postgres.url } } };
}

const rows = async () =>
  (await postgres.pool.query<Record<string, unknown>>('select * from public.memories order by created_at, id')).rows;

test(
  'an export is written once: the same again, or a longer one, writes only what is new',
  { timeout: 120_000 },
  async () => {
    const { profiles, run } = open();
    const load = (file: string) => biomem(['remember', '--file', file, '--agent', 'potter', ...profiles], run);
    expect(await load(exportOf('claude.json'))).toMatchObject({
      code: 0,
      stdout:
        'conversations of Claude: 3 memories; left out: attachment (2), tool call (2), thinking (1), empty message (1)\n3 memories written',
    });
    expect((await load(exportOf('claude.json'))).stdout).toMatch(/\n0 memories written$/);
    const [first] = await rows();
    expect(first).toMatchObject({
      content: 'User: Why does my celadon crack?',
      metadata: { agent: 'potter', role: 'user' },
    });
  },
);

test(
  'a file of Markdown that was changed adds what is new and leaves the rest as it is',
  { timeout: 120_000 },
  async () => {
    const { profiles, run } = open();
    const load = (file: string) => biomemJson<{ written: number }>(['remember', '--file', file, ...profiles], run);
    expect(await load(makeFile('# A\n\n- one\n- two\n'))).toMatchObject({
      written: 2,
      format: 'markdown',
      memories: 2,
    });
    const before = await rows();
    const later = makeFile('# A\n\n- one\n- two\n- three\n');
    utimesSync(later, new Date('2026-03-18T09:00:00Z'), new Date('2026-03-18T09:00:00Z'));
    expect(await load(later)).toMatchObject({ written: 1 });
    expect((await rows()).slice(0, 2)).toEqual(before);
  },
);

test('one bad record, at the end too, and nothing is written', { timeout: 120_000 }, async () => {
  const { profiles, run } = open();
  const file = makeFile('[{"id": 1, "memory": "a"}, {"id": 2, "memory": 7}]');
  const { code, stderr } = await biomem(['remember', '--file', file, ...profiles], run);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/record 2: memory: .*Nothing was loaded\.$/)]);
  expect(await rows()).toEqual([]);
});

test('--dry-run tells format, counts, agents, times and the first memories, and needs no service', async () => {
  const file = join(makeFolder(), 'x');
  copyFileSync(exportOf('mem0.json'), file);
  const nothing = { env: { POSTGRES_DB_URL: 'postgresql://127.0.0.1:1/none' } };
  const { code, stdout } = await biomem(['remember', '--file', file, '--dry-run'], nothing);
  expect([code, stdout]).toEqual([
    0,
    `memories of mem0: 2 memories; nothing was written
  written   2026-03-01 16:30 to 2026-03-03 08:00 UTC
  agents    ottilie (1), potter (1)
  left out  empty memory (1), relation of the graph (1)

 1  Prefers the window seat on night trains
    2026-03-01 16:30 UTC, ottilie, #travel #preference

 2  The kiln has to cool for nine hours
    2026-03-03 08:00 UTC, potter`,
  ]);
  expect(await biomemJson(['remember', '--file', file, '--dry-run'], nothing)).toMatchObject({
    ...{ written: 0, format: 'mem0', memories: 2, from: '2026-03-01T16:30:00.123Z', warnings: [] },
    ...{ leftOut: { 'empty memory': 1 }, first: [{ content: 'Prefers the window seat on night trains' }, {}] },
  });
});

test('--dry-run without a file, and a file with a text, are wrong usage', async () => {
  expect(await biomem(['remember', 'x', '--dry-run'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('expected --file'),
  });
  expect(await biomem(['remember', 'x', '--file', 'y'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('got both'),
  });
});
