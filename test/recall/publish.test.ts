import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import { openAttached } from '../../duckdb/database.ts';
import { RecallFile } from '../../recall/file.ts';
import { recall, type RecallRequest } from '../../recall/recall.ts';
import { makeFolder, query, value } from '../support/database.ts';
import { makeEnvironment, NIGHT, openLab, type Lab } from '../support/lab.ts';

const AS_OF = '2026-03-03T03:00:00Z';
const withoutMeaning = () => Promise.resolve(null);

/** A hardened pipeline in memory that publishes to a folder of its own. */
async function openPublisher(extensions: readonly string[] = []) {
  const path = join(makeFolder(), 'test.recall.duckdb');
  const lab = await openLab({}, undefined, {}, { recallFile: path, extensions });
  const publish = (asOf = AS_OF) => lab.run('publishRecall', asOf);
  return { lab, path, publish };
}

async function open(path: string, { profile }: Lab): Promise<RecallFile> {
  const file = await RecallFile.open(path, profile);
  onTestFinished(() => file.close());
  return file;
}

async function ask(file: RecallFile, question: string, agent?: string, asOf = AS_OF) {
  const { results } = await recall(file, withoutMeaning, { question, agent, asOf, limit: 5 });
  return results.map(({ id }) => id);
}

const gate = { id: 'gate', at: '2026-03-02T09:00:00Z', content: 'The code of the gate is 4711', agent: 'a' };
const lunch = { id: 'lunch', at: '2026-03-02T12:00:00Z', content: 'Lunch was soup', agent: 'b' };

test('what a night has made can be asked, by words, by agent, and with how well it is remembered', async () => {
  const { lab, path, publish } = await openPublisher();
  await lab.write(gate, lunch);
  await lab.live(AS_OF, NIGHT);
  expect(await publish()).toMatchObject({ recallable: 2 });
  const file = await open(path, lab);
  expect(await file.agents()).toEqual([
    { agent: 'a', memories: 1 },
    { agent: 'b', memories: 1 },
  ]);
  const { results } = await recall(file, withoutMeaning, { question: 'gate code?', asOf: AS_OF, limit: 5 });
  expect(results).toMatchObject([
    { id: 'gate', agent: 'a', fate: expect.any(String), reasons: { words: expect.any(Number) } },
  ]);
  expect(results[0]?.retrievability).toBeGreaterThan(0.5);
  expect(await ask(file, 'gate code', 'b')).toEqual([]);
  expect(await ask(file, 'gate code', 'nobody')).toEqual([]);
  expect(await ask(file, 'gate code', 'a', '2026-03-02T08:59:00Z')).toEqual([]);
});

test('a question may be narrowed by time of writing and by tags', async () => {
  const { lab, path, publish } = await openPublisher();
  await lab.write(
    { ...gate, tags: ['doors', 'codes'] },
    { id: 'shed', at: '2026-03-02T10:00:00Z', content: 'The code of the shed is 12', agent: 'a', tags: ['codes'] },
  );
  await lab.live(AS_OF, NIGHT);
  await publish();
  const file = await open(path, lab);
  const narrowed = async (narrow: Partial<RecallRequest>) => {
    const request = { question: 'Which code?', asOf: AS_OF, limit: 5, ...narrow };
    const { results } = await recall(file, withoutMeaning, request);
    return results.map(({ id }) => id).sort();
  };
  expect(await narrowed({})).toEqual(['gate', 'shed']);
  expect(await narrowed({ since: '2026-03-02T09:30:00Z' })).toEqual(['shed']);
  expect(await narrowed({ since: '2026-03-02T10:00:00Z' })).toEqual(['shed']);
  expect(await narrowed({ until: '2026-03-02T10:00:00Z' })).toEqual(['gate']);
  expect(await narrowed({ tags: ['doors', 'windows'] })).toEqual(['gate']);
  expect(await narrowed({ tags: [] })).toEqual([]);
});

