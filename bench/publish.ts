import { writeFile } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities } from '../activities/index.ts';
import { connect, type Database } from '../duckdb/database.ts';
import { rules } from '../llm/rules.ts';
import { loadProfile, type Profile } from '../profiles/profile.ts';
import { additionsOf, recallFileOf } from '../recall/paths.ts';
import { createPool } from '../source/pool.ts';
import { withFolder } from './biomem.ts';
import { fillState } from './state.ts';

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
    const dev = { type: 'duckdb', path: join(folder, 'bench.duckdb'), threads: 2, extensions: ['json', 'fts'] };
    const attach = [{ path: ':memory:', alias: 'source_memories' }];
    await writeFile(
      join(folder, 'profiles.yml'),
      JSON.stringify({ bench: { target: 'dev', outputs: { dev: { ...dev, attach } } } }),
    );
    const profile = loadProfile({ profilesDir: folder, profile: 'bench', env: {}, cwd: folder });
    const database = await connect(profile, () => undefined);
    try {
      return await measure(new Store(profile, database, folder), memories);
    } finally {
      database.close();
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

class Store {
  readonly #file: string;
  readonly #publish: ReturnType<typeof createActivities>['publishRecall'];
  readonly #database: Database;
  #memories = 0;
  #cycle = 0;

  constructor(profile: Profile, database: Database, folder: string) {
    this.#database = database;
    this.#file = recallFileOf(profile, folder);
    const report = () => undefined;
    const postgres = createPool({ address: () => '', threads: 2, report });
    const dependencies = {
      database,
      profile,
      postgres,
      report,
      reader: rules,
      embedder: null,
      rewrite: null,
      recallFile: this.#file,
    };
    this.#publish = createActivities(dependencies).publishRecall;
  }

  /** Another cycle begins. */
  age(): void {
    this.#cycle += 1;
  }

  async fill(more: number): Promise<void> {
    this.age();
    const to = this.#memories + more;
    await fillState(this.#database, { from: this.#memories, to, agents: AGENTS, cycle: this.#time() });
    this.#memories = to;
  }

  async publish() {
    const [began, before] = [performance.now(), process.cpuUsage()];
    await new MockActivityEnvironment().run(this.#publish, { asOf: this.#time(), dryRun: false, limits: {} });
    const { user, system } = process.cpuUsage(before);
    return {
      seconds: Math.round(performance.now() - began) / 1e3,
      cpuSeconds: Math.round((user + system) / 1e3) / 1e3,
      megabytes: megabytesOf(this.#file),
      additionMegabytes: megabytesOf(additionsOf(this.#file)),
    };
  }

  #time(): string {
    return new Date(Date.UTC(2026, 4, 1) + this.#cycle * 300_000).toISOString();
  }
}

function megabytesOf(path: string): number {
  return Math.round((statSync(path, { throwIfNoEntry: false })?.size ?? 0) / 1e5) / 10;
}
