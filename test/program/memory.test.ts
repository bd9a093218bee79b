import { afterAll, expect, test } from 'vitest';
import { openMemory } from '../../program/open-memory.ts';
import { createContext } from '../../program/context.ts';
import { withPostgres } from '../../program/source.ts';
import { clear, makeWorkspace } from '../services/support.ts';
import { findProcesses } from '../support/biomem.ts';

const workspace = await makeWorkspace();
afterAll(() => clear(workspace));

/** What stands in the workspace's own table. */
async function readTable(): Promise<unknown[]> {
  const { providePostgres } = await import('../../services/services.ts');
  const services = await providePostgres(createContext({ workspace }));
  try {
    return await withPostgres(services.postgres.url, async (client) => {
      const { rows } = await client.query<object>(
        `select content, metadata->>'agent' as agent, tags from public.memories order by content`,
      );
      return rows;
    });
  } finally {
    await services.stop();
  }
}

test('a program writes memories, in its own name unless it says another, and leaves nothing running', async () => {
  const memory = openMemory({ workspace, agent: 'scout', report: () => undefined });
  try {
    expect(await memory.remember('a text')).toEqual({ written: 1 });
    expect(
      await memory.remember([
        { content: 'b of quill', agent: 'quill', tags: ['x'] },
        { content: 'c of maria', metadata: { agent: 'maria' } },
      ]),
    ).toEqual({ written: 2 });
    await expect(memory.remember({ content: 'a\0b' })).rejects.toThrow(/content: holds the character NUL/);
  } finally {
    await memory.close();
  }
  expect(await findProcesses(workspace)).toEqual([]);
  expect(await readTable()).toEqual([
    { content: 'a text', agent: 'scout', tags: [] },
    { content: 'b of quill', agent: 'quill', tags: ['x'] },
    { content: 'c of maria', agent: 'maria', tags: [] },
  ]);
});

test('a time without a zone is refused, and says which', async () => {
  const memory = openMemory({ workspace, report: () => undefined });
  await expect(memory.recall('anything', { since: '2026-03-01' })).rejects.toThrow(/since: expected ISO 8601/);
  await memory.close();
});

test.each([0, -1, 1.5, NaN, Infinity])('%d memories at most are refused', async (limit) => {
  const memory = openMemory({ workspace, report: () => undefined });
  await expect(memory.recall('anything', { limit })).rejects.toThrow(
    `limit: expected a whole number from 1, got ${String(limit)}`,
  );
  await memory.close();
});
