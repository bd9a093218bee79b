import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Memory } from '../../program/memory.ts';
import { openMemory } from '../../program/open-memory.ts';
import type { JournalEntry } from '../../source/journal.ts';
import { makeFolder } from '../support/database.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';
import { openFileLab, type FileLab } from '../support/real-lab.ts';
import { writeProfile } from '../support/worker.ts';

const NIGHTS = ['2026-03-02T03:00:00.000Z', '2026-03-03T03:00:00.000Z'] as const;
const ASKED = { asOf: '2026-03-02T12:00:00Z' };

let postgres: TestPostgres;
let file: FileLab;
let lines: string[];
beforeAll(async () => {
  postgres = await openPostgres();
  return () => postgres.drop();
});
beforeEach(async () => {
  await postgres.pool.query('drop schema if exists dreams cascade; drop table if exists public.memories cascade');
  file = await openFileLab(postgres);
  await file.write([entry('pump', 'The pump needs oil.', 8), entry('gate', 'The gate needs oil.', 10)]);
  await file.night(NIGHTS[0]);
  lines = [];
});

const entry = (id: string, content: string, hour: number): JournalEntry => {
  const at = new Date(Date.UTC(2026, 2, 1, hour)).toISOString();
  return { id, content, created_at: at, updated_at: at, tags: [], context: null, metadata: { agent: 'ada' } };
};

/** The memory that the laboratory has published, of a profile that names its PostgreSQL itself. */
function open(url = postgres.url, pipeline = {}): Memory {
  const folder = makeFolder();
  writeProfile(folder, 'test', url, { path: file.path, pipeline: { llm: { embed: null }, ...pipeline } });
  const memory = openMemory({ profilesDir: folder, workspace: folder, report: (line) => void lines.push(line) });
  onTestFinished(() => memory.close());
  return memory;
}

const rows = async (sql = 'select kind, memory_id from dreams.recall_events order by kind, rank') =>
  (await postgres.pool.query<Record<string, unknown>>(sql)).rows;

describe('a program that recalls', () => {
  test('says of what use it was, and the next night strengthens that', async () => {
    const memory = open();
    const { recall_id: id = '', results } = await memory.recall('Who needs oil?', ASKED);
    expect(results.map((each) => each.id).toSorted()).toEqual(['gate', 'pump']);
    expect(await memory.feedback(id, { used: ['pump'] })).toMatchObject({ used: ['pump'], ungraded: ['gate'] });
    const stability = () => file.lab.list('select stability from trace order by memory_id');
    const before = await stability();
    await file.night(NIGHTS[1]);
    const after = await stability();
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toBeGreaterThan(before[1] as number);
    expect(lines).toEqual([]);
  });

  test('has recorded all when it is closed', async () => {
    const memory = open();
    await memory.recall('Who needs oil?', { ...ASKED, limit: 1 });
    await memory.recall('The gate?', { ...ASKED, limit: 1, agent: 'ada' });
    await memory.close();
    expect(await rows('select agent, rank, question from dreams.recall_events order by agent')).toEqual([
      { agent: 'ada', rank: 1, question: null },
      { agent: null, rank: 1, question: null },
    ]);
  });

  test('leaves nothing behind where it does not want to, and the question where the profile says so', async () => {
    const memory = open(postgres.url, { recall: { keep_questions: true } });
    expect(await memory.recall('Who needs oil?', { ...ASKED, record: false })).not.toHaveProperty('recall_id');
    await memory.recall('The pump?', { ...ASKED, limit: 1 });
    await memory.close();
    expect(await rows('select question from dreams.recall_events')).toEqual([{ question: 'The pump?' }]);
  });

  test('gets its answers without PostgreSQL too, without an id, and is told so once', async () => {
    const memory = open('postgresql://127.0.0.1:1/none');
    for (const question of ['Who needs oil?', 'The pump?']) {
      const found = await memory.recall(question, ASKED);
      expect(found.results).not.toEqual([]);
      expect(found).not.toHaveProperty('recall_id');
    }
    expect(lines.toSorted()).toEqual([
      expect.stringMatching(/^recall: not recorded, .*ECONNREFUSED/),
      expect.stringMatching(/^recall: what was written since the last cycle is not looked for: .*ECONNREFUSED/),
    ]);
    await expect(memory.feedback('r1', { used: ['pump'] })).rejects.toThrow(/ECONNREFUSED/);
  });

  test('is told where to name one when there is none at all', async () => {
    const memory = openMemory({ workspace: makeFolder(), profilesDir: new URL('../..', import.meta.url).pathname });
    onTestFinished(() => memory.close());
    await expect(memory.feedback('r1', { used: ['pump'] })).rejects.toThrow(
      /^no PostgreSQL runs for it\. Name yours in POSTGRES_DB_URL, or start/,
    );
  });
});
