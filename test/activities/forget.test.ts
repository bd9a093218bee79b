import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { DREAMS_TABLES, STATE_TABLES } from '../../activities/forget.tables.ts';
import type { ForgetOutcome, ForgetReceipt } from '../../memory/types.ts';
import { distinctiveParts } from '../../memory/traces.ts';
import { openAttached, type Database } from '../../duckdb/database.ts';
import { readJournal, type JournalEntry } from '../../source/journal.ts';
import type { Postgres } from '../../source/pool.ts';
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

/** A role that may read the agents' table and no more; its address. */
async function makeReader({ url, pool }: TestPostgres): Promise<string> {
  await pool.query(`create role reader login password 'reader'`);
  onTestFinished(async () => {
    await pool.query('drop schema if exists dreams cascade; drop owned by reader; drop role reader');
  });
  const address = new URL(url);
  address.username = 'reader';
  address.password = 'reader';
  return address.href;
}

/** Connections that break when schema dreams is to be written to, as long as it is said. */
function failing(pool: pg.Pool, fails: () => boolean): Postgres {
  return {
    connect: async () => {
      const client = await pool.connect();
      return new Proxy(client, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          return (...given: readonly unknown[]): unknown => {
            if (fails() && name === 'query' && String(given[0]).startsWith('delete from dreams.'))
              throw new Error('killed');
            return Reflect.apply(value, target, given);
          };
        },
      });
    },
  };
}

/** Which of the texts stand in a row of any table (DuckDB's, the recall file's, schema dreams'), or in the bytes of any file. */
async function look({ lab, path, recallFile }: FileLab, texts: readonly string[]): Promise<string[]> {
  const recall = await openAttached(recallFile, 'recall', lab.profile);
  const rows = [...(await readTables(lab.database, 'state')), ...(await readTables(recall, 'recall'))];
  recall.close();
  for (const { tablename } of await rowsOf(`select tablename from pg_tables where schemaname = 'dreams'`))
    rows.push(
      ...(await rowsOf(`select to_jsonb(t)::text as row from dreams.${String(tablename)} t`)).map(({ row }) =>
        String(row),
      ),
    );
  const files = readdirSync(dirname(path)).map((name) => readFileSync(join(dirname(path), name)));
  const all = [Buffer.from(rows.join('\n')), ...files];
  return texts.filter((text) => all.some((each) => each.includes(text)));
}

async function readTables(database: Database, name: string): Promise<string[]> {
  const places = await query(
    database,
    `select schema_name || '.' || table_name as place from duckdb_tables() where database_name = '${name}'`,
  );
  const rows: string[] = [];
  for (const { place } of places)
    rows.push(
      ...(await query(database, `select to_json(t)::varchar as row from ${name}.${String(place)} t`)).map(({ row }) =>
        String(row),
      ),
    );
  return rows;
}

const rowsOf = async (sql: string) => (await postgres.pool.query<Record<string, unknown>>(sql)).rows;

test('what is forgotten is in no table and no file any more, by its text and by its id, and all else stays', async () => {
  const file = await openFileLab(postgres, { settings: PLAIN });
  const sample = await readSample();
  await file.write(sample);
  await file.night(NIGHT);
  const [gone, kept] = [sample.filter((_, index) => index % 5 === 0), sample.filter((_, index) => index % 5 > 0)];
  const keptText = JSON.stringify(kept);
  const own = gone.flatMap(({ content }) => distinctiveParts(content)).filter((part) => !keptText.includes(part));
  expect(await look(file, own)).toEqual(own);
  const ids = gone.map(({ id }) => id);
  const receipt = await receiptOf(forget(file.lab, ids));
  expect(receipt).toMatchObject({ forgotten: gone.length, already: 0, found: [], published: true, elsewhere: [] });
  expect(receipt.source).toEqual({ deleted: gone.length, left: 0, why: null, sql: null });
  expect(receipt.search).toMatchObject({ ids: gone.length, withoutText: 0 });
  expect(await look(file, [...own, ...ids])).toEqual([]);
  const keptIds = kept.map(({ id }) => id);
  expect(await look(file, keptIds)).toEqual(keptIds);
});

const words = [
  'harbour',
  'lantern',
  'orchard',
  'granite',
  'meadow',
  'copper',
  'velvet',
  'thunder',
  'saffron',
  'walnut',
];

