import { join } from 'node:path';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { connect } from '../../duckdb/database.ts';
import { openReconnecting } from '../../duckdb/reconnecting.ts';
import { rewriting } from '../../duckdb/rewrite.ts';
import { publishedFiles, recallFileOf } from '../../recall/paths.ts';
import type { JournalEntry } from '../../source/journal.ts';
import { createMemories, writeMemories } from '../../source/memories.ts';
import type { Postgres } from '../../source/pool.ts';
import { makeFolder, makeProfile } from './database.ts';
import { Lab, NIGHT } from './lab.ts';
import type { TestPostgres } from './postgres.ts';
import { scriptEmbedder } from './scripted-embedder.ts';

/** A pipeline whose source is a real table, attached as the worker does; `source` is the profile's `pipeline.source`. */
export async function openRealLab(
  postgres: TestPostgres,
  { parameters = {}, source = {} }: { parameters?: object; source?: object } = {},
): Promise<Lab> {
  const attach = [{ path: postgres.url, alias: 'source_memories', type: 'postgres', read_only: true }];
  const profile = makeProfile({ extensions: ['postgres_scanner'], attach, pipeline: { parameters, source } });
  const database = await connect(profile, () => undefined);
  onTestFinished(() => database.close());
  return new Lab(profile, database, undefined, postgres.pool);
}

/** A laboratory whose database is a file, with a recall file beside it, opened as the worker opens it. */
export interface FileLab {
  readonly lab: Lab;
  readonly path: string;
  readonly recallFile: string;
  /** Writes entries to the agents' table. */
  readonly write: (entries: readonly JournalEntry[]) => Promise<void>;
  /** A whole night, with write-back and a recall file. */
  readonly night: (asOf: string) => Promise<void>;
}

interface FileLabOptions {
  /** The profile's. */
  readonly settings?: object;
  readonly target?: string;
  /** The profile's `pipeline.source`. */
  readonly source?: object;
  /** Whose role connects, by default the owner's. */
  readonly url?: string;
  /** What stands in the place of the pool, or of the rewriting of the file. */
  readonly postgres?: (pool: pg.Pool) => Postgres;
  readonly rewrite?: (real: () => Promise<void>) => () => Promise<void>;
}

export async function openFileLab(postgres: TestPostgres, options: FileLabOptions = {}): Promise<FileLab> {
  const { settings = {}, source = {}, target = 'test', url = postgres.url } = options;
  const folder = makeFolder();
  const attach = [{ path: url, alias: 'source_memories', type: 'postgres', read_only: true }];
  const path = join(folder, 'state.duckdb');
  const extensions = ['postgres_scanner', 'fts'];
  const profile = makeProfile({ path, extensions, attach, settings, pipeline: { source } }, {}, target);
  const recallFile = recallFileOf(profile, folder);
  const database = await openReconnecting({
    profile: () => profile,
    report: () => undefined,
    allowedPaths: publishedFiles(recallFile),
  });
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  onTestFinished(async () => {
    database.close();
    await pool.end();
  });
  const { embedder } = scriptEmbedder((text) => [text.length % 7, text.length % 5, 1]);
  const real = rewriting(database, profile) ?? (() => Promise.resolve());
  const rewrite = options.rewrite?.(real) ?? real;
  const lab = new Lab(profile, database, undefined, options.postgres?.(pool) ?? pool, embedder, recallFile, rewrite);
  return {
    ...{ lab, path, recallFile },
    write: async (entries) => {
      const client = await postgres.pool.connect();
      try {
        await createMemories(client);
        await writeMemories(client, profile, entries);
      } finally {
        client.release();
      }
    },
    night: async (asOf) => {
      await lab.live(asOf, [...NIGHT, 'writeBackDreams', 'publishRecall']);
    },
  };
}
