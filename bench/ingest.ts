import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import pg from 'pg';
import { createActivities, type Dependencies } from '../activities/index.ts';
import { connect } from '../duckdb/database.ts';
import type { Counts } from '../memory/types.ts';
import { rules } from '../llm/rules.ts';
import { loadProfile } from '../profiles/profile.ts';
import { createPool } from '../source/pool.ts';
import { startServices } from '../services/services.ts';
import { withFolder } from './biomem.ts';

const ROWS = 1_000_000;
const SOURCE = `create table public.memories as
  select 'm' || i as id, md5(i::text) || ' is what was said as number ' || i as content, null::text as context, array['a', 'b'] as tags,
    jsonb_build_object('agent', 'a' || (i % 20)) as metadata, now() - i * interval '1 second' as created_at,
    now() - i * interval '1 second' as updated_at
  from generate_series(1, ${String(ROWS)}) i;
  alter table public.memories add primary key (id); create index on public.memories (updated_at)`;

/** CPU and wall seconds of ingesting a million rows: all of them new, then nothing new for a waking cycle and for a night. */
export async function run(): Promise<unknown> {
  return withFolder(async (folder, workspace) => {
    const report = () => undefined;
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
    const { postgres } = await startServices({ workspace, env, target: 'dev', outlive: true, report });
    await makeSource(postgres.url);
    return measureCycles(folder, postgres.url);
  });
}

async function makeSource(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(SOURCE);
  await client.end();
}

async function measureCycles(folder: string, url: string) {
  const attach = [{ path: url, alias: 'source_memories', type: 'postgres', read_only: true }];
  const settings = { max_memory: '4GB' };
  const extensions = ['postgres_scanner', 'json'];
  const dev = { type: 'duckdb', path: join(folder, 'bench.duckdb'), threads: 2, settings, extensions, attach };
  await writeFile(join(folder, 'profiles.yml'), JSON.stringify({ bench: { target: 'dev', outputs: { dev } } }));
  const profile = loadProfile({ profilesDir: folder, profile: 'bench', env: {}, cwd: folder });
  const report = () => undefined;
  const postgres = createPool({ address: () => url, threads: 2, report });
  const database = await connect(profile, report);
  const dependencies: Dependencies = {
    database,
    reader: rules,
    embedder: null,
    profile,
    postgres,
    report,
    recallFile: null,
    rewrite: null,
  };
  try {
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    return {
      rows: ROWS,
      'all new': await measure(dependencies, day(1), true),
      'waking, nothing new': await measure(dependencies, day(2), false),
      'night, nothing new': await measure(dependencies, day(3), true),
    };
  } finally {
    database.close();
    await postgres.end();
  }
}

async function measure(dependencies: Dependencies, asOf: string, everyRow: boolean) {
  const [began, before] = [performance.now(), process.cpuUsage()];
  const input = { asOf, dryRun: false, limits: {}, everyRow };
  const counts: Counts = await new MockActivityEnvironment().run(createActivities(dependencies).ingestMemories, input);
  const { user, system } = process.cpuUsage(before);
  const seconds = Math.round(performance.now() - began) / 1e3;
  return { ...counts, cpuSeconds: Math.round((user + system) / 1e4) / 100, seconds };
}
