import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type pg from 'pg';
import { Meaning } from '../../recall/meaning.ts';
import { SourceTable } from '../../recall/newer.source.ts';
import { Published } from '../../recall/published.ts';
import { recall } from '../../recall/recall.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';
import { openFileLab } from '../support/real-lab.ts';
import { scriptEmbedder } from '../support/scripted-embedder.ts';
import { BARE } from '../support/source.ts';

const NIGHT = '2026-03-03T03:00:00Z';
const NOON = '2026-03-03T12:00:00Z';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await openPostgres();
  return () => postgres.drop();
});
beforeEach(async () => {
  await sql('drop schema public cascade');
  await sql('drop schema if exists dreams cascade');
  await sql('create schema public');
});

const sql = (text: string) => postgres.pool.query(text);

const TABLE = `create table public.memories (id text primary key, content text, context text, tags text[], metadata jsonb,
  created_at timestamptz default now(), updated_at timestamptz)`;
const LUNCH = `('lunch', 'Lunch was soup', null, null, '{"agent": "b"}', '2026-03-02 12:00:00+00', null)`;
const GATE = `('gate', 'The code of the gate is 4711', null, null, '{"agent": "a"}', '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00')`;

/** A PostgreSQL that can go away, and what it was asked. */
class Door {
  readonly asked: string[] = [];
  isShut = false;
  /** Happens when it is asked for rows. */
  pass = (): void => undefined;

  connect = async (): Promise<pg.PoolClient> => {
    if (this.isShut) throw new Error('the door is shut');
    const client = await postgres.pool.connect();
    const query = client.query.bind(client) as (text: string) => Promise<unknown>;
    return Object.assign(Object.create(client) as pg.PoolClient, {
      query: (text: string) => {
        if (text.includes('json_agg')) this.asked.push(text);
        if (text.includes('json_agg')) this.pass();
        return query(text);
      },
      release: (broken?: boolean) => client.release(broken),
    });
  };

  end = () => Promise.resolve();
}

interface Options {
  readonly source?: object;
  readonly table?: string;
  readonly rows?: readonly string[];
  /** False: there is no recall file yet. */
  readonly published?: boolean;
  readonly target?: string;
}

/** A process that asks of what a worker has published that is not running now, and of the agents' table. */
async function openReader(options: Options = {}) {
  const { source = {}, table = TABLE, rows = [GATE, LUNCH], published = true, target = 'test' } = options;
  await sql(table);
  if (rows.length > 0) await sql(`insert into public.memories values ${rows.join(', ')}`);
  const { lab, recallFile } = await openFileLab(postgres, { source, target });
  const publish = (asOf: string) => lab.live(asOf, [...STEPS, 'publishRecall']);
  if (published) await publish(NIGHT);
  const lines: string[] = [];
  const door = new Door();
  const report = (line: string) => void lines.push(line);
  const { model, texts } = scriptEmbedder((text) => [text.length % 7, text.length % 5, 1]);
  const open = () => {
    const opened = new Published({
      ...{ path: recallFile, profile: lab.profile, report, meaning: new Meaning(model, report) },
      table: new SourceTable({ profile: lab.profile, postgres: door, report }),
    });
    onTestFinished(() => opened.close());
    return opened;
  };
  const reader = open();
  const ask = async (question: string, agent?: string) => {
    reader.expire();
    return reader.ask(agent ?? null, async ({ memories, embed, source }) => {
      const { results } = await recall(memories, embed, { question, agent, asOf: NOON, limit: 3 });
      return { ids: results.map(({ id }) => id), results, newer: source.newer, cycle: source.cycle };
    });
  };
  return { lab, reader, ask, publish, door, lines, texts };
}

const STEPS = ['ingestMemories', 'readFeatures', 'attendMemories', 'embedMemories', 'consolidateTraces'] as const;

test('what was written a second ago is found, ranked with the others', async () => {
  const { ask } = await openReader();
  expect(await ask('code of the gate')).toMatchObject({ newer: 0 });
  await sql(`insert into public.memories values
    ('new', 'The gate has another code since noon', null, '{door}', '{"agent": "a"}', '2026-03-03 11:59:00+00', '2026-03-03 11:59:00+00')`);
  const found = await ask('which code has the gate?');
  expect(found).toMatchObject({ newer: 1, cycle: '2026-03-03T03:00:00.000Z' });
  expect(found.ids.slice(0, 2).sort()).toEqual(['gate', 'new']);
  expect(found.results.find(({ id }) => id === 'new')).toMatchObject({
    ...{ agent: 'a', content: 'The gate has another code since noon', createdAt: '2026-03-03T11:59:00.000Z' },
    ...{ retrievability: null, fate: null },
  });
  expect((await ask('which code has the gate?', 'a')).ids.sort()).toEqual(['gate', 'new']);
  expect((await ask('which code has the gate?', 'b')).ids).not.toContain('new');
});

