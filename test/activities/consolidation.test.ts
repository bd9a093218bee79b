import { describe, expect, test } from 'vitest';
import type { Fate } from '../../memory/types.ts';
import { openDatabase, query } from '../support/database.ts';
import { makeEnvironment, openLab, type Lab, type Written } from '../support/lab.ts';
import { makeRandom } from '../support/random.ts';
import { runFile } from '../../duckdb/statement.ts';

const NIGHT_1 = '2026-03-02T03:00:00Z';
const BIND = ['ingestMemories', 'readFeatures', 'attendMemories', 'bindEpisodes'] as const;
const SLEEP = [...BIND, 'consolidateTraces'] as const;

/** Lonely memories an hour apart: each its own episode, with the importance given. */
function alone(importances: readonly number[], start = '2026-03-01T00:00:00Z'): Written[] {
  return importances.map((importance, index) => ({
    id: `m${index}`,
    at: new Date(Date.parse(start) + index * 3_600_000).toISOString(),
    agent: 'ada',
    found: { importance },
  }));
}

const fates = async (lab: Lab) =>
  Object.fromEntries(
    (await lab.rows('select memory_id, fate from fate')).map(({ memory_id, fate }) => [
      String(memory_id),
      fate as Fate,
    ]),
  );
const replays = (lab: Lab) => lab.list(`select memory_id from event where kind = 'replay' order by event_id`);

describe('the replay of a night', () => {
  test('keeps to its budget and takes by gain x need', async () => {
    const lab = await openLab({ replay_budget: 20 });
    await lab.write(...alone(Array.from({ length: 23 }, (_, index) => 0.7 + index / 100)));
    const { consolidateTraces } = await lab.live(NIGHT_1, SLEEP);
    expect(consolidateTraces).toMatchObject({ replayed: 20 });
    expect(await replays(lab)).toEqual((await lab.list(BY_VALUE)).slice(0, 20));
  });

  test('is bounded by the limit of the run, down to nothing', async () => {
    const lab = await openLab();
    await lab.write(...alone([0.8, 0.9, 0.95]));
    await lab.live(NIGHT_1, BIND);
    const input = { asOf: NIGHT_1, dryRun: false, limits: { replays: 0 } };
    expect(await makeEnvironment().run(lab.activities.consolidateTraces, input)).toMatchObject({ replayed: 0 });
  });

  test('prefers what is linked to a present goal over what is not, all else being equal', async () => {
    const lab = await openLab({ replay_budget: 20 });
    const day = '2026-03-01T';
    const found = { importance: 0.75 };
    // Forty memories later, so that only the goal and its like are among the twenty goals of working memory.
    await lab.write(
      { id: 'near', at: `${day}09:00:00Z`, content: 'near', found: { ...found, mentions: ['Halifax'] } },
      { id: 'other', at: `${day}09:40:00Z`, content: 'other', found: { ...found, mentions: ['Kyoto'] } },
      { id: 'other too', at: `${day}10:20:00Z`, content: 'other too', found: { ...found, mentions: ['Kyoto'] } },
      {
        id: 'goal',
        at: `${day}11:00:00Z`,
        content: 'goal',
        found: { kind: 'goal', importance: 0.1, mentions: ['Halifax'] },
      },
      ...alone(
        Array.from({ length: 40 }, () => 0.1),
        `${day}12:00:00Z`,
      ),
    );
    await lab.live('2026-03-04T03:00:00Z', SLEEP);
    expect((await replays(lab))[0]).toBe('near');
  });

  test('passes over what is not ready, and over what has been transferred or fades', async () => {
    const lab = await openLab({ replay_budget: 20 });
    await lab.write(...alone([0.75, 0.3, 0.9, 0.95]));
    await lab.live(NIGHT_1, SLEEP);
    expect((await replays(lab)).toSorted()).toEqual(['m0', 'm2', 'm3']);
    await lab.rows(`update fate set fate = 'cortical_transfer' where memory_id = 'm0'`);
    await lab.rows(`update fate set fate = 'gradual_forgetting' where memory_id = 'm2'`);
    await lab.rows(`delete from event where kind = 'replay'`);
    await lab.live('2026-03-03T03:00:00Z', SLEEP);
    expect(await replays(lab)).toEqual(['m3']);
  });

  test('strengthens the links of what is replayed within an episode, the nearer the more, and keeps them below 1', async () => {
    const lab = await openLab();
    const found = { importance: 0.9 };
    await lab.write(
      ...['a', 'b', 'c'].map((id, index) => ({ id, at: `2026-03-01T10:0${index}:00Z`, content: id, found })),
    );
    await lab.live(NIGHT_1, BIND);
    const weights = `select src || dst as pair, w, co_activation_count as n from association where src < dst order by pair`;
    const before = await lab.rows(weights);
    await lab.run('consolidateTraces', NIGHT_1);
    const after = await lab.rows(weights);
    const gain = (index: number) => (1 - (before[index]!['w'] as number)) / (1 - (after[index]!['w'] as number));
    expect(after.map(({ pair, n }) => [pair, n])).toEqual(['ab', 'ac', 'bc'].map((pair) => [pair, 1]));
    expect(gain(0)).toBeGreaterThan(gain(1));
    expect(gain(1)).toBeGreaterThan(1);
    for (let night = 3; night < 9; night += 1) await lab.run('consolidateTraces', `2026-03-0${night}T03:00:00Z`);
    expect(Math.max(...((await lab.list('select w from association')) as number[]))).toBeLessThan(1);
  });
});

