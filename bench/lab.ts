import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import pg from 'pg';
import { createActivities, type Activities } from '../activities/index.ts';
import { connect, type Database } from '../duckdb/database.ts';
import { openEmbedder } from '../llm/embedder.ts';
import type { EmbeddingModel } from '../llm/model.ts';
import { rules } from '../llm/rules.ts';
import type { Parameters } from '../memory/parameters.ts';
import type { StepInput } from '../memory/types.ts';
import { loadProfile } from '../profiles/profile.ts';
import { nextFiles } from '../recall/paths.ts';
import { readJournal, type JournalEntry } from '../source/journal.ts';

const TABLE = `create schema source_memories.public; create table source_memories.public.memories (id varchar primary key,
  content varchar, context varchar, tags varchar[], metadata varchar, created_at timestamptz, updated_at timestamptz)`;
const WRITE = `insert or replace into source_memories.public.memories select unnest(from_json($1, '[{"id": "VARCHAR",
  "content": "VARCHAR", "context": "VARCHAR", "tags": ["VARCHAR"], "metadata": "VARCHAR", "created_at": "TIMESTAMPTZ",
  "updated_at": "TIMESTAMPTZ"}]'), recursive := true)`;

const DAY = 86_400_000;
const NIGHT_HOUR = 3 * 3_600_000;

/** The steps of a worker; those of a night do not depend on who starts them. */
type StepName = {
  [Name in keyof Activities]: Activities[Name] extends (input: StepInput) => Promise<unknown> ? Name : never;
}[keyof Activities];

/** A worker's database and agents' table in memory, without servers. */
export interface Lab {
  readonly database: Database;
  /** Writes versions of memories to the agents' table, in their order. */
  readonly write: (entries: readonly JournalEntry[]) => Promise<void>;
  readonly live: (steps: readonly StepName[], asOf: string) => Promise<void>;
}

interface LabOptions {
  readonly folder: string;
  readonly model: EmbeddingModel | null;
  readonly parameters?: Partial<Parameters>;
  /** Where recall is published. */
  readonly recallFile?: string;
}

/** Lends a lab; the profile that it needs is in the folder meanwhile. */
export async function withLab<T>(
  { folder, model, recallFile, parameters }: LabOptions,
  body: (lab: Lab) => Promise<T>,
): Promise<T> {
  const output = {
    ...{ type: 'duckdb', path: ':memory:', threads: 2, extensions: ['json'] },
    attach: [{ path: ':memory:', alias: 'source_memories' }],
    pipeline: { parameters },
  };
  await writeFile(join(folder, 'profiles.yml'), JSON.stringify({ bench: { target: 'dev', outputs: { dev: output } } }));
  const profile = loadProfile({ profilesDir: folder, profile: 'bench', env: {}, cwd: folder });
  const report = () => undefined;
  const allowedPaths = recallFile === undefined ? [] : nextFiles(recallFile);
  const database = await connect(profile, report, { allowedPaths });
  const others = { reader: rules, rewrite: null, profile, report, postgres: new pg.Pool({ max: 1 }) };
  const embedder = await openEmbedder(model, report);
  const activities = createActivities({ ...others, database, embedder, recallFile: recallFile ?? null });
  try {
    await database.use((connection) => connection.run(TABLE));
    return await body({
      database,
      write: (entries) => write(database, entries),
      live: async (steps, asOf) => {
        for (const step of steps)
          await new MockActivityEnvironment().run(activities[step], {
            ...{ asOf, dryRun: false, limits: {}, everyRow: true },
          });
      },
    });
  } finally {
    database.close();
    await rm(join(folder, 'profiles.yml'));
  }
}

/** Every version of every memory of a journal, in the order in which they were written. */
export async function readVersions(journal: string): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const entry of readJournal(journal, new Date().toISOString())) entries.push(entry);
  return entries.sort((a, b) => Date.parse(a.updated_at) - Date.parse(b.updated_at));
}

/** The night after a time: three in the morning, in UTC. */
export function nightAfter(time: number): string {
  return new Date((Math.floor((time - NIGHT_HOUR) / DAY) + 1) * DAY + NIGHT_HOUR).toISOString();
}

async function write(database: Database, entries: readonly JournalEntry[]): Promise<void> {
  // Of a memory that has several versions in it one statement would keep any.
  const last = new Map(entries.map((entry) => [entry.id, { ...entry, metadata: JSON.stringify(entry.metadata) }]));
  await database.use((connection) => connection.run(WRITE, [JSON.stringify([...last.values()])]));
}
