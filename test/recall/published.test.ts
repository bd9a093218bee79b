import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fillState } from '../../bench/state.ts';
import { openScratch } from '../../duckdb/database.ts';
import { Meaning } from '../../recall/meaning.ts';
import { additionsOf } from '../../recall/paths.ts';
import { Published } from '../../recall/published.ts';
import { recall } from '../../recall/recall.ts';
import { makeFolder, query } from '../support/database.ts';
import { openLab, type Lab } from '../support/lab.ts';

const DAY = '2026-03-03';
const STEPS = ['ingestMemories', 'readFeatures', 'attendMemories'] as const;

/** A pipeline that publishes, and a process that follows it without a PostgreSQL. */
async function openFollower(many = 0) {
  const path = join(makeFolder(), 'test.recall.duckdb');
  const lab = await openLab({}, undefined, {}, { recallFile: path });
  if (many > 0) await fillState(lab.database, { from: 0, to: many, agents: 2, cycle: `${DAY}T02:00:00Z` });
  let minute = 0;
  const publish = async (...contents: string[]) => {
    minute += 5;
    const asOf = `${DAY}T03:${String(minute).padStart(2, '0')}:00Z`;
    await lab.write(...contents.map((content) => ({ id: content, at: `${DAY}T03:00:00Z`, content })));
    if (many === 0) await lab.live(asOf, STEPS);
    else await lab.rows(`update trace set changed_at = '${asOf}' where memory_id = 'm1'`);
    await lab.run('publishRecall', asOf);
  };
  const lines: string[] = [];
  const published = follow(lab, path, (line) => lines.push(line));
  return { lab, path, publish, published, lines };
}

function follow({ profile }: Lab, path: string, report: (line: string) => void): Published {
  const published = new Published({ path, profile, report, meaning: new Meaning(null, report), table: null });
  onTestFinished(() => published.close());
  return published;
}

/** What answers a question, and where it comes from. */
async function ask(published: Published, question: string) {
  return published.ask(null, async ({ memories, embed, source }) => {
    const { results } = await recall(memories, embed, { question, asOf: `${DAY}T12:00:00Z`, limit: 3 });
    return { ids: results.map(({ id }) => id), source };
  });
}

test('a question is asked of what was published last, and one that is under way ends on what it began with', async () => {
  const { publish, published } = await openFollower();
  await publish('The gate has a code');
  expect((await ask(published, 'gate')).ids).toEqual(['The gate has a code']);
  await published.ask(null, async (under) => {
    await publish('The gate was painted');
    expect((await ask(published, 'painted')).ids[0]).toBe('The gate was painted');
    const scope = await under.memories.scope(null);
    expect([scope.size, (await under.memories.details([0], `${DAY}T12:00:00Z`)).size]).toEqual([1, 1]);
  });
});

test('what nobody asks any more is closed', async () => {
  const { publish, published } = await openFollower();
  await publish('The gate has a code');
  const { memories } = await published.ask(null, (asked) => Promise.resolve(asked));
  await publish('The gate was painted');
  await ask(published, 'painted');
  await expect(memories.details([0], `${DAY}T12:00:00Z`)).rejects.toThrow();
});

test('ten questions at once open a file once', async () => {
  const { publish, published } = await openFollower();
  await publish('The gate has a code');
  const asked = await Promise.all(
    Array.from({ length: 10 }, () => published.ask(null, ({ memories }) => Promise.resolve(memories))),
  );
  expect(new Set(asked).size).toBe(1);
});

const DAMAGES: readonly (readonly [string, (path: string) => Promise<void> | void, RegExp])[] = [
  ['that is none', (path) => put(path, 'no database'), /not a valid DuckDB database/],
  ['that is cut off', (path) => put(path, readFileSync(path).subarray(0, 20_000)), /cannot be used/],
  ['that is empty', (path) => put(path, ''), /cannot be used/],
  ['of an earlier version', makeEarlier, /its format is 1, this program reads \d/],
];

function put(path: string, content: string | Uint8Array): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

/** What an earlier version has published. */
async function makeEarlier(path: string): Promise<void> {
  const scratch = await openScratch();
  await query(scratch, `attach '${path}.new' as earlier`);
  await query(scratch, `create table earlier.meta as select 1 as format, 'c' as cycle_id`);
  await query(
    scratch,
    'create table earlier.association (src varchar, w double, last_at timestamp, changed_at timestamp)',
  );
  await query(scratch, 'create table earlier.trace (memory_id varchar)');
  await query(scratch, 'detach earlier');
  scratch.close();
  renameSync(`${path}.new`, path);
}

test.each(DAMAGES)(
  'a file %s is refused and named once; the one before is used until there is another',
  async (_, damage, told) => {
    const { path, publish, published, lines } = await openFollower();
    await publish('The gate has a code');
    await ask(published, 'gate');
    await damage(path);
    for (let round = 0; round < 2; round += 1)
      expect((await ask(published, 'gate')).ids).toEqual(['The gate has a code']);
    expect(lines).toEqual([expect.stringMatching(told)]);
    expect(lines[0]).toContain(path);
    await publish('The gate was painted');
    expect((await ask(published, 'painted')).ids[0]).toBe('The gate was painted');
  },
);

test.each(DAMAGES)(
  'with nothing before it and no PostgreSQL, a file %s is an error that names it',
  async (_, damage, told) => {
    const { lab, path, publish } = await openFollower();
    await publish('The gate has a code');
    await damage(path);
    const published = follow(lab, path, () => undefined);
    const failure = await ask(published, 'gate').catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'UnreadableFileError', message: expect.stringMatching(told) });
    await publish('The gate was painted');
    expect((await ask(published, 'painted')).ids[0]).toBe('The gate was painted');
  },
);

test('a file whose end is missing is refused when it is opened, not when a question needs that end', async () => {
  const { lab, path, publish } = await openFollower(1_200);
  await publish();
  put(path, readFileSync(path).subarray(0, -1));
  await expect(
    ask(
      follow(lab, path, () => undefined),
      'Number 77',
    ),
  ).rejects.toThrow(/it is cut off: it has \d+ of \d+ bytes/);
});

test('a file that was taken away is not used any more', async () => {
  const { path, publish, published } = await openFollower();
  await publish('The gate has a code');
  await ask(published, 'gate');
  rmSync(path);
  await expect(ask(published, 'gate')).rejects.toThrow('there is no recall file yet');
});

test('additions that cannot be read are named once, and the base answers without them', async () => {
  const { lab, path, publish, lines } = await openFollower(1_200);
  await publish();
  await publish();
  writeFileSync(additionsOf(path), 'no database');
  const published = follow(lab, path, (line) => lines.push(line));
  for (let round = 0; round < 2; round += 1) expect((await ask(published, 'Number 77')).ids).toContain('m77');
  expect(lines).toEqual([expect.stringContaining(`${additionsOf(path)}: cannot be used`)]);
});

test('a base that is replaced while the pair is opened does not go with the additions of the other', async () => {
  const { lab, path, publish } = await openFollower(1_200);
  await publish();
  const kept = join(makeFolder(), 'base.duckdb');
  copyFileSync(path, kept);
  await publish();
  await lab.rows('delete from published_file');
  await publish();
  // The base of before with the additions of none.
  copyFileSync(kept, path);
  const published = follow(lab, path, () => undefined);
  expect((await ask(published, 'Number 77')).ids).toContain('m77');
});