test('a question may be anything: no word, one, many, signs, another language', async () => {
  const { lab, path, publish } = await openPublisher();
  await lab.write(gate, lunch);
  await lab.live(AS_OF, NIGHT);
  await publish();
  const file = await open(path, lab);
  const long = 'the code of the gate? '.repeat(5_000);
  const odd = [
    '',
    ' ',
    'gate',
    '🙂',
    '\ud83d',
    '\0',
    'Wo ist der Schlüssel?',
    '鍵はどこですか',
    `'; drop table memory; --`,
    '"gate" * %_',
  ];
  for (const question of [...odd, long]) expect((await ask(file, question)).length).toBeLessThanOrEqual(2);
  expect(await ask(file, '')).toEqual([]);
  expect((await ask(file, '"gate" * %_'))[0]).toBe('gate');
  expect((await ask(file, long))[0]).toBe('gate');
});

test('a reader keeps the file that it has open; the next one sees what is new, and nothing is left beside it', async () => {
  const { lab, path, publish } = await openPublisher();
  await lab.write(gate);
  await lab.live(AS_OF, NIGHT);
  await publish();
  const before = await open(path, lab);
  await lab.write(lunch);
  await lab.erase('gate');
  await lab.live('2026-03-04T03:00:00Z', NIGHT);
  await publish('2026-03-04T03:00:00Z');
  expect(await ask(before, 'soup')).toEqual([]);
  const after = await open(path, lab);
  expect([await ask(after, 'soup'), await ask(after, 'gate code')]).toEqual([['lunch'], []]);
  expect(readdirSync(join(path, '..'))).toEqual(['test.recall.duckdb']);
});

test('a cycle without news leaves the file as it is; one of the past with news does not', async () => {
  const { lab, path, publish } = await openPublisher();
  await lab.write(gate);
  await lab.live(AS_OF, NIGHT);
  await publish();
  const { ino } = statSync(path);
  await lab.live('2026-03-03T03:05:00Z', ['ingestMemories', 'readFeatures', 'attendMemories']);
  await publish('2026-03-03T03:05:00Z');
  expect(statSync(path).ino).toBe(ino);
  await lab.write(lunch);
  const past = '2026-03-02T13:00:00Z';
  await lab.live(past, NIGHT);
  await publish(past);
  expect(await ask(await open(path, lab), 'soup')).toEqual(['lunch']);
});

test('after a publishing that failed the next cycle publishes, though it has no news of its own', async () => {
  const { lab, path, publish } = await openPublisher();
  await lab.write(gate);
  await lab.live(AS_OF, NIGHT);
  await publish();
  await lab.write(lunch);
  await lab.live('2026-03-04T03:00:00Z', NIGHT);
  // What a killed worker has not come to.
  await publish('2026-03-04T03:05:00Z');
  expect(await ask(await open(path, lab), 'soup')).toEqual(['lunch']);
});

test('a profile that attaches a database as recall keeps it, and is told why nothing is published', async () => {
  const { lab, path, publish } = await openPublisher();
  await lab.write(gate);
  await lab.live(AS_OF, NIGHT);
  await lab.rows(`attach ':memory:' as recall`);
  await publish();
  expect([existsSync(path), lab.lines.at(-1)]).toEqual([
    false,
    expect.stringContaining('give that attachment another alias'),
  ]);
});

test('any DuckDB client can search the contents by the words of the question', async () => {
  const { lab, path, publish } = await openPublisher(['fts']);
  await lab.write(gate, lunch);
  await lab.live(AS_OF, NIGHT);
  await publish();
  const database = await openAttached(path, 'recall', lab.profile);
  onTestFinished(() => database.close());
  await query(database, 'load fts');
  expect(
    await value(
      database,
      `select memory_id from memory where recall.fts_main_memory.match_bm25(memory_id, 'soup') > 0`,
    ),
  ).toBe('lunch');
});

test('a rehearsal publishes nothing', async () => {
  const { lab, path } = await openPublisher();
  await lab.write(gate);
  await makeEnvironment()
    .run(lab.activities.rehearse, {
      ...{ asOf: new Date(AS_OF).toISOString(), dryRun: true, limits: {} },
      stages: ['ingest', 'workingMemory', 'writeBack'] as const,
    })
    .catch(() => undefined);
  expect(existsSync(path)).toBe(false);
});

test.each([
  ['that is not there', () => undefined, /there is no recall file yet/],
  ['that is none', 'no database', /cannot be used/],
] as const)('a file %s is refused with what to do', async (_, content, told) => {
  const { lab, path } = await openPublisher();
  const { writeFileSync } = await import('node:fs');
  if (typeof content === 'string') writeFileSync(path, content);
  await expect(RecallFile.open(path, lab.profile)).rejects.toThrow(told);
});
