import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StateChecksum } from '../../memory/types.ts';
import type { DreamReport } from '../../report/dream.ts';
import { clear, makeWorkspace } from '../services/support.ts';
import { biomemJson, findProcesses } from '../support/biomem.ts';
import { makeLines, writeJournal } from '../support/journal.ts';

// The one thread through all of it that `npm test` has: command, servers of its own, worker, cycles, DuckDB, write-back.
const LINES = makeLines(20, 4);

/** The program's own profile without an embedding, whose model a machine may have to download first. */
async function writeProfile(): Promise<readonly string[]> {
  const own = await readFile(new URL('../../profiles.yml', import.meta.url), 'utf8');
  await writeFile(join(folder, 'profiles.yml'), own.replaceAll(/^(\s+embed:).*$/gm, '$1 null'));
  return ['--profiles-dir', folder];
}

let workspace: string;
let folder: string;
let first: DreamReport;

beforeAll(async () => {
  workspace = await makeWorkspace();
  folder = await makeWorkspace();
  const profile = await writeProfile();
  const journal = await writeJournal(folder, 'journal.jsonl', LINES);
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

test('its state can be looked into afterwards, and nothing is left running', async () => {
  expect(await findProcesses(workspace)).toEqual([]);
  expect((await biomemJson<StateChecksum>(['checksum'], { workspace })).checksum).toBe(first.checksum);
});
