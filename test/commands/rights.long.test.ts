import { chmod, lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeWorkspace as makeClosed } from '../../services/workspace.ts';
import { clear, makeWorkspace } from '../services/support.ts';
import { biomem, biomemJson } from '../support/biomem.ts';
import { makeLines, writeJournal } from '../support/journal.ts';
import { startUp } from '../support/running.ts';

let folder: string;
beforeAll(async () => {
  folder = await makeWorkspace();
});
afterAll(async () => {
  await clear(join(folder, 'up'));
  await clear(join(folder, 'dream'));
  await clear(folder);
});

/** What others than the owner may read, write or enter, of a folder and all that is in it, with its mode. */
async function open(target: string): Promise<string[]> {
  const found = await lstat(target);
  const wide = (found.mode & 0o077) === 0 ? [] : [`${target} ${(found.mode & 0o777).toString(8)}`];
  if (!found.isDirectory()) return wide;
  const inside = await Promise.all((await readdir(target)).map((name) => open(join(target, name))));
  return [...wide, ...inside.flat()];
}

/** As earlier versions left it. */
async function widen(target: string): Promise<void> {
  const found = await lstat(target);
  if (target.endsWith('/postgres/data')) return;
  await chmod(target, found.isDirectory() ? 0o755 : 0o644);
  if (found.isDirectory()) for (const name of await readdir(target)) await widen(join(target, name));
}

test(
  'what up makes is its owner’s alone, and what was left open is closed at the next start',
  { timeout: 180_000 },
  async () => {
    const workspace = join(folder, 'up');
    const first = await startUp(workspace);
    await biomemJson(['remember', 'The launch moved to the 21st'], { workspace });
    await biomemJson(['cycle', 'run'], { workspace });
    expect(await open(workspace)).toEqual([]);
    expect(await readdir(workspace)).toEqual(
      expect.arrayContaining(['dev.duckdb', 'postgres', 'services.json', 'temporal']),
    );
    await first.interrupt();
    expect(await open(workspace)).toEqual([]);

    await widen(workspace);
    expect(await open(workspace)).not.toEqual([]);
    const second = await startUp(workspace);
    expect(await open(workspace)).toEqual([]);
    await second.interrupt();
  },
);

test('so is what dream makes, and what sql exports', { timeout: 120_000 }, async () => {
  const workspace = join(folder, 'dream');
  const journal = await writeJournal(folder, 'journal.jsonl', makeLines(4, 1));
  await biomemJson(['dream', '--journal', journal], { workspace });
  const exported = join(workspace, 'memories.csv');
  const { code } = await biomem(['sql', `copy memory to '${exported}'`], { workspace });
  expect(code).toBe(0);
  expect(await readdir(workspace)).toContain('memories.csv');
  expect(await open(workspace)).toEqual([]);
});

test('a folder that others live in is not closed, only what is ours in it', async () => {
  const shared = join(folder, 'home');
  await mkdir(join(shared, 'temporal'), { recursive: true });
  for (const name of ['notes.txt', 'shop.duckdb', 'dev.duckdb', 'temporal/temporal.db'])
    await writeFile(join(shared, name), '');
  await widen(shared);
  const home = process.env['HOME'];
  process.env['HOME'] = shared;
  try {
    await makeClosed(shared);
  } finally {
    process.env['HOME'] = home;
  }
  expect((await open(shared)).map((line) => line.replace(shared, ''))).toEqual([
    ' 755',
    '/notes.txt 644',
    '/shop.duckdb 644',
  ]);
  // Elsewhere than in somebody's home it is a workspace, and closed.
  await makeClosed(shared);
  expect((await open(shared)).map((line) => line.replace(shared, ''))).toEqual(['/notes.txt 644']);
});
