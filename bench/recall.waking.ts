import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import pg from 'pg';
import { createActivities, type Dependencies } from '../activities/index.ts';
import { connect, type Database } from '../duckdb/database.ts';
import { openEmbedder } from '../llm/embedder.ts';
import type { EmbeddingModel } from '../llm/model.ts';
import { rules } from '../llm/rules.ts';
import { loadProfile } from '../profiles/profile.ts';
import { nextFiles } from '../recall/paths.ts';
import { readJournal, type JournalEntry } from '../source/journal.ts';

const TABLE = `create schema source_memories.public; create table source_memories.public.memories (id varchar primary key,
  content varchar, context varchar, tags varchar[], metadata varchar, created_at timestamptz, updated_at timestamptz)`;
const WRITE = `insert or replace into source_memories.public.memories select unnest(from_json($1, '[{"id": "VARCHAR",
  "content": "VARCHAR", "context": "VARCHAR", "tags": ["VARCHAR"], "metadata": "VARCHAR", "created_at": "TIMESTAMPTZ",
  "updated_at": "TIMESTAMPTZ"}]'), recursive := true)`;

/** Publishes to `path` what a worker that never sleeps knows of a journal: read, attended, embedded, bound into episodes and linked. */
export async function publishWaking(journal: string, path: string, model: EmbeddingModel | null): Promise<void> {
  const folder = join(path, '..');
  const output = {
    ...{ type: 'duckdb', path: ':memory:', threads: 2, extensions: ['json'] },
    attach: [{ path: ':memory:', alias: 'source_memories' }],
  };
  await writeFile(join(folder, 'profiles.yml'), JSON.stringify({ bench: { target: 'dev', outputs: { dev: output } } }));
  const profile = loadProfile({ profilesDir: folder, profile: 'bench', env: {}, cwd: folder });
  const report = () => undefined;
  const database = await connect(profile, report, { allowedPaths: nextFiles(path) });
  const embedder = await openEmbedder(model, report);
  const others = { reader: rules, rewrite: null, profile, report, postgres: new pg.Pool({ max: 1 }) };
  try {
    const asOf = await writeJournal(database, journal);
    await wake({ ...others, database, embedder, recallFile: path }, asOf);
  } finally {
    database.close();
    await rm(join(folder, 'profiles.yml'));
  }
}

/** The stages that run by day, once over everything. */
async function wake(dependencies: Dependencies, asOf: string): Promise<void> {
  const activities = createActivities(dependencies);
  const { ingestMemories, readFeatures, attendMemories, embedMemories, bindEpisodes, publishRecall } = activities;
  for (const step of [ingestMemories, readFeatures, attendMemories, embedMemories, bindEpisodes, publishRecall])
    await new MockActivityEnvironment().run(step, { asOf, dryRun: false, limits: {}, everyRow: true });
}

/** @returns when its last memory was written, or changed */
async function writeJournal(database: Database, journal: string): Promise<string> {
  const entries: (Omit<JournalEntry, 'metadata'> & { metadata: string })[] = [];
  for await (const { metadata, ...entry } of readJournal(journal, new Date().toISOString()))
    entries.push({ ...entry, metadata: JSON.stringify(metadata) });
  await database.use(async (connection) => {
    await connection.run(TABLE);
    await connection.run(WRITE, [JSON.stringify(entries)]);
  });
  return entries.map(({ updated_at }) => updated_at).reduce((last, time) => (time > last ? time : last), '');
}
