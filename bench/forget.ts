import { createReadStream, readdirSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MockActivityEnvironment } from '@temporalio/testing';
import type pg from 'pg';
import { z } from 'zod';
import { createActivities, type Dependencies } from '../activities/index.ts';
import { findOnnx } from '../downloads/onnx.ts';
import { openAttached, type Database } from '../duckdb/database.ts';
import { openReconnecting } from '../duckdb/reconnecting.ts';
import { rewriting } from '../duckdb/rewrite.ts';
import { openEmbedder } from '../llm/embedder.ts';
import { openEmbeddingModel } from '../llm/embedding-model.ts';
import { rules } from '../llm/rules.ts';
import type { ForgetOutcome } from '../memory/types.ts';
import { loadProfile, type Profile } from '../profiles/profile.ts';
import { nextFiles, recallFileOf } from '../recall/paths.ts';
import { startServices } from '../services/services.ts';
import { readJournal, type JournalEntry } from '../source/journal.ts';
import { createMemories, writeMemories } from '../source/memories.ts';
import { createPool } from '../source/pool.ts';
import { withFolder } from './biomem.ts';
import { createRandom } from './random.ts';

const textRows = z.array(z.array(z.string()));
const SEED = 20_260_401;
const SYNTHETIC = 2_581;
const FORGOTTEN = 1_000;
const BATCHES = 10;
const SAMPLE = fileURLToPath(new URL('../sample/journal.jsonl', import.meta.url));
const NIGHT = [
  ...(['ingestMemories', 'readFeatures', 'attendMemories', 'embedMemories', 'bindEpisodes'] as const),
  ...(['describeEpisodes', 'consolidateTraces', 'integrateNetwork', 'learnGists', 'scaleAssociations'] as const),
  ...(['associateDistantly', 'writeBackDreams', 'publishRecall'] as const),
];
const night = (number: number) => new Date(Date.UTC(2026, 3, number, 3)).toISOString();

/**
 * A thousand random memories of the sample and of synthetic rows are forgotten, a hundred at once, with a night after each hundred. What
 * is left of them is looked for by this file's own search: in the rows of every table, in the bytes of every file. DuckDB does not
 * compress here, so that the bytes can be found as long as they are there; of those that are kept it says whether they still are.
 */
export async function run(): Promise<unknown> {
  return withFolder(async (folder, workspace) => {
    const report = () => undefined;
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
    const { postgres } = await startServices({ workspace, env, target: 'dev', outlive: true, report });
    return measure(await makeProfile(folder, postgres.url), postgres.url);
  });
}

async function makeProfile(folder: string, url: string): Promise<Profile> {
  const attach = [{ path: url, alias: 'source_memories', type: 'postgres', read_only: true }];
  const dev = {
    ...{ type: 'duckdb', path: join(folder, 'bench.duckdb'), threads: 2, attach },
    ...{ extensions: ['postgres_scanner', 'json', 'fts'], settings: { force_compression: 'uncompressed' } },
    // Few nights are lived: what is learned shall be there to be forgotten.
    pipeline: { parameters: { cls_rho: 0.4, fate_transfer: 0.2 }, llm: { url: '', embed: 'onnx:all-MiniLM-L6-v2' } },
  };
  await writeFile(join(folder, 'profiles.yml'), JSON.stringify({ bench: { target: 'dev', outputs: { dev } } }));
  return loadProfile({ profilesDir: folder, profile: 'bench', env: {}, cwd: folder });
}

