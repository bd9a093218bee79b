import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { DREAMS_TABLES, STATE_TABLES } from '../../activities/forget.tables.ts';
import type { ForgetOutcome, ForgetReceipt } from '../../memory/types.ts';
import { distinctiveParts } from '../../memory/traces.ts';
import { openAttached } from '../../duckdb/database.ts';
import { readJournal } from '../../source/journal.ts';
import { query } from '../support/database.ts';
import { makeEnvironment, type Lab } from '../support/lab.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';
import { openFileLab, type FileLab } from '../support/real-lab.ts';

const NIGHT = '2026-04-01T03:00:00.000Z';
const LATER = '2026-04-01T12:00:00.000Z';
/** Otherwise no search of bytes could find a text, before the forgetting or after it. */
const PLAIN = { force_compression: 'uncompressed' };

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await openPostgres();
  return () => postgres.drop();
});
beforeEach(async () => {
  await postgres.pool.query('drop schema if exists dreams cascade; drop table if exists public.memories cascade');
});

async function readSample() {
  const entries = [];
  for await (const entry of readJournal(new URL('../../sample/journal.jsonl', import.meta.url).pathname, NIGHT))
    entries.push(entry);
  return entries;
}

function forget({ activities }: Lab, ids: readonly string[], asOf = LATER): Promise<ForgetOutcome> {
  return makeEnvironment().run(activities.forgetMemories, { ids, asOf });
}

async function receiptOf(outcome: Promise<ForgetOutcome>): Promise<ForgetReceipt> {
  const result = await outcome;
  if (result.status !== 'forgotten') throw new Error(`unknown: ${result.ids.join(', ')}`);
  return result.receipt;
}

/** The texts of every table and file: DuckDB's, the recall file's, schema dreams', and all bytes. */
async function everything({ lab, path, recallFile }: FileLab): Promise<string> {
  const recall = await openAttached(recallFile, 'recall', lab.profile);
  const texts: string[] = [];
  for (const [database, name] of [
    [lab.database, 'state'],
    [recall, 'recall'],
  ] as const) {
    const tables = await query(
      database,
      `select schema_name as s, table_name as t from duckdb_tables() where database_name = '${name}'`,
    );
    for (const { s, t } of tables)
      texts.push(
        ...(await query(database, `select to_json(t)::varchar as row from ${name}.${s}.${t} t`)).map(({ row }) =>
          String(row),
        ),
      );
  }
  recall.close();
  const { rows } = await postgres.pool.query<{ t: string }>(
    `select tablename as t from pg_tables where schemaname = 'dreams'`,
  );
  for (const { t } of rows)
    texts.push(
      ...(await postgres.pool.query<{ row: string }>(`select to_jsonb(t)::text as row from dreams.${t} t`)).rows.map(
        ({ row }) => row,
      ),
    );
  const files = readdirSync(dirname(path)).map((file) => readFileSync(join(dirname(path), file), 'latin1'));
  return [...texts, ...files].join('\n');
}

test('what is forgotten is in no table and no file any more, by its text and by its id, and all else stays', async () => {
  const file = await openFileLab(postgres, { settings: PLAIN });
  const sample = await readSample();
  await file.write(sample);
  await file.night(NIGHT);
  const [gone, kept] = [sample.filter((_, index) => index % 5 === 0), sample.filter((_, index) => index % 5 > 0)];
  const keptText = JSON.stringify(kept);
  const own = gone.flatMap(({ content }) => distinctiveParts(content)).filter((part) => !keptText.includes(part));
  const before = await everything(file);
  expect(own.filter((part) => !before.includes(part))).toEqual([]);
  const ids = gone.map(({ id }) => id);
  const receipt = await receiptOf(forget(file.lab, ids));
  expect(receipt).toMatchObject({ forgotten: gone.length, already: 0, found: [], published: true, elsewhere: [] });
  expect(receipt.source).toEqual({ deleted: gone.length, left: 0, why: null, sql: null });
  expect(receipt.search).toMatchObject({ ids: gone.length, withoutText: 0 });
  const after = await everything(file);
  expect([...own, ...ids].filter((part) => after.includes(part))).toEqual([]);
  expect(kept.filter(({ id }) => !after.includes(id))).toEqual([]);
});

test('every table of the state is on the list of what forgetting does to it, and every table of schema dreams', async () => {
  const { lab, night, write } = await openFileLab(postgres);
  await write([]);
  await night(NIGHT);
  const tables = await lab.list(
    `select table_name from duckdb_tables() where database_name = 'state' and not temporary`,
  );
  expect(Object.keys(STATE_TABLES).sort()).toEqual([...tables].sort());
  const { rows } = await postgres.pool.query<{ t: string }>(
    `select tablename as t from pg_tables where schemaname = 'dreams'`,
  );
  expect(Object.keys(DREAMS_TABLES).sort()).toEqual(rows.map(({ t }) => t).sort());
});