/**
 * All memories by gain x need, reckoned from their encoding: without links the need is the walk's start at the twenty latest
 * memories, and half of it the centrality that each has before there is a network.
 */
const BY_VALUE = `
  select memory_id
  from memory m join event e using (memory_id)
  where e.kind = 'encode'
  order by replay_gain(importance, fsrs_s0(grade), fsrs_d0(grade), days_between(ts, '2026-03-02 03:00'), 30)
    * (0.5 * case when row_number() over (order by m.created_at desc) <= 20 then 0.1 / 20 else 0 end + 0.5 * 0.15 / 23) desc`;

test('schema fit looks at the ten associations that are strongest now, not at those that once were', async () => {
  const lab = await openDatabase();
  await lab.use(async (connection) => {
    const at = (value: string) => `'${value} 03:00'::timestamp`;
    await connection.run(`create temp table replay as select 'm' as memory_id, 1 as rank`);
    await connection.run(`insert into trace by name
      select 'a' || i as memory_id, ${at('2026-01-01')} as first_at, ${at('2026-01-01')} as last_at, 1 as n_access, 1 as stability,
        5 as difficulty, case when i <= 10 then 0.0 else 0.9 end as s_c, ${at('2026-03-01')} as s_c_at, i as last_event_id,
        ${at('2026-03-01')} as changed_at
      from range(1, 12) t(i)`);
    // Ten that were stronger when they were last active, three years ago, and one known now.
    await connection.run(`insert into association by name
      select 'm' as src, 'a' || i as dst, case when i <= 10 then 0.9 else 0.5 end as w, 1 as co_activation_count,
        case when i <= 10 then ${at('2023-03-01')} else ${at('2026-03-01')} end as last_at, ${at('2026-03-01')} as changed_at
      from range(1, 12) t(i)`);
    const bound = { night: NIGHT_1, cycle_id: NIGHT_1 };
    await runFile(connection, new URL('../../activities/consolidation.log-replay.sql', import.meta.url), bound);
    const [row] = (await connection.runAndReadAll('select schema_fit from event')).getRowObjectsJS();
    expect(row?.['schema_fit']).toBeGreaterThan(0.9);
  });
});