async function measure(profile: Profile, url: string) {
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  const recallFile = recallFileOf(profile, dirname(profile.path));
  const database = await openReconnecting({ profile: () => profile, report, allowedPaths: nextFiles(recallFile) });
  const postgres = createPool({ address: () => url, threads: 2, report });
  const model = openEmbeddingModel(profile.pipeline.llm, null, (name) => findOnnx(name, { env: process.env, report }));
  const embedder = await openEmbedder(model, report);
  const dependencies: Dependencies = {
    ...{ database, postgres, profile, report, recallFile, embedder, reader: rules },
    rewrite: rewriting(database, profile),
  };
  const client = await postgres.connect();
  try {
    const entries = await makeEntries();
    await createMemories(client);
    await writeMemories(client, profile, entries);
    for (const number of [1, 2, 3]) await live(dependencies, night(number));
    const gone = choose(entries);
    const kept = entries.filter((entry) => !gone.includes(entry));
    const places = { database, client, profile, recallFile };
    const before = await countFound(gone, kept, places);
    const batches = [];
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const size = FORGOTTEN / BATCHES;
      const now = gone.slice(batch * size, (batch + 1) * size);
      batches.push({
        ...(await forget(dependencies, now, night(4 + batch))),
        left: await countFound(now, kept, places),
      });
      await live(dependencies, night(4 + batch));
    }
    const seconds = batches.map((each) => each.seconds).sort((a, b) => a - b);
    return {
      ...{ seed: SEED, memories: entries.length, forgotten: gone.length, before },
      batches: { seconds: { median: seconds[BATCHES / 2], longest: seconds.at(-1) }, receipts: batches },
      after: await countFound(gone, kept, places),
      'kept, after': await countFound(kept, [], places),
      'vacuumed PostgreSQL': await vacuum(client, gone, kept),
    };
  } finally {
    client.release();
    await postgres.end();
    database.close();
  }
}

async function live(dependencies: Dependencies, asOf: string): Promise<void> {
  const activities = createActivities(dependencies);
  for (const step of NIGHT)
    await new MockActivityEnvironment().run(activities[step], { asOf, dryRun: false, limits: {}, everyRow: true });
}

async function forget(dependencies: Dependencies, entries: readonly JournalEntry[], asOf: string) {
  const began = performance.now();
  const input = { ids: entries.map(({ id }) => id), asOf };
  const outcome: ForgetOutcome = await new MockActivityEnvironment().run(
    createActivities(dependencies).forgetMemories,
    input,
  );
  if (outcome.status === 'unknown') throw new Error(`unknown: ${outcome.ids.join(', ')}`);
  const { found, search, source } = outcome.receipt;
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return { seconds, deleted: source.deleted, parts: search.parts, shared: search.shared, found };
}

const WORDS = ['brass', 'lantern', 'harbour', 'granite', 'orchard', 'velvet', 'saffron', 'walnut', 'copper', 'meadow'];
const PEOPLE = ['Noor', 'Ines', 'Tariq', 'Maren', 'Oskar', 'Yuki', 'Priya', 'Anselm'];

async function makeEntries(): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const entry of readJournal(SAMPLE, night(1))) entries.push(entry);
  const random = createRandom(SEED);
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? '';
  for (let number = 0; number < SYNTHETIC; number += 1) {
    const at = new Date(Date.UTC(2026, 2, 1) + number * 17 * 60_000).toISOString();
    const code = Math.floor(random() * 1e9).toString(36);
    entries.push({
      id: `synthetic-${String(number).padStart(5, '0')}-${code}`,
      content: `${pick(PEOPLE)} decided that the ${pick(WORDS)} ${pick(WORDS)} number ${code} goes to Halifax. It failed twice before, never move ${code} again without ${pick(PEOPLE)}.`,
      ...{ created_at: at, updated_at: at, tags: [pick(WORDS)], context: null },
      metadata: { agent: `agent-${String(number % 8)}` },
    });
  }
  return entries;
}

function choose(entries: readonly JournalEntry[]): JournalEntry[] {
  const random = createRandom(SEED + 1);
  const keyed = entries.map((entry) => ({ entry, key: random() }));
  return keyed
    .sort((a, b) => a.key - b.key)
    .slice(0, FORGOTTEN)
    .map(({ entry }) => entry);
}

