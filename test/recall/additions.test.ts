import { copyFileSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { fillState } from '../../bench/state.ts';
import { RecallFile } from '../../recall/file.ts';
import { additionsOf } from '../../recall/paths.ts';
import { recall } from '../../recall/recall.ts';
import { makeFolder } from '../support/database.ts';
import { openLab, type Lab } from '../support/lab.ts';
import { openPostgres } from '../support/postgres.ts';
import { openFileLab } from '../support/real-lab.ts';
import { BARE } from '../support/source.ts';

/** So many that what is new is published by itself. */
const MANY = 1_200;
const DAY = '2026-05-01';
const withoutMeaning = () => Promise.resolve(null);

/** A pipeline with many memories that has published them. */
async function openPublisher() {
  const path = join(makeFolder(), 'test.recall.duckdb');
  return publishing(await openLab({}, undefined, {}, { recallFile: path }), path);
}

async function publishing(lab: Lab, path: string) {
  await fillState(lab.database, { from: 0, to: MANY, agents: 3, cycle: `${DAY}T03:00:00Z` });
  await lab.run('publishRecall', `${DAY}T03:00:00Z`);
  let minute = 0;
  /** Another cycle, with what a test changes in it, and what it publishes. */
  const cycle = async (change: (asOf: string) => Promise<unknown> = () => Promise.resolve()) => {
    minute += 5;
    const asOf = `${DAY}T04:${String(minute).padStart(2, '0')}:00Z`;
    await change(asOf);
    await lab.run('publishRecall', asOf);
    return asOf;
  };
  return { lab, path, cycle };
}

async function open(path: string, { profile }: Lab, before?: RecallFile): Promise<RecallFile> {
  const file = await RecallFile.open(path, profile, { before });
  onTestFinished(() => file.close());
  return file;
}

async function ask(file: RecallFile, question: string, agent?: string) {
  const { results } = await recall(file, withoutMeaning, { question, agent, asOf: `${DAY}T12:00:00Z`, limit: 3 });
  return results.map(({ id }) => id);
}

/** Steps of a waking cycle. */
const WAKING = ['ingestMemories', 'readFeatures', 'attendMemories'] as const;

/** All that a reader finds, table by table; the numbers of memories, which a base and additions give otherwise, are left out. */
async function readAll(file: RecallFile) {
  const columns = {
    memory: '* exclude (n)',
    trace: '* exclude (n)',
    vector: '* exclude (n)',
    entity: '*',
    episode: '*',
    gist: '*',
    event: '*',
  };
  const found: Record<string, unknown[]> = {};
  for (const [table, wanted] of Object.entries(columns)) {
    const sql = join(makeFolder(), 'rows.sql');
    writeFileSync(sql, `select to_json(t)::varchar as text from (select ${wanted} from ${table}) t order by text`);
    found[table] = (await file.query(pathToFileURL(sql), {})).map(({ text }) => text);
  }
  return found;
}

/** What the agents have written, so that ingestion finds nothing deleted. */
const writeSource = (lab: Lab) =>
  lab.rows(`insert into source_memories.public.memories
    select memory_id, content, context, tags, metadata, created_at, updated_at from raw_memory`);

test('a cycle publishes what has changed beside the base, and a reader finds what all published again as a whole would give', async () => {
  const { lab, path, cycle } = await openPublisher();
  await writeSource(lab);
  const { ino } = statSync(path);
  await cycle(async (asOf) => {
    await lab.write(
      { id: 'gate', at: `${DAY}T04:01:00Z`, content: 'The code of the gate is 4711', agent: 'agent-1' },
      // In other words now, and a month later.
      {
        id: 'm7',
        at: '2026-01-01T00:10:30Z',
        updated: `${DAY}T04:02:00Z`,
        content: 'Marmalade for tea',
        agent: 'agent-1',
      },
    );
    await lab.erase('m8');
    await lab.live(asOf, WAKING);
  });
  await cycle(async (asOf) => {
    await lab.rows(`update trace set stability = 99, changed_at = '${asOf}' where memory_id = 'm9'`);
    await lab.rows(`update fate set fate = 'gradual_forgetting', changed_at = '${asOf}' where memory_id = 'm10'`);
    await lab.rows(
      `update embedding set vector = list_reverse(vector), changed_at = '${asOf}' where memory_id = 'm11'`,
    );
    await lab.rows(`update episode_member set episode_id = 'e0' where memory_id = 'm33'`);
    await lab.rows(`update episode set title = 'Moved', changed_at = '${asOf}' where episode_id in ('e0', 'e6')`);
    await lab.rows(`update gist set semantic_gist = 'Learned since', changed_at = '${asOf}' where gist_id = 'g1'`);
    await lab.rows(`insert into ledger values ('learnGists', 'x', '${asOf}', '{}', null)`);
  });
  expect([statSync(path).ino, existsSync(additionsOf(path))]).toEqual([ino, true]);
  const pair = await open(path, lab);
  expect(await ask(pair, 'the code of the gate')).toContain('gate');
  expect(await ask(pair, 'marmalade tea', 'agent-1')).toContain('m7');
  const found = await readAll(pair);
  expect(found['memory']!.filter((text) => String(text).includes('"memory_id":"m8"'))).toEqual([]);
  // As if nothing had been published.
  await lab.rows('delete from published_file');
  await cycle();
  expect(existsSync(additionsOf(path))).toBe(false);
  expect(found).toEqual(await readAll(await open(path, lab)));
});

test('a cycle without news leaves both files as they are', async () => {
  const { lab, path, cycle } = await openPublisher();
  await cycle((asOf) => lab.rows(`update trace set changed_at = '${asOf}' where memory_id = 'm9'`));
  const before = [path, additionsOf(path)].map((each) => statSync(each).ino);
  await writeSource(lab);
  await cycle((asOf) => lab.live(asOf, WAKING));
  await cycle();
  expect([path, additionsOf(path)].map((each) => statSync(each).ino)).toEqual(before);
});

test('when much has changed all is published again as a whole, and nothing is added to it', async () => {
  const { lab, path, cycle } = await openPublisher();
  await cycle((asOf) => lab.rows(`update trace set changed_at = '${asOf}' where memory_id = 'm9'`));
  expect(existsSync(additionsOf(path))).toBe(true);
  const { ino } = statSync(path);
  await cycle((asOf) => lab.rows(`update raw_memory set changed_at = '${asOf}'`));
  expect([statSync(path).ino === ino, existsSync(additionsOf(path))]).toEqual([false, false]);
});

test.each([
  ['is not there any more', (path: string) => rmSync(path)],
  ['is not the one that was published', (path: string) => writeFileSync(path, 'mended by hand')],
])('a base that %s is published again as a whole by the next cycle, though it has no news', async (_, damage) => {
  const { lab, path, cycle } = await openPublisher();
  damage(path);
  await cycle();
  expect(await ask(await open(path, lab), 'Number 77')).toContain('m77');
});

test('additions that are not there any more are published again by the next cycle, though it has no news', async () => {
  const { lab, path, cycle } = await openPublisher();
  await cycle((asOf) => lab.rows(`update trace set changed_at = '${asOf}' where memory_id = 'm9'`));
  rmSync(additionsOf(path));
  await cycle();
  expect(existsSync(additionsOf(path))).toBe(true);
});

test('vectors of another model make another base', async () => {
  const { lab, path, cycle } = await openPublisher();
  const { ino } = statSync(path);
  await cycle(() => lab.rows(`update embedding set model = 'other@1'`));
  const file = await open(path, lab);
  expect([statSync(path).ino === ino, file.meta.model]).toEqual([false, 'other@1']);
});

test('additions to an earlier base are not taken for those of the present one', async () => {
  const { lab, path, cycle } = await openPublisher();
  await writeSource(lab);
  await cycle(async (asOf) => {
    await lab.write({ id: 'gate', at: `${DAY}T04:01:00Z`, content: 'The code of the gate is 4711', agent: 'a' });
    await lab.live(asOf, WAKING);
  });
  const kept = join(makeFolder(), 'day.duckdb');
  copyFileSync(additionsOf(path), kept);
  await lab.erase('gate');
  await cycle(async (asOf) => {
    await lab.live(asOf, WAKING);
    await lab.rows('delete from published_file');
  });
  // A worker that was killed after it had put the new base in place.
  copyFileSync(kept, additionsOf(path));
  const file = await open(path, lab);
  expect(await ask(file, 'code of the gate')).not.toContain('gate');
  expect((await file.agents()).map(({ agent }) => agent)).not.toContain('a');
});

test('what is loaded of the base is kept when only the additions are others', async () => {
  const { lab, path, cycle } = await openPublisher();
  const before = await open(path, lab);
  const held = await before.scope(null);
  await writeSource(lab);
  await cycle(async (asOf) => {
    await lab.write({ id: 'gate', at: `${DAY}T04:01:00Z`, content: 'The code of the gate is 4711', agent: 'a' });
    await lab.live(asOf, WAKING);
  });
  const after = await open(path, lab, before);
  before.close();
  const scope = await after.scope(null);
  expect([scope.size, await ask(after, 'code of the gate')]).toEqual([held.size + 1, expect.arrayContaining(['gate'])]);
  // The very same arrays.
  expect(scope.packedOf(0).vectors === held.packedOf(0).vectors).toBe(true);
});

test('a hardened database, which may read and write no other file, publishes both', async () => {
  const postgres = await openPostgres();
  onTestFinished(() => postgres.drop());
  await postgres.pool.query('create table public.memories (id text, content text, created_at timestamptz)');
  const { lab, recallFile } = await openFileLab(postgres, { target: 'prod', source: { columns: BARE } });
  const setting = `select current_setting('enable_external_access') as free, current_setting('lock_configuration') as locked`;
  expect(await lab.rows(setting)).toEqual([{ free: false, locked: true }]);
  const { cycle } = await publishing(lab, recallFile);
  await cycle((asOf) => lab.rows(`update trace set changed_at = '${asOf}' where memory_id = 'm9'`));
  expect(existsSync(additionsOf(recallFile))).toBe(true);
  expect(await ask(await open(recallFile, lab), 'Number 77')).toContain('m77');
});
