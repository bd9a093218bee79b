import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { UnknownMemoryError } from '../../memory/errors.ts';
import type { Memory } from '../../program/memory.ts';
import { openMemory } from '../../program/open-memory.ts';
import { printLife } from '../../report/why.ts';
import type { JournalEntry } from '../../source/journal.ts';
import { makeFolder } from '../support/database.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';
import { openFileLab, type FileLab } from '../support/real-lab.ts';
import { writeProfile } from '../support/worker.ts';

const UNREAD = 'b5f0c2a4-0000-4000-8000-000000000001';
const ASKED = { asOf: '2026-03-02T12:00:00Z' };

let postgres: TestPostgres;
let file: FileLab;
beforeAll(async () => {
  postgres = await openPostgres();
  return () => postgres.drop();
});
beforeEach(async () => {
  await postgres.pool.query('drop schema if exists dreams cascade; drop table if exists public.memories cascade');
  file = await openFileLab(postgres);
  await file.write([entry('gate', 'The gate needs oil.', '2026-03-01T10:00:00.000Z')]);
});

/** A memory that was written after the last night, whose life is asked for. */
async function openUnread(): Promise<Memory> {
  await file.night('2026-03-02T03:00:00.000Z');
  await file.write([entry(UNREAD, 'The pump needs oil.', '2026-03-02T09:00:00.000Z')]);
  return open();
}

const entry = (id: string, content: string, at: string): JournalEntry => {
  return { id, content, created_at: at, updated_at: at, tags: ['oil'], context: null, metadata: { agent: 'ada' } };
};

function open(): Memory {
  const folder = makeFolder();
  writeProfile(folder, 'test', postgres.url, { path: file.path, pipeline: { llm: { embed: null } } });
  const memory = openMemory({ profilesDir: folder, workspace: folder, report: () => undefined });
  onTestFinished(() => memory.close());
  return memory;
}

test('what recall has just given has a life, with its words and nothing that a cycle makes of them', async () => {
  const memory = await openUnread();
  const { results } = await memory.recall('Which pump?', { ...ASKED, limit: 1 });
  expect(results.map(({ id }) => id)).toEqual([UNREAD]);
  const life = await memory.why(UNREAD, ASKED);
  expect(life).toMatchObject({ content: 'The pump needs oil.', agent: 'ada', tags: ['oil'], source: { cycle: null } });
  expect(life).toMatchObject({ strength: null, importance: null, fate: null, links: [], events: [] });
  expect(printLife(life, { colour: false, width: 80 })).toContain('no cycle has read it yet');
});

test('the beginning of its id stands for it, and before it was written it is unknown', async () => {
  const memory = await openUnread();
  expect(await memory.why(UNREAD.slice(0, 8), ASKED)).toMatchObject({ id: UNREAD });
  await expect(memory.why(UNREAD, { asOf: '2026-03-02T08:00:00Z' })).rejects.toThrow(UnknownMemoryError);
  await expect(memory.why('b5f0c2a', ASKED)).rejects.toThrow(UnknownMemoryError);
});

test('before the first cycle it is the same', async () => {
  expect(await open().why('gate', ASKED)).toMatchObject({ content: 'The gate needs oil.', source: { cycle: null } });
});

test('it is shown before it is forgotten, beside what the file has', async () => {
  const memory = await openUnread();
  const held = await memory.lookUp([UNREAD, 'nobody', 'gate']);
  expect(held.map(({ content }) => content)).toEqual(['The pump needs oil.', 'The gate needs oil.']);
});

test('questions that were asked before it is closed are answered as if it stayed open', async () => {
  const memory = await openUnread();
  const asked = memory.recall('Which pump?', { ...ASKED, limit: 1 });
  await memory.close();
  expect(await asked).toMatchObject({ results: [{ id: UNREAD }], source: { newer: 1 } });
});