/** Memories of two days, each with a sentence of its own. */
const few: readonly JournalEntry[] = [28, 29].flatMap((day) =>
  words.map((word, minute) => ({
    id: `memory-${String(day)}-${word}`,
    content: `We decided in Halifax with Noor that the ${word} of day ${String(day)} is critical, never forget it.`,
    created_at: `2026-03-${String(day)}T10:0${String(minute)}:00.000Z`,
    updated_at: `2026-03-${String(day)}T10:0${String(minute)}:00.000Z`,
    ...{ tags: ['x'], context: null, metadata: { agent: 'ada' } },
  })),
);
const HARBOUR = 'memory-28-harbour';
const TEXT = 'that the harbour of day 28 is critical';

async function openFew(options: Parameters<typeof openFileLab>[1] = {}): Promise<FileLab> {
  const file = await openFileLab(postgres, { settings: PLAIN, ...options });
  await file.write(few);
  await file.night(NIGHT);
  return file;
}

const held = (file: FileLab) => file.lab.list('select memory_id from raw_memory order by 1');

test('every table of the state is on the list of what forgetting does to it, and every table of schema dreams', async () => {
  const { lab, night, write } = await openFileLab(postgres);
  await write([]);
  await night(NIGHT);
  const tables = await lab.list(
    `select table_name from duckdb_tables() where database_name = 'state' and not temporary`,
  );
  expect(Object.keys(STATE_TABLES).sort()).toEqual([...tables].sort());
  const there = await rowsOf(`select tablename from pg_tables where schemaname = 'dreams'`);
  expect(Object.keys(DREAMS_TABLES).sort()).toEqual(there.map(({ tablename }) => tablename).sort());
});

test('the file is rewritten once for many ids, and without that the search finds the bytes of the deleted rows', async () => {
  let rewritten = 0;
  const checkpoint = async () => {
    rewritten += 1;
    await file.lab.rows('force checkpoint');
  };
  const file = await openFew({ rewrite: () => checkpoint });
  const { found } = await receiptOf(forget(file.lab, [HARBOUR, 'memory-29-walnut']));
  expect([rewritten, found.map(({ place, what }) => [place, what])]).toEqual([1, [[file.path, 'text']]]);
});

test('of an unknown id nothing is erased, nor of those beside it', async () => {
  const file = await openFew();
  expect(await forget(file.lab, [HARBOUR, 'nobody'])).toEqual({ status: 'unknown', ids: ['nobody'] });
  expect(await held(file)).toHaveLength(few.length);
  expect(await file.lab.list('select id_hash from forgotten')).toEqual([]);
});

test('where the role may not delete, its owner is told what to run, and the row never comes back', async () => {
  await postgres.pool.query('create table if not exists public.memories (id text primary key)');
  await postgres.pool.query('drop table public.memories');
  const url = await makeReader(postgres);
  const file = await openFileLab(postgres, { url });
  await file.write(few);
  await postgres.pool.query('grant select on public.memories to reader; create schema dreams authorization reader');
  await file.night(NIGHT);
  const { source, found } = await receiptOf(forget(file.lab, [HARBOUR]));
  expect(found).toEqual([]);
  expect(source).toEqual({
    deleted: 0,
    left: 1,
    why: 'permission denied for table memories',
    sql: `delete from "public"."memories" where "id"::text in ('${HARBOUR}');`,
  });
  await file.night('2026-04-02T03:00:00.000Z');
  await postgres.pool.query(`update public.memories set content = content || '!', updated_at = '2026-04-02T10:00:00Z'`);
  await file.night('2026-04-03T03:00:00.000Z');
  expect(await held(file)).not.toContain(HARBOUR);
  expect(await rowsOf(`select * from dreams.long_term_memories where memory_id = '${HARBOUR}'`)).toEqual([]);
  const { waiting } = await file.lab.run('ingestMemories', '2026-04-03T04:00:00.000Z', undefined, { everyRow: true });
  expect(waiting).toBe(0);
  // The owner does it, and it is asked for once more.
  await postgres.pool.query(source.sql ?? '');
  expect(await receiptOf(forget(file.lab, [HARBOUR]))).toMatchObject({ forgotten: 0, already: 1, source: { left: 0 } });
});