/** Ids, and sentences that stand in no memory that is kept; quotation marks are written otherwise in JSON. */
function marksOf(gone: readonly JournalEntry[], kept: readonly JournalEntry[]): string[] {
  const others = kept.map(({ content }) => content).join('\n');
  const sentences = gone.flatMap(({ content }) => content.split(/(?<=[.!?])\s|["\n\\]/).map((each) => each.trim()));
  const own = sentences.filter((each) => each.length >= 20 && !others.includes(each));
  return [...new Set([...own, ...gone.map(({ id }) => id)])];
}

interface Places {
  readonly database: Database;
  readonly client: pg.PoolClient;
  readonly profile: Profile;
  readonly recallFile: string;
}

/** How many of the marks are found, in rows and in bytes. */
async function countFound(gone: readonly JournalEntry[], kept: readonly JournalEntry[], places: Places) {
  const marks = marksOf(gone, kept);
  const rows = Buffer.from((await readRows(places)).join('\n'));
  // What lies in DuckDB's log is in the file after a checkpoint.
  await places.database.use((connection) => connection.run('force checkpoint'));
  const folder = dirname(places.profile.path);
  const files = await Promise.all(
    readdirSync(folder)
      .filter((name) => name.includes('.duckdb'))
      .map((name) => readAll(join(folder, name))),
  );
  return {
    marks: marks.length,
    inRows: marks.filter((mark) => rows.includes(mark)).length,
    inBytes: marks.filter((mark) => files.some((file) => file.includes(mark))).length,
  };
}

async function readRows({ database, client, profile, recallFile }: Places): Promise<string[]> {
  const recall = await openAttached(recallFile, 'recall', profile);
  const rows: string[] = [];
  for (const [source, name] of [
    [database, 'bench'],
    [recall, 'recall'],
  ] as const)
    await source.use(async (connection) => {
      const read = async (sql: string) => textRows.parse((await connection.runAndReadAll(sql)).getRowsJS());
      const tables = await read(
        `select schema_name, table_name from duckdb_tables() where database_name = '${name}' and not temporary`,
      );
      for (const table of tables) {
        const place = `${name}.${table.map((each) => `"${each}"`).join('.')}`;
        const columns = `columns(lambda c: c not in ('vector', 'embedding'))`;
        rows.push(...(await read(`select to_json(t)::varchar from (select ${columns} from ${place}) t`)).flat());
      }
    });
  recall.close();
  const tables = await client.query<{ t: string }>(`select tablename as t from pg_tables where schemaname = 'dreams'`);
  for (const { t } of tables.rows)
    rows.push(
      ...(await client.query<{ row: string }>(`select t::text as row from dreams."${t}" t`)).rows.map(({ row }) => row),
    );
  return rows;
}

async function readAll(file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** PostgreSQL's own files, without its log, before and after the statement that the receipt names. */
async function vacuum(client: pg.PoolClient, gone: readonly JournalEntry[], kept: readonly JournalEntry[]) {
  const marks = marksOf(gone, kept);
  const { rows } = await client.query<{ data_directory: string }>('show data_directory');
  const base = join(rows[0]?.data_directory ?? '', 'base');
  const count = async () => {
    await client.query('checkpoint');
    const names = readdirSync(base, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(join(base, name)).isFile(),
    );
    const files = await Promise.all(names.map((name) => readAll(join(base, name))));
    return marks.filter((mark) => files.some((file) => file.includes(mark))).length;
  };
  const before = await count();
  const tables = await client.query<{ t: string }>(`select tablename as t from pg_tables where schemaname = 'dreams'`);
  // The statistics come last: what the others have in them is replaced by then.
  const places = ['public.memories', ...tables.rows.map(({ t }) => `dreams."${t}"`), 'pg_catalog.pg_statistic'];
  await client.query(`vacuum (full, analyze) ${places.join(', ')}`);
  return { marks: marks.length, before, after: await count() };
}