test.each([
  ['four years', '2030'],
  ['eleven years', '2037'],
  ['a century', '2126'],
  ['a thousand years', '3026'],
])(
  'a night after %s without one is lived through, and no strength comes of links that weigh nothing any more',
  async (_, year) => {
    const lab = await openLab();
    const found = { importance: 0.9, mentions: ['Halifax'] };
    await lab.write(
      ...Array.from({ length: 12 }, (_, hour) => ({
        id: `m${hour}`,
        at: new Date(Date.UTC(2026, 2, 1, hour)).toISOString(),
        agent: 'ada',
        found,
      })),
    );
    await lab.live(NIGHT_1);
    expect(await lab.list('select count(*)::int > 0 from association')).toEqual([true]);
    await lab.live(`${year}-03-02T03:00:00Z`);
    expect(
      await lab.list('select count(*)::int from event where isnan(schema_fit) or not schema_fit between 0 and 1'),
    ).toEqual([0]);
    expect(
      await lab.list(
        'select count(*)::int from trace where not (s_c between 0 and 0.9 and stability between 0 and 36500)',
      ),
    ).toEqual([0]);
    expect(await lab.list('select count(*)::int from network where not isfinite(centrality)')).toEqual([0]);
  },
);

describe('the fate of a memory', () => {
  test('is one of four: transferred, kept, fading, forgotten', async () => {
    const lab = await openLab();
    const tagged = { id: 'tagged', at: '2026-03-01T20:10:00Z', agent: 'ada', found: { importance: 0.1 } };
    await lab.write(
      { id: 'trivial', at: '2026-03-01T01:00:00Z', agent: 'ada', content: 'trivial', found: { importance: 0.1 } },
      { id: 'normal', at: '2026-03-01T05:00:00Z', agent: 'ada', content: 'normal', found: { importance: 0.5 } },
      { id: 'strong', at: '2026-03-01T20:00:00Z', agent: 'ada', content: 'strong', found: { importance: 0.9 } },
      tagged,
    );
    await lab.live(NIGHT_1, SLEEP);
    expect(await fates(lab)).toEqual({
      trivial: 'gradual_forgetting',
      normal: 'hippocampal_retention',
      strong: 'hippocampal_retention',
      tagged: 'gradual_forgetting',
    });
    // Replayed every night; a trivial memory is asked for .95 and archived below .55, after 11 days, a normal one is asked for .75.
    for (let night = 3; night <= 12; night += 1)
      await lab.run('consolidateTraces', `2026-03-${String(night).padStart(2, '0')}T03:00:00Z`);
    expect(await fates(lab)).toMatchObject({
      trivial: 'rapid_forgetting',
      normal: 'hippocampal_retention',
      strong: 'cortical_transfer',
    });
    await lab.run('consolidateTraces', '2026-06-15T03:00:00Z');
    expect(await fates(lab)).toMatchObject({ trivial: 'rapid_forgetting', normal: 'gradual_forgetting' });
    expect(await lab.list(`select since::varchar from fate where memory_id = 'strong'`)).toEqual([
      expect.stringMatching(/^2026-03-/),
    ]);
  });

  test('of what fell below .40 is the archive, from where a recall brings it back', async () => {
    const lab = await openLab();
    await lab.write(...alone([0.1]));
    await lab.live(NIGHT_1, SLEEP);
    await lab.run('consolidateTraces', '2026-06-15T03:00:00Z');
    expect(await fates(lab)).toEqual({ m0: 'rapid_forgetting' });
    expect(await lab.list('select content from memory')).toEqual(['memory m0']);
    await lab.rows(
      `insert into event by name select max(event_id) + 1 as event_id, 'm0' as memory_id,
         timestamp '2026-06-15 10:00' as ts, 'recall' as kind, 3 as grade, 'by hand' as cycle_id from event`,
    );
    await lab.run('consolidateTraces', '2026-06-16T03:00:00Z');
    expect(await fates(lab)).toEqual({ m0: 'hippocampal_retention' });
  });

  test.each([
    [{}, 'gradual_forgetting'],
    [{ importance_vital: 0.9 }, 'rapid_forgetting'],
  ])('of a memory of importance 0.85 after 70 years is, with %j, %s', async (parameters, fate) => {
    const lab = await openLab(parameters);
    await lab.write(...alone([0.85]));
    await lab.live(NIGHT_1, BIND);
    await lab.run('consolidateTraces', '2096-03-02T03:00:00Z', undefined, { limits: { replays: 0 } });
    expect(await fates(lab)).toEqual({ m0: fate });
  });

  test('does not change, nor its time, in a night without news', async () => {
    const lab = await openLab();
    await lab.write(...alone([0.1, 0.5]));
    await lab.live(NIGHT_1, SLEEP);
    const before = await lab.rows('from fate order by memory_id');
    await lab.run('consolidateTraces', '2026-03-02T04:00:00Z');
    expect(await lab.rows('from fate order by memory_id')).toEqual(before);
  });
});