test('an agent of whom there is nothing in the file yet is known', async () => {
  const { reader } = await openReader();
  await sql(
    `insert into public.memories values ('new', 'Hello', null, null, '{"agent": "c"}', '2026-03-03 11:59:00+00', null)`,
  );
  expect(await reader.ask('c', ({ memories }) => memories.agents())).toEqual([
    { agent: 'a', memories: 1 },
    { agent: 'b', memories: 1 },
    { agent: 'c', memories: 1 },
  ]);
});

test('what was written a little before the newest memory of the file, and committed later, is found', async () => {
  const { ask } = await openReader();
  await sql(
    `insert into public.memories values ('late', 'The gate was painted', null, null, null, '2026-03-02 11:51:00+00', null)`,
  );
  expect(await ask('gate painted')).toMatchObject({ newer: 1, ids: expect.arrayContaining(['late']) });
});

test('a memory in other words is no further one of its agent', async () => {
  const { reader } = await openReader();
  await sql(
    `update public.memories set content = 'Marmalade', updated_at = '2026-03-03 11:00:00+00' where id = 'gate'`,
  );
  expect(await reader.ask(null, ({ memories }) => memories.agents())).toEqual([
    { agent: 'a', memories: 1 },
    { agent: 'b', memories: 1 },
  ]);
});

test('a memory that was put into other words is found by these alone, and is as strong as it was', async () => {
  const { ask } = await openReader();
  const before = (await ask('code of the gate')).results.find(({ id }) => id === 'gate');
  await sql(
    `update public.memories set content = 'Marmalade for tea', updated_at = '2026-03-03 11:00:00+00' where id = 'gate'`,
  );
  const found = await ask('marmalade');
  expect(found.results.find(({ id }) => id === 'gate')).toMatchObject({
    content: 'Marmalade for tea',
    retrievability: before?.retrievability,
    reasons: { words: expect.any(Number) },
  });
  expect(before?.retrievability).toBeGreaterThan(0);
  expect((await ask('code of the gate', 'a')).results.map(({ content }) => content)).not.toContain(
    'The code of the gate is 4711',
  );
});

test('a memory that now is another agent’s is not found among those of the first', async () => {
  const { ask } = await openReader();
  await sql(
    `update public.memories set metadata = '{"agent": "b"}', updated_at = '2026-03-03 11:00:00+00' where id = 'gate'`,
  );
  expect([(await ask('code gate', 'a')).ids, (await ask('code gate', 'b')).ids]).toEqual([
    [],
    expect.arrayContaining(['gate']),
  ]);
});

test('what was deleted since is not shown, and the next best takes its place', async () => {
  const rows = Array.from(
    { length: 6 },
    (_, at) =>
      `('g${String(at)}', 'Gate ${String(at)} ${'code '.repeat(at + 1)}', null, null, null, '2026-03-02 09:00:00+00', null)`,
  );
  const { ask } = await openReader({ rows });
  const before = (await ask('gate code')).ids;
  await sql(`delete from public.memories where id in ('${before.slice(0, 2).join("', '")}')`);
  const after = (await ask('gate code')).ids;
  expect([before.length, after.length]).toEqual([3, 3]);
  expect(after).not.toContain(before[0]);
  expect(after).not.toContain(before[1]);
});

/** Forty memories that answer one question, none as well as another. */
const MANY_GATES = Array.from(
  { length: 40 },
  (_, at) =>
    `('g${String(at)}', 'Gate ${String(at)} ${'code '.repeat(at + 1)}', null, null, null, '2026-03-02 09:00:00+00', null)`,
);

test('where more was deleted than an answer has places, nothing of it is shown, and what is left is found', async () => {
  const { ask } = await openReader({ rows: MANY_GATES });
  const left = ['g1', 'g2', 'g21', 'g22'];
  await sql(`delete from public.memories where id not in ('${left.join("', '")}')`);
  const { ids, newer } = await ask('gate code');
  expect([newer, ids.length, ids.filter((id) => !left.includes(id))]).toEqual([0, 3, []]);
});

