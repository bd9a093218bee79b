import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Memory } from '../../program/memory.ts';
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

describe('what is not what a verb takes is refused with its name, also to a program without types', () => {
  test.each<[RegExp, (memory: Memory) => Promise<unknown>]>([
    [/^recall: tags: .*expected array/, (memory) => memory.recall('oil', { tags: 'shop' as never })],
    [/^recall: question: .*expected string/, (memory) => memory.recall(undefined as never)],
    [/^recall: agent: .*expected string/, (memory) => memory.recall('oil', { agent: 5 as never })],
    [/^context: task: .*expected string/, (memory) => memory.context(undefined as never)],
    [/^why: id: .*expected string/, (memory) => memory.why(undefined as never)],
    [/^feedback: feedback: .*expected object/, (memory) => memory.feedback('r1', undefined as never)],
    [/^feedback: feedback\.used: .*expected array/, (memory) => memory.feedback('r1', { used: 'x' as never })],
    [/^forget: ids: .*expected array, received string/, (memory) => memory.forget('12' as never)],
    [/^forget: ids\.0: .*expected string/, (memory) => memory.forget([5 as never])],
    [/^restore: id: .*expected string/, (memory) => memory.restore(undefined as never)],
    [/^remember: expected a text.*, got undefined/, (memory) => memory.remember(undefined as never)],
    [/^remember: expected a text.*, got null/, (memory) => memory.remember([null as never])],
    [/^remember: expected a text.*, got an empty one/, (memory) => memory.remember(' ')],
    [/^remember: content: .*expected string/, (memory) => memory.remember({} as never)],
  ])('%s', async (said, ask) => {
    const memory = openMemory({ workspace, report: () => undefined });
    onTestFinished(() => memory.close());
    await expect(ask(memory)).rejects.toThrow(said);
  });
});

test('several that write at once wait for one another, and nobody is told of it', async () => {
  const lines: string[] = [];
  const memory = openMemory({ workspace, report: (line) => void lines.push(line) });
  onTestFinished(() => memory.close());
  const written = await Promise.all(['one', 'two', 'three'].map((text) => memory.remember(`At once: ${text}`)));
  expect(written).toEqual(Array(3).fill({ written: 1 }));
  expect(lines.filter((line) => line.startsWith('Waiting for process'))).toEqual([]);
});

test('a memory that is closed takes nothing more, and says so', async () => {
  const memory = openMemory({ workspace, report: () => undefined });
  await memory.close();
  await memory.close();
  for (const ask of [() => memory.remember('late'), () => memory.recall('late'), () => memory.status()])
    await expect(ask()).rejects.toThrow(/this memory is closed; open another one with openMemory/);
  expect(await findProcesses(workspace)).toEqual([]);
});