describe('the fold of the event log', () => {
  const FOLD = new URL('../../activities/consolidation.fold-event.sql', import.meta.url);
  const TRACES = 'select * exclude (changed_at) from trace order by memory_id';

  /** 200 histories of encoding, recall, restudy and replay; event ids rise with time except for the late ones. */
  function makeEvents(): string[] {
    const random = makeRandom(11);
    return Array.from({ length: 1_500 }, (_, index) => {
      const [memory, late] = [index % 200, index > 200 && random() < 0.1 ? random() * 3_600 * 24 * 5 : 0];
      const kind = index < 200 ? 'encode' : ['recall', 'restudy', 'replay'][Math.floor(random() * 3)]!;
      const ts = Date.UTC(2026, 2, 1) * 1_000 + Math.round((index * 3_600 - late) * 1e6);
      const grade = kind === 'restudy' ? 'null' : 1 + Math.floor(random() * 4);
      const fit = kind === 'replay' ? random() : 'null';
      return `(${index + 1}, 'm${memory}', make_timestamp(${ts}), '${kind}', ${grade}, ${fit}, 'c')`;
    });
  }

  async function foldIn(batches: readonly string[][]) {
    const database = await openDatabase();
    for (const batch of batches) {
      await query(database, `insert into event values ${batch.join()}`);
      await database.use((connection) => runFile(connection, FOLD, { as_of: '2026-06-01T00:00:00Z' }));
    }
    return query(database, TRACES);
  }

  test('is the same all at once, in batches and event by event', async () => {
    const events = makeEvents();
    const once = await foldIn([events]);
    expect(once).toHaveLength(200);
    const sizes = [7, 400, 693, 400];
    let from = 0;
    const batches = sizes.map((size) => events.slice(from, (from += size)));
    expect(await foldIn(batches)).toEqual(once);
  });

  test('gives a late event the effect of having come in time', async () => {
    const story = (ids: readonly number[]) =>
      [
        `'m', timestamp '2026-03-01', 'encode', 3, null, 'c'`,
        `'m', timestamp '2026-03-04', 'recall', 3, null, 'c'`,
        `'m', timestamp '2026-03-09', 'replay', 3, 0.5, 'c'`,
      ].map((event, index) => `(${ids[index]!}, ${event})`);
    const [first, second, third] = story([1, 3, 2]) as [string, string, string];
    const inTime = await foldIn([story([1, 2, 3])]);
    expect(await foldIn([[first, third], [second]])).toEqual(inTime);
  });

  test('leaves the traces alone that have no news', async () => {
    const database = await openDatabase();
    await query(database, `insert into event values ${makeEvents().slice(0, 200).join()}`);
    const fold = (asOf: string) => database.use((connection) => runFile(connection, FOLD, { as_of: asOf }));
    await fold('2026-06-01T00:00:00Z');
    await query(database, `insert into event values (500, 'm7', '2026-05-01', 'recall', 3, null, 'c')`);
    await fold('2026-06-02T00:00:00Z');
    expect(await query(database, `select memory_id from trace where changed_at = '2026-06-02'`)).toEqual([
      { memory_id: 'm7' },
    ]);
  });
});