test("a memory that no cycle has seen yet is forgotten in the agents' table, and never taken over", async () => {
  const file = await openFew();
  const late = { ...few[0]!, id: 'memory-30-late', content: 'The code of the northern gate is four seven one one.' };
  await file.write([late]);
  const { source, search } = await receiptOf(forget(file.lab, [late.id]));
  expect([source.deleted, search.withoutText]).toEqual([1, 0]);
  await file.write([late]);
  await file.night('2026-04-02T03:00:00.000Z');
  expect(await held(file)).not.toContain(late.id);
});

test.each(['before anything was erased', 'when all tables were done'] as const)(
  'a forgetting that was broken off %s is finished by the next cycle',
  async (when) => {
    let broken = false;
    const file = await openFew({
      postgres: (pool) => failing(pool, () => broken && when === 'before anything was erased'),
      rewrite: (real) => async () => {
        if (broken) throw new Error('killed');
        await real();
      },
    });
    broken = true;
    await expect(forget(file.lab, [HARBOUR])).rejects.toThrow('killed');
    expect((await held(file)).includes(HARBOUR)).toBe(when === 'before anything was erased');
    broken = false;
    await file.lab.run('ingestMemories', '2026-04-02T03:00:00.000Z');
    expect(file.lab.lines.at(-1)).toMatch(/^forget: went on with what was broken off/);
    expect(await look(file, [TEXT, HARBOUR])).toEqual([]);
    file.lab.lines.length = 0;
    await file.lab.run('ingestMemories', '2026-04-03T03:00:00.000Z');
    expect(file.lab.lines).toEqual([]);
  },
);

test('a recall file that cannot be made again is taken away, and the next cycle makes it', async () => {
  const file = await openFew();
  const next = file.recallFile.replace('.recall.', '.recall.next.');
  mkdirSync(join(next, 'in the way'), { recursive: true });
  expect(await receiptOf(forget(file.lab, [HARBOUR]))).toMatchObject({ published: false, found: [] });
  expect(existsSync(file.recallFile)).toBe(false);
  rmSync(next, { recursive: true });
  await file.night('2026-04-02T03:00:00.000Z');
  expect(existsSync(file.recallFile)).toBe(true);
});

test('a cycle goes on where what was broken off cannot be finished yet, and says so', async () => {
  let broken = false;
  const file = await openFew({ rewrite: (real) => async () => (broken ? Promise.reject(new Error('disk')) : real()) });
  broken = true;
  await expect(forget(file.lab, [HARBOUR])).rejects.toThrow('disk');
  expect(await file.lab.run('ingestMemories', '2026-04-02T03:00:00.000Z')).toMatchObject({ ingested: 0, deleted: 0 });
  expect(file.lab.lines.at(-1)).toMatch(/cannot be finished now, the next cycle tries again: disk/);
});

test('what was made of several memories is made again from those that are left', async () => {
  const file = await openFew();
  const episodes = () => rowsOf(`select memory_ids, title from dreams.short_term_episodes order by started_at`);
  expect(await episodes()).toHaveLength(2);
  const oldest = await file.lab.list('select distinct community_id from network');
  expect(oldest).toContain(HARBOUR);
  await receiptOf(forget(file.lab, [HARBOUR]));
  expect(await episodes()).toHaveLength(1);
  expect(await file.lab.list('select distinct community_id from network')).not.toContain(HARBOUR);
  expect(
    await rowsOf(`select minicolumn_id from dreams.long_term_memories where minicolumn_id = '${HARBOUR}'`),
  ).toEqual([]);
  await file.night('2026-04-02T03:00:00.000Z');
  const [first, second] = await episodes();
  expect(first?.['memory_ids']).toEqual(words.slice(1).map((word) => `memory-28-${word}`));
  expect([first?.['title'], second?.['title']].every((title) => typeof title === 'string' && title !== '')).toBe(true);
});

test('the last memory that was read leaves nothing either, and what is written after it is read', async () => {
  const file = await openFew();
  const last = few.at(-1)!;
  expect((await receiptOf(forget(file.lab, [last.id]))).found).toEqual([]);
  expect(await look(file, [last.id])).toEqual([]);
  await file.write([{ ...last, id: 'memory-29-after' }]);
  await file.lab.run('ingestMemories', '2026-04-02T03:00:00.000Z');
  expect(await held(file)).toContain('memory-29-after');
});

