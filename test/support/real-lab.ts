import { onTestFinished } from 'vitest';
import { connect } from '../../duckdb/database.ts';
import { makeProfile } from './database.ts';
import { Lab } from './lab.ts';
import type { TestPostgres } from './postgres.ts';

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