test('the table is the file’s also where nearly all of its memories were deleted', async () => {
  const { ask, lines } = await openReader({ rows: MANY_GATES });
  for (const left of ['g3', 'g4']) {
    await sql(
      `truncate public.memories; insert into public.memories values ${MANY_GATES[Number(left.slice(1))] ?? ''}`,
    );
    expect((await ask('gate code')).ids).toEqual([left]);
  }
  expect(lines).toEqual([]);
});

test('a table without a time of change is read by the time of writing, under its own names', async () => {
  const { ask } = await openReader({
    source: { table: 'notes', columns: { ...BARE, id: 'No', content: 'body', created_at: 'written' } },
    table:
      'create table public.notes ("No" bigint primary key, body varchar(200), written timestamp); create view public.memories as select * from public.notes',
    rows: [
      `(1, 'The code of the gate is 4711', '2026-03-02 09:00:00')`,
      `(3, 'Lunch was soup', '2026-03-02 12:00:00')`,
    ],
  });
  await sql(`insert into public.notes values (2, 'The gate was painted', '2026-03-03 11:59:00')`);
  await sql('delete from public.notes where "No" = 1');
  const found = await ask('gate');
  expect([found.ids[0], found.ids.includes('1'), found.newer]).toEqual(['2', false, 1]);
});

test('what a cycle would not take breaks nothing, and is not found', async () => {
  const { ask } = await openReader({ table: TABLE.replaceAll('timestamptz', 'text').replace('primary key', '') });
  await sql(`insert into public.memories values
    ('', 'gate of nobody', null, null, null, '2026-03-03 11:00:00', null),
    ('null', null, null, null, null, '2026-03-03 11:00:00', null),
    ('when', 'gate at no time', null, null, null, 'yesterday-ish', null),
    ('tags', 'gate with tags', null, '{a,null}', '[]', '2026-03-03 11:00:00', null),
    ('twice', 'gate twice', null, null, null, '2026-03-03 11:00:00', null),
    ('twice', 'gate twice', null, null, null, '2026-03-03 11:00:00', null),
    (null, 'gate without id', null, null, null, '2026-03-03 11:00:00', null)`);
  const found = await ask('gate');
  expect([found.ids.filter((id) => id !== 'lunch').sort(), found.newer]).toEqual([['gate', 'tags'], 1]);
});

test('a memory that mentions a day is found by it', async () => {
  const { ask } = await openReader();
  await sql(`insert into public.memories values
    ('new', 'The fair is on 5 April 2026', null, null, '{"agent": "a"}', '2026-03-03 11:00:00+00', null)`);
  const [best] = (await ask('What happens on 5 April 2026?')).results;
  expect(best).toMatchObject({ id: 'new', reasons: { mentionedDate: expect.any(Number) } });
});

test('what was forgotten is not found, though it is still in the table', async () => {
  const { lab, ask, publish } = await openReader();
  await lab.rows(`insert into forgotten values (sha256('new'), null, '2026-03-03', '2026-03-03', null)`);
  await publish('2026-03-03T04:00:00Z');
  await lab.rows(`delete from published_file`);
  await publish('2026-03-03T04:05:00Z');
  await sql(
    `insert into public.memories values ('new', 'The gate was painted', null, null, null, '2026-03-03 11:00:00+00', null)`,
  );
  expect((await ask('gate painted')).ids).not.toContain('new');
});

test('a newer text is embedded once, by the model of the file', async () => {
  const { ask, texts } = await openReader();
  await sql(
    `insert into public.memories values ('new', 'Entirely otherwise', null, null, null, '2026-03-03 11:00:00+00', null)`,
  );
  for (let round = 0; round < 3; round += 1) await ask('lost keys');
  expect(texts().filter((text) => text === 'Entirely otherwise')).toHaveLength(1);
});

