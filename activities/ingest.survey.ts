import { z } from 'zod';
import type { DuckDBConnection } from '../duckdb/database.ts';
import { readSql, runText } from '../duckdb/statement.ts';
import type { Field } from '../source/fit.ts';
import type { SourceReader } from './ingest.source.ts';

const SURVEY = new URL('ingest.survey-source.sql', import.meta.url);

const surveyRows = z.array(
  z.object({
    field: z.custom<Field>((value) => typeof value === 'string').nullable(),
    reason: z.string().nullable(),
    rows: z.number(),
    ids: z.array(z.string()),
  }),
);

/** The agents' table as a cycle would take it, without taking anything. */
export interface Survey {
  readonly rows: number;
  readonly unusable: readonly { field: Field; reason: string; rows: number; ids: readonly string[] }[];
}

/** Reads every row. */
export async function surveySource(connection: DuckDBConnection, source: SourceReader): Promise<Survey> {
  await source.view({ keysOnly: false });
  const found = surveyRows.parse(await runText(connection, 'ingest.survey-source.sql', readSql(SURVEY)));
  const unusable = found.flatMap(({ field, reason, rows, ids }) =>
    field === null || reason === null ? [] : [{ field, reason, rows, ids }],
  );
  return { rows: found.find(({ field }) => field === null)?.rows ?? 0, unusable };
}
