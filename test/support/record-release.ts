import { readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import pg from 'pg';
import { quoteIdentifier, quoteLiteral } from '../../profiles/sql.ts';
import { makeWorkspace, plainEnv, clear, start } from '../services/support.ts';

// Records what a released version left in its databases, for the tests of upgrades: test/releases/README.md says how to run it.
// To be run once for each released version; what is recorded is never changed.
const [checkout = '', version = ''] = process.argv.slice(2);
const release = resolve(checkout);
const found = JSON.parse(readFileSync(join(release, 'package.json'), 'utf8')) as { version?: string };
if (found.version !== version)
  throw new Error(`expected a checkout of the version that is named, got ${String(found.version)} and "${version}"`);

const NIGHTS = 14;
const folder = new URL(`../releases/${version}/`, import.meta.url);
const workspace = await makeWorkspace();
try {
  const journal = join(workspace, 'journal.jsonl');
  await writeFile(journal, `${chooseLines(readFileSync(join(release, 'sample/journal.jsonl'), 'utf8')).join('\n')}\n`);
  const home = join(workspace, 'dream');
  await biomem('dream', '--journal', journal, '--nights', String(NIGHTS), '--workspace', home);
  const checksum = await biomem('checksum', '--json', '--workspace', home);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL('checksum.json', folder), `${JSON.stringify(JSON.parse(checksum), null, 1)}\n`);
  await writeFile(new URL('dev.duckdb.gz', folder), gzipSync(await readFile(join(home, 'dev.duckdb')), { level: 9 }));
  await writeFile(new URL('postgres.sql', folder), await dumpPostgres(home));
  await clear(home);
} finally {
  await rm(workspace, { recursive: true, force: true });
}

/** Enough that gists and insights come of it: the first two days, and of what follows a third of one project. */
function chooseLines(journal: string): string[] {
  const lines = journal.trim().split('\n');
  const project = lines.slice(24).filter((line) => line.includes('"marigold"'));
  return [...lines.slice(0, 24), ...project.filter((_, index) => index % 3 === 0).slice(0, 20)];
}

async function biomem(...args: string[]): Promise<string> {
  const { stdout } = await execa('node', [join(release, 'bin/biomem.cjs'), ...args], {
    cwd: release,
    env: plainEnv,
    extendEnv: false,
    stderr: 'inherit',
  });
  return stdout;
}

/** The statements with which the release made the tables, what it said of the schema, and the rows. */
async function dumpPostgres(home: string): Promise<string> {
  const { postgres } = await start(home);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    // Later versions make schema dreams by the files of activities/dreams/.
    const made = ['source/memories.create.sql', 'activities/write-back.schema.sql'];
    const {
      rows: [said],
    } = await client.query<{ comment: string }>(`select obj_description('dreams'::regnamespace) as comment`);
    const { rows: tables } = await client.query<{ schema: string; name: string }>(
      `select schemaname as schema, tablename as name from pg_tables where schemaname in ('public', 'dreams') order by 1 desc, 2`,
    );
    const dumped: string[] = [];
    for (const { schema, name } of tables) dumped.push(await dumpTable(client, schema, name));
    return [
      `-- What version ${version} left in PostgreSQL: test/releases/README.md`,
      ...made.map((file) => readFileSync(join(release, file), 'utf8').trim()),
      `comment on schema dreams is ${quoteLiteral(said?.comment ?? '')};`,
      ...dumped,
      '',
    ].join('\n\n');
  } finally {
    await client.end();
  }
}

async function dumpTable(client: pg.Client, schema: string, name: string): Promise<string> {
  const table = [schema, name].map(quoteIdentifier).join('.');
  const { rows } = await client.query<{ row: string }>(`select to_jsonb(t)::text as row from ${table} t order by 1`);
  const list = rows.map(({ row }) => row).join(',\n');
  return `insert into ${table} select * from jsonb_populate_recordset(null::${table}, ${quoteLiteral(`[${list}]`)});`;
}
