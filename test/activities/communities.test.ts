import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { findCommunities, type Link } from '../../activities/communities.ts';
import type { DuckDBConnection } from '../../duckdb/database.ts';
import { runFile } from '../../duckdb/statement.ts';
import { openDatabase } from '../support/database.ts';
import { makeRandom } from '../support/random.ts';

type Labels = { memory_id: string; label: number }[];

const GROUPS = 5;
/** More memories than a network has: it is looked at once. */
const MANY = 10_000;
const name = (node: number) => `m${String(node).padStart(3, '0')}`;
const groupOf = (memory: string) => Number(memory.slice(1)) % GROUPS;

/** A planted partition: memories in five groups, many links inside, few across. */
function plant(seed: number, memories = 150): Link[] {
  const random = makeRandom(seed);
  const links: Link[] = [];
  for (let i = 0; i < memories; i += 1) {
    for (let j = i + 1; j < memories; j += 1) {
      const inside = i % GROUPS === j % GROUPS;
      if (random() < (inside ? 0.3 : 0.01)) links.push({ a: name(i), b: name(j), w: 0.2 + random() / 2 });
    }
  }
  return links;
}

/** Every group has one label of its own, save for so many of its members. */
function strays(labels: Labels): number {
  const votes = new Map<string, number>();
  for (const { memory_id, label } of labels) {
    const key = `${label} ${groupOf(memory_id)}`;
    votes.set(key, (votes.get(key) ?? 0) + 1);
  }
  const best = new Map<string, number>();
  for (const [key, count] of votes) {
    const [label] = key.split(' ');
    best.set(label!, Math.max(best.get(label!) ?? 0, count));
  }
  expect(best.size).toBe(GROUPS);
  return labels.length - [...best.values()].reduce((sum, count) => sum + count, 0);
}

describe('Louvain', () => {
  test('finds a planted partition', async () => {
    const labels = await findCommunities(plant(1), MANY);
    expect(labels).toHaveLength(150);
    expect(strays(labels)).toBe(0);
  });

  test('gives the same labels for the same links', async () => {
    expect(await findCommunities(plant(2), MANY)).toEqual(await findCommunities(plant(2), MANY));
  });

  describe('of a large network', () => {
    const links = plant(3, 700);

    /** Looks for its communities; gives what comes of it beside the thread in which it is done. */
    async function findInThread(signal?: AbortSignal) {
      const begun = once(process, 'worker') as Promise<[Worker]>;
      const labels = findCommunities(links, MANY, signal);
      const [thread] = await begun;
      return { labels, thread };
    }
    /** The number of a thread that has ended; those that live are numbered from 1. */
    const ENDED = -1;

    test('works in a thread of its own, which ends with it', async () => {
      expect(links.length).toBeGreaterThan(10_000);
      const { labels, thread } = await findInThread();
      expect(thread.threadId).toBeGreaterThan(0);
      const found = await labels;
      expect([found.length, strays(found)]).toEqual([700, 0]);
      expect(thread.threadId).toBe(ENDED);
    });

    test('ends at once when the activity is cancelled, and its thread with it', async () => {
      const controller = new AbortController();
      const { labels, thread } = await findInThread(controller.signal);
      controller.abort(new Error('cancelled'));
      await expect(labels).rejects.toThrow('cancelled');
      expect(thread.threadId).toBe(ENDED);
    });

    test('does not outlast an activity that was cancelled before', async () => {
      const { labels, thread } = await findInThread(AbortSignal.abort(new Error('cancelled before')));
      await expect(labels).rejects.toThrow('cancelled before');
      expect(thread.threadId).toBe(ENDED);
    });

    test('fails when its thread ends without an answer', async () => {
      const { labels, thread } = await findInThread();
      const outcome = expect(labels).rejects.toThrow(/ended with exit code \d+, without an answer$/);
      await thread.terminate();
      await outcome;
    });
  });

  test('heeds the weights', async () => {
    const pairs = [['a', 'b', 0.9], ['c', 'd', 0.9], ['a', 'c', 0.01], ['b', 'd', 0.01]] as const; // prettier-ignore
    const labels = new Map(
      (
        await findCommunities(
          pairs.map(([a, b, w]) => ({ a, b, w })),
          MANY,
        )
      ).map((row) => [row.memory_id, row.label]),
    );
    expect(labels.get('a')).toBe(labels.get('b'));
    expect(labels.get('c')).toBe(labels.get('d'));
    expect(labels.get('a')).not.toBe(labels.get('c'));
  });

  test('looks again at what is too large, and leaves whole what does not fall apart', async () => {
    // Six triangles, every two of them joined and the pairs hardly: at first sight three communities, looked at again six.
    const triangle = (first: number) =>
      [[0, 1], [0, 2], [1, 2]].map(([a = 0, b = 0]) => ({ a: name(first + a), b: name(first + b), w: 1 })); // prettier-ignore
    const bridge = (a: number, b: number, w: number) => ({ a: name(a), b: name(b), w });
    const links = [
      ...[0, 3, 6, 9, 12, 15].flatMap(triangle),
      ...[bridge(0, 3, 0.9), bridge(1, 4, 0.9), bridge(2, 5, 0.9), bridge(6, 9, 0.9), bridge(7, 10, 0.9)],
      ...[bridge(8, 11, 0.9), bridge(12, 15, 0.9), bridge(13, 16, 0.9), bridge(14, 17, 0.9), bridge(0, 6, 0.1)],
      ...[bridge(6, 12, 0.1)],
    ];
    const sizes = async (most: number) => {
      const counts = new Map<number, number>();
      for (const { label } of await findCommunities(links, most)) counts.set(label, (counts.get(label) ?? 0) + 1);
      return [...counts.values()];
    };
    expect(await sizes(MANY)).toEqual([6, 6, 6]);
    expect(await sizes(5)).toEqual([3, 3, 3, 3, 3, 3]);
    expect(await sizes(2)).toEqual([3, 3, 3, 3, 3, 3]);
  });

  test('gives nothing for no links', async () => {
    expect(await findCommunities([], MANY)).toEqual([]);
  });
});

describe('label propagation, for networks too large for Louvain', () => {
  const run = (connection: DuckDBConnection, file: string, parameters = {}) =>
    runFile(connection, new URL(`../../activities/long-term-memory.${file}.sql`, import.meta.url), parameters);

  async function propagate(links: readonly Link[]): Promise<Labels> {
    const rows = links.map(({ a, b, w }) => `('${a}', '${b}', ${w})`);
    return (await openDatabase()).use(async (connection) => {
      await connection.run(`create temp table link as from (values ${rows.join()}) t(a, b, w)`);
      await run(connection, 'rank-node');
      await run(connection, 'first-label');
      for (let round = 1; round <= 16; round += 1) {
        await run(connection, 'propagate-label', { round, halved: round > 3 });
        await run(connection, 'adopt-label');
      }
      const labels = await connection.runAndReadAll(
        'select memory_id, label::int as label from label order by memory_id',
      );
      return labels.getRowObjectsJS() as Labels;
    });
  }

  test('finds a planted partition, and the same labels again', async () => {
    const labels = await propagate(plant(1));
    expect(labels).toHaveLength(150);
    expect(strays(labels)).toBe(0);
    expect(await propagate(plant(1).reverse())).toEqual(labels);
  });
});
