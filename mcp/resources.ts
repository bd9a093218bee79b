import type { McpServer, ReadResourceResult } from '@modelcontextprotocol/server';
import type { Memory } from '../program/memory.ts';
import type { LastNight } from '../recall/night.ts';
import type { Attended } from '../recall/working-memory.ts';
import { asData, FENCES } from './data.ts';

const TYPE = { mimeType: 'text/plain' };

/** `memory://working-memory` and `memory://last-night`: what a client may put into a prompt. */
export function addResources(server: McpServer, memory: Memory): void {
  const add = (name: string, title: string, description: string, read: () => Promise<string>) =>
    server.registerResource(
      name,
      `memory://${name}`,
      { title, description, ...TYPE },
      async ({ href }): Promise<ReadResourceResult> => ({ contents: [{ uri: href, ...TYPE, text: await read() }] }),
    );
  add(
    'working-memory',
    'Working memory',
    'What each agent attended to last: the memories that got a slot, the most important first, each with its id.',
    async () => describeAttended(await memory.workingMemory()),
  );
  add(
    'last-night',
    'Last night',
    'What the last night did to the memories: counts of each step, what was replayed, what is kept, fading or archived since, and what was learned.',
    async () => describeNight(await memory.lastNight()),
  );
}

function describeAttended(attended: readonly Attended[]): string {
  if (attended.length === 0) return 'Nothing was attended to yet.';
  const texts = attended.map(({ id, agent, createdAt, slot, kind, content }) =>
    asData([`slot ${String(slot)}`, `id ${id}`, createdAt, `agent ${agent}`, kind], content),
  );
  return [FENCES, ...texts].join('\n\n');
}

function describeNight(night: LastNight | null): string {
  if (night === null) return 'There was no night yet.';
  const counts = Object.entries(night.counts).map(
    ([step, counted]) =>
      `${step}: ${Object.entries(counted)
        .map(([name, count]) => `${name} ${String(count)}`)
        .join(', ')}`,
  );
  const memories = night.memories.map(({ id, what, why, agent, createdAt, content }) =>
    asData([what, `id ${id}`, createdAt, `agent ${agent}`, ...(why === null ? [] : [why])], content),
  );
  const learned = night.learned.map(({ kind, size, madeBy, content }) =>
    asData([kind, `from ${String(size)} memories`, `made by ${madeBy}`], content),
  );
  return [[`The night of ${night.asOf}`, ...counts].join('\n'), FENCES, ...memories, ...learned].join('\n\n');
}
