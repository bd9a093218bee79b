import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Database } from '../../duckdb/database.ts';
import { createMemories, writeMemories } from '../../source/memories.ts';
import { readJournal } from '../../source/journal.ts';
import { makeProfile } from '../support/database.ts';
import { Lab, NIGHT } from '../support/lab.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = readFileSync(new URL('../../docs/querying-dreams.md', import.meta.url), 'utf8');
/** As few as give each statement something to answer. */
const NIGHTS = ['2026-03-16', '2026-03-20', '2026-03-23', '2026-03-27', '2026-03-29', '2026-03-31'];

let postgres: TestPostgres;
let database: Database;

beforeAll(async () => {
  postgres = await openPostgres();
  const client = await postgres.pool.connect();
  const attach = [{ path: postgres.url, alias: 'source_memories', type: 'postgres', read_only: true }];
  const profile = makeProfile({ extensions: ['postgres_scanner'], attach }, { cls_rho: 0.4 }, 'dev');
  await createMemories(client);
  await writeMemories(client, profile, readJournal(`${ROOT}sample/journal.jsonl`, '2026-03-31T03:00:00Z'));
  // The sample has no row that is rejected.
  await client.query(`alter table public.memories alter content drop not null`);
  await client.query(
    `insert into public.memories (id, content, created_at, updated_at) values ('odd', null, '2026-03-05', '2026-03-05')`,
  );
  client.release();
  database = await connect(profile, () => undefined);
  const lab = new Lab(profile, database, undefined, postgres.pool);
  for (const night of NIGHTS) await lab.live(`${night}T03:00:00.000Z`, [...NIGHT, 'writeBackDreams']);
  await postgres.pool
    .query(`insert into dreams.recall_events (target, recall_id, kind, memory_id, rank, question_hash, asked_at, noted_at)
    select 'dev', 'r', kind, memory_id, 1, '', '2026-03-31 12:00Z', '2026-03-31 12:01Z'
    from (select memory_id from dreams.long_term_memories limit 1) given, unnest(array['recalled', 'used']) kind`);
}, 300_000);
afterAll(async () => {
  database.close();
  await postgres.drop();
});

const blocks = (language: string) =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']) => block);

describe('docs/querying-dreams.md', () => {
  test.each(blocks('sql'))('%s', async (sql) => {
    const { rowCount } = await postgres.pool.query(sql);
    expect(rowCount).toBeGreaterThan(0);
  });

  test('the program reads what was kept', async () => {
    const [program = ''] = blocks('ts');
    const ran = await execa(process.execPath, ['--input-type=module'], {
      cwd: ROOT,
      env: { POSTGRES_DB_URL: postgres.url },
      input: program,
    });
    expect(ran.stdout.split('\n')).toHaveLength(3);
    expect(ran.stdout).toContain('(replayed until the cortex holds it)');
  });

  test('every column of every table and view is described', async () => {
    const { rows } = await postgres.pool.query<{ relation: string; kind: string; columns: string[] }>(
      `select relname as relation, relkind as kind, array_agg(attname::text order by attnum) as columns
       from pg_class join pg_attribute on attrelid = pg_class.oid
       where relnamespace = 'dreams'::regnamespace and relkind in ('r', 'v') and attnum > 0 and not attisdropped
       group by relname, relkind order by relname`,
    );
    for (const { relation, kind, columns } of rows)
      expect([relation, columnsOf(relation, kind)]).toEqual([relation, columns]);
  });
});

/** The columns that the page gives a table or view; a view that only sorts or picks has those of the table that it names. */
function columnsOf(relation: string, kind: string): string[] {
  const heading = `### ${kind === 'v' ? 'View' : 'Table'} \`${relation}\`\n`;
  const section = PAGE.split(heading)[1]?.split(/^##/m)[0] ?? '';
  const columns = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, column = '']) => column);
  const [, table] = /`(\w+)`/.exec(section) ?? [];
  return columns.length === 0 && table !== undefined ? columnsOf(table, 'r') : columns;
}
