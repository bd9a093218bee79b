import { parseArgs } from 'node:util';
import { withFolder } from './biomem.ts';
import { Store } from './store.ts';

const AGENTS = 20;
const NEW = 100;
/** New memories in one go, after which the additions have grown, and at last a base is made again. */
const GROWTH = [500, 500, 500] as const;

/**
 * Seconds of publishing over 100,000 memories (or `--memories`): all of them for the first time, nothing new, after 100 new ones
 * several times, and as the additions grow until all are published again.
 */
export async function run(): Promise<unknown> {
  const { values } = parseArgs({ args: process.argv.slice(3), options: { memories: { type: 'string' } } });
  const memories = Number(values.memories ?? 100_000);
  return withFolder(async (folder) => {
    const store = await Store.open(folder, AGENTS);
    try {
      return await measure(store, memories);
    } finally {
      store.close();
    }
  });
}

async function measure(store: Store, memories: number) {
  await store.fill(memories);
  const first = await store.publish();
  store.age();
  const idle = await store.publish();
  const small = [];
  for (let round = 0; round < 5; round += 1) {
    await store.fill(NEW);
    small.push(await store.publish());
  }
  const growth = [];
  for (const more of GROWTH) {
    await store.fill(more);
    growth.push(await store.publish());
  }
  return { memories, first, 'nothing new': idle, [`${String(NEW)} new`]: small, growing: growth };
}
