import { writeFile } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities } from '../activities/index.ts';
import { connect, type Database } from '../duckdb/database.ts';
import { rules } from '../llm/rules.ts';
import { loadProfile, type Profile } from '../profiles/profile.ts';
import { additionsOf, recallFileOf } from '../recall/paths.ts';
import { createPool } from '../source/pool.ts';
import { fillState } from './state.ts';

/** A worker's database in a folder, filled without stages, and its recall file. */
export class Store {
  readonly #file: string;
  readonly #publish: ReturnType<typeof createActivities>['publishRecall'];
  readonly #database: Database;
  readonly #agents: number;
  #memories = 0;
  #cycle = 0;

  private constructor(profile: Profile, database: Database, folder: string, agents: number) {
    [this.#database, this.#agents] = [database, agents];
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

  /** The folder gets a profile, `biological_memory`, whose target dev is the database. */
  static async open(folder: string, agents: number): Promise<Store> {
    const dev = { type: 'duckdb', path: join(folder, 'dev.duckdb'), threads: 2, extensions: ['json', 'fts'] };
    const attach = [{ path: ':memory:', alias: 'source_memories' }];
    const outputs = { dev: { ...dev, attach } };
    await writeFile(join(folder, 'profiles.yml'), JSON.stringify({ biological_memory: { target: 'dev', outputs } }));
    const profile = loadProfile({ profilesDir: folder, env: {}, cwd: folder });
    return new Store(profile, await connect(profile, () => undefined), folder, agents);
  }

  close(): void {
    this.#database.close();
  }

  /** Another cycle begins. */
  age(): void {
    this.#cycle += 1;
  }

  async fill(more: number): Promise<void> {
    this.age();
    const to = this.#memories + more;
    await fillState(this.#database, { from: this.#memories, to, agents: this.#agents, cycle: this.#time() });
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
