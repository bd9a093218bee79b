import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Life } from '../../recall/why.ts';
import { createContext } from '../../program/context.ts';
import type { StateChecksum } from '../../memory/types.ts';
import type { DreamReport } from '../../report/dream.ts';
import { clear, makeWorkspace } from '../services/support.ts';
import { biomem, biomemJson, findProcesses } from '../support/biomem.ts';
import { makeLines, writeJournal } from '../support/journal.ts';

// The one thread through all of it that `npm test` has: command, servers of its own, worker, cycles, DuckDB, write-back.
const LINES = makeLines(20, 4);

/**
 * The program's own profile with a table of the user's in it, as README's second step says: it is no matter of the tour's. Without an
 * embedding, whose model a machine may have to download first.
 */
async function writeProfile(): Promise<readonly string[]> {
  const own = await readFile(new URL('../../profiles.yml', import.meta.url), 'utf8');
  const edited = own
    .replace('table: memories', 'table: notes')
    .replace('content: content', 'content: body')
    .replace('updated_at: updated_at', 'updated_at: null');
  expect(edited).not.toBe(own);
  await writeFile(join(folder, 'profiles.yml'), edited.replaceAll(/^(\s+embed:).*$/gm, '$1 null'));
  return ['--profiles-dir', folder];
}

let workspace: string;
let folder: string;
let first: DreamReport;

beforeAll(async () => {
  workspace = await makeWorkspace();
  folder = await makeWorkspace();
  const journal = await writeJournal(folder, 'journal.jsonl', LINES);
  const profile = await writeProfile();
  first = await biomemJson<DreamReport>(['dream', '--journal', journal, ...profile], { workspace });
});
afterAll(async () => {
  await clear(workspace);
  await clear(folder);
});

test('a dream lives each night of a journal and reports it as one JSON document', () => {
  expect(first).toMatchObject({
    target: 'dev',
    workspace,
    services: { temporal: { started: true }, postgres: { started: true }, ollama: null },
    journal: { memories: 20, from: '2026-03-01T08:00:00.000Z' },
    totals: { memories: 20 },
    embedders: [],
    checksum: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect(first.nights.map(({ asOf }) => asOf)).toEqual([2, 3, 4, 5].map((day) => `2026-03-0${day}T03:00:00.000Z`));
  expect(first.nights.map(({ ingested }) => ingested)).toEqual([5, 5, 5, 5]);
  const { fates } = first.totals;
  expect(Object.values(fates).reduce((sum, count) => sum + count, 0)).toBe(20);
  const contents = new Set(LINES.map(({ content }) => content));
  for (const { content } of [...first.kept, ...first.faded]) expect(contents).toContain(content);
});

test('the profile’s table is the user’s: on what a tour dreamt the tour’s own table is used', async () => {
  const context = createContext({ profilesDir: folder, workspace });
  const url = 'postgresql://127.0.0.1:1/tour';
  const { attach, pipeline } = context.profile({ postgres: { url } });
  expect(attach).toMatchObject([{ alias: 'source_memories', path: url, type: 'postgres' }]);
  expect(pipeline.source).toMatchObject({
    table: 'memories',
    columns: { content: 'content', updated_at: 'updated_at' },
  });
  const elsewhere = createContext({ profilesDir: folder, workspace: join(folder, 'real') });
  expect(elsewhere.offlineProfile().pipeline.source).toMatchObject({ table: 'notes', columns: { content: 'body' } });
});

test('what it has remembered can be asked afterwards, without a worker, with reasons', async () => {
  const content = first.kept[0]?.content ?? '';
  const { results } = await biomemJson<{ results: { content: string; reasons: object }[] }>(
    ['recall', content, '--target', 'dev', ...['--profiles-dir', folder]],
    { workspace },
  );
  expect(results[0]).toMatchObject({ content, reasons: { words: expect.any(Number) } });
  const nobody = await biomem(['recall', content, '--agent', 'nobody', '--json', '--profiles-dir', folder], {
    workspace,
  });
  expect(JSON.parse(nobody.stdout)).toMatchObject({ results: [] });
  expect(nobody.stderr).toContain('nothing of nobody is remembered');
});

test('a memory’s life is told by its id or its beginning; one that is not known is an error with the nearest', async () => {
  const memoryId = first.kept[0]?.id ?? '';
  const options = { workspace };
  const life = await biomemJson<Life>(['why', memoryId.slice(0, 13), '--profiles-dir', folder], options);
  expect(life).toMatchObject({ id: memoryId, content: first.kept[0]?.content, fate: { name: first.kept[0]?.fate } });
  expect(life.events[0]).toMatchObject({ kind: 'encode' });
  const unknown = await biomem(['why', `${memoryId}-`, '--profiles-dir', folder], options);
  expect(unknown).toMatchObject({ code: 1, stdout: '' });
  expect(unknown.stderr).toContain(`The nearest ids: ${memoryId}, `);
  expect((await biomem(['why', memoryId, '--as-of', 'May', '--profiles-dir', folder], options)).code).toBe(2);
});

test('a file of questions is answered in one process, a line for a line, in order', async () => {
  const file = join(folder, 'questions.jsonl');
  await writeFile(file, `{"question": ${JSON.stringify(first.kept[0]?.content)}, "limit": 1}\n\n{"question": ""}\n`);
  const { stdout } = await biomem(['recall', '--file', file, '--profiles-dir', folder], { workspace });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { i: number; results: { id: string }[] });
  expect(lines.map(({ i, results }) => [i, results.length])).toEqual([
    [1, 1],
    [3, 0],
  ]);
});

test('its state can be looked into afterwards, and nothing is left running', async () => {
  expect(await findProcesses(workspace)).toEqual([]);
  expect((await biomemJson<StateChecksum>(['checksum'], { workspace })).checksum).toBe(first.checksum);
});
