import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type pg from 'pg';
import { onTestFinished } from 'vitest';
import { connect } from '../../duckdb/database.ts';
import type { StateChecksum } from '../../memory/types.ts';
import { makeFolder, makeProfile } from './database.ts';
import { Lab } from './lab.ts';
import type { TestPostgres } from './postgres.ts';

/** How many memories it had lived through, the last on 2026-03-23; its last cycle was as of 2026-03-24, 3 o'clock. */
export const MEMORIES = 44;

const read = (file: string) => readFileSync(new URL(`../releases/0.2.0/${file}`, import.meta.url));

/** What version 0.2.0's own `checksum` said of its file. */
export const CHECKSUM = JSON.parse(read('checksum.json').toString()) as StateChecksum;

/** The DuckDB file that version 0.2.0 left, where it may be written to. */
export function unpackDatabase(): string {
  const path = join(makeFolder(), 'dev.duckdb');
  writeFileSync(path, gunzipSync(read('dev.duckdb.gz')));
  return path;
}

/** What version 0.2.0 runs on a schema whose comment is not its own: at every write-back that comes after one of another version. */
export const RELEASED_SCHEMA = read('postgres.sql').toString().split('\ninsert into ')[0] ?? '';

/** Lays the agents' table and schema dreams into a database as version 0.2.0 left them. */
export async function restorePostgres(pool: pg.Pool): Promise<void> {
  await pool.query('drop schema if exists dreams cascade; drop table if exists public.memories cascade');
  await pool.query(read('postgres.sql').toString());
}

/** Today's pipeline on that file and that table. */
export async function openReleasedLab(postgres: TestPostgres): Promise<Lab> {
  const attach = [{ path: postgres.url, alias: 'source_memories', type: 'postgres', read_only: true }];
  const profile = makeProfile({ path: unpackDatabase(), extensions: ['postgres_scanner'], attach }, {}, 'dev');
  const database = await connect(profile, () => undefined);
  onTestFinished(() => database.close());
  return new Lab(profile, database, undefined, postgres.pool);
}