test('answers of models go all together, since nothing tells whose text was asked about', async () => {
  const file = await openFew();
  await file.lab.rows(`insert into llm_cache values ('k', 'm', 'Noor likes it', null, 1, 1, 100, 1)`);
  await receiptOf(forget(file.lab, [HARBOUR]));
  expect(await file.lab.list('select key from llm_cache')).toEqual([]);
});

test('a copy that somebody made in the same file is found, named and left alone', async () => {
  const file = await openFew();
  await file.lab.rows('create schema marts');
  await file.lab.rows('create table marts.copied as select memory_id, content from raw_memory');
  const { found } = await receiptOf(forget(file.lab, [HARBOUR]));
  expect(found.filter(({ place }) => !place.startsWith('/'))).toEqual([
    { place: 'marts.copied', what: 'text', times: 1 },
    { place: 'marts.copied', what: 'id', times: 1 },
  ]);
  expect(await file.lab.list('select count(*)::int from marts.copied')).toEqual([few.length]);
});

test('rows of another target stay, and it is named', async () => {
  const file = await openFew();
  await postgres.pool.query(
    `insert into dreams.long_term_memories select (jsonb_populate_record(null::dreams.long_term_memories, to_jsonb(t) || '{"target": "prod"}')).*
     from dreams.long_term_memories t`,
  );
  const { elsewhere, found } = await receiptOf(forget(file.lab, [HARBOUR]));
  expect([elsewhere, found]).toEqual([['prod'], []]);
  const left = await rowsOf(`select target from dreams.long_term_memories where memory_id = '${HARBOUR}'`);
  expect(left).toEqual([{ target: 'prod' }]);
});

test('rows that were passed over are no longer named by their ids', async () => {
  const file = await openFew();
  await postgres.pool.query(
    `alter table public.memories alter column created_at drop not null;
     insert into public.memories (id, content, created_at) values ('memory-30-undated', 'A memory without any time at all.', null)`,
  );
  await file.night('2026-04-02T03:00:00.000Z');
  expect(JSON.stringify(await rowsOf('select counts from dreams.processing_metrics'))).toContain('memory-30-undated');
  const { found, source } = await receiptOf(forget(file.lab, ['memory-30-undated'], '2026-04-02T12:00:00.000Z'));
  expect([found, source.deleted]).toEqual([[], 1]);
  expect(JSON.stringify(await rowsOf('select counts from dreams.processing_metrics'))).not.toContain(
    'memory-30-undated',
  );
});

test('nothing tells any more that it was recalled, nor what was asked then; what was told of others stays', async () => {
  const file = await openFileLab(postgres, { settings: PLAIN });
  const [gone, kept, other] = await readSample();
  await file.write([gone!, kept!, other!]);
  await file.night(NIGHT);
  const tell = (recall: string, question: string, ids: readonly string[]) =>
    postgres.pool.query(
      `insert into dreams.recall_events (target, recall_id, kind, memory_id, rank, question_hash, question, asked_at, noted_at)
       select $1, $2, kind, id, rank, '', $3, '2026-04-01 10:00Z', '2026-04-01 10:01Z'
       from unnest($4::text[]) with ordinality as given (id, rank), unnest(array['recalled', 'used']) as kind`,
      [file.lab.profile.target, recall, question, ids],
    );
  await tell('r1', gone!.content, [gone!.id, kept!.id]);
  await tell('r2', 'Where was it?', [kept!.id, other!.id]);
  await file.night('2026-04-02T03:00:00.000Z');
  expect(await file.lab.list('select count(*)::int from recall_feedback where folded_in is not null')).toEqual([4]);
  const receipt = await receiptOf(forget(file.lab, [gone!.id], '2026-04-02T12:00:00.000Z'));
  expect(receipt.found).toEqual([]);
  expect(await look(file, [gone!.id])).toEqual([]);
  const left = await postgres.pool.query<object>(
    `select recall_id as recall, memory_id as id, question from dreams.recall_events where kind = 'used' order by 1, rank`,
  );
  expect(left.rows).toEqual([
    { recall: 'r1', id: kept!.id, question: null },
    { recall: 'r2', id: kept!.id, question: 'Where was it?' },
    { recall: 'r2', id: other!.id, question: 'Where was it?' },
  ]);
});