describe('PostgreSQL', () => {
  test('is asked twice a second at most, for all who ask', async () => {
    const { reader, door } = await openReader();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(1_000_000);
    onTestFinished(() => clock.mockRestore());
    const look = () => reader.ask(null, ({ source }) => Promise.resolve(source.newer));
    await Promise.all(Array.from({ length: 10 }, look));
    expect(door.asked).toHaveLength(1);
    clock.mockReturnValue(1_000_400);
    await look();
    expect(door.asked).toHaveLength(1);
    clock.mockReturnValue(1_000_600);
    await look();
    expect(door.asked).toHaveLength(2);
  });

  test('that was slow once is asked again within a second', async () => {
    const { reader, door } = await openReader();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(1_000_000);
    onTestFinished(() => clock.mockRestore());
    const look = () => reader.ask(null, ({ source }) => Promise.resolve(source.newer));
    door.pass = () => void clock.mockReturnValue(1_000_800);
    await look();
    await sql(`insert into public.memories values ('new', 'Hello', null, null, null, '2026-03-03 11:59:00+00', null)`);
    clock.mockReturnValue(1_001_001);
    expect(await look()).toBe(1);
  });

  test('that is out of reach is named once, the file answers, and it may come back', async () => {
    const { ask, door, lines, reader } = await openReader();
    door.isShut = true;
    for (let round = 0; round < 3; round += 1)
      expect(await ask('code of the gate')).toMatchObject({ ids: expect.arrayContaining(['gate']), newer: null });
    expect(lines).toEqual([expect.stringMatching(/since the last cycle is not looked for: the door is shut/)]);
    door.isShut = false;
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000);
    onTestFinished(() => clock.mockRestore());
    await vi.waitFor(async () => expect(await ask('gate')).toMatchObject({ newer: 0 }), { timeout: 10_000 });
    expect(lines).toHaveLength(1);
    await reader.close();
  });

  test('that does not answer for a lock is not waited for', async () => {
    const { ask, lines } = await openReader();
    const other = await postgres.pool.connect();
    onTestFinished(async () => {
      await other.query('rollback');
      other.release();
    });
    await other.query('begin; lock table public.memories in access exclusive mode');
    expect(await ask('code of the gate')).toMatchObject({ ids: expect.arrayContaining(['gate']), newer: null });
    expect(lines).toEqual([expect.stringMatching(/statement timeout/)]);
  });

  test('whose table lost a column is named, and read again when it has it', async () => {
    const { ask, lines } = await openReader();
    await ask('gate');
    await sql('alter table public.memories rename column content to body');
    expect(await ask('gate')).toMatchObject({ newer: null });
    expect(lines).toEqual([expect.stringMatching(/column "content" does not exist|has no column "content"/)]);
    await sql('alter table public.memories rename column body to content');
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000);
    onTestFinished(() => clock.mockRestore());
    await vi.waitFor(async () => expect(await ask('gate')).toMatchObject({ newer: 0 }), { timeout: 10_000 });
  });

  test('with the table of somebody else neither adds nor hides anything', async () => {
    const { ask, lines } = await openReader();
    await sql(
      `truncate public.memories; insert into public.memories values ('x', 'The gate of others', null, null, null, '2026-03-03 11:00:00+00', null)`,
    );
    expect(await ask('gate')).toMatchObject({ ids: expect.arrayContaining(['gate']), newer: null });
    expect(lines).toEqual([expect.stringMatching(/none of the memories of the recall file is in public\.memories/)]);
  });
});

describe('without a recall file', () => {
  test('the newest memories of PostgreSQL answer, which is said once', async () => {
    const { ask, lines } = await openReader({ published: false });
    for (let round = 0; round < 2; round += 1)
      expect(await ask('code of the gate')).toMatchObject({
        ids: expect.arrayContaining(['gate']),
        newer: 2,
        cycle: null,
      });
    expect(lines).toEqual([
      expect.stringMatching(/there is no recall file yet.*the newest memories in PostgreSQL are asked/),
    ]);
    expect((await ask('soup', 'b')).ids).toEqual(['lunch']);
  });

  test('they are compared by meaning with a question', async () => {
    const { ask } = await openReader({ published: false });
    expect((await ask('Lunch was soup')).results[0]).toMatchObject({
      id: 'lunch',
      reasons: { meaning: expect.any(Number) },
    });
  });

  test('and without PostgreSQL it is an error with what to do', async () => {
    const { ask, door } = await openReader({ published: false });
    door.isShut = true;
    await expect(ask('gate')).rejects.toThrow(
      /there is no recall file yet\. The next cycle makes it: biomem cycle run/,
    );
  });

  test('the first file that is published is followed', async () => {
    const { ask, publish } = await openReader({ published: false });
    await ask('gate');
    await publish(NIGHT);
    expect(await ask('gate')).toMatchObject({ newer: 0, cycle: '2026-03-03T03:00:00.000Z' });
  });
});
