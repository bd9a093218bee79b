import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeEnvironment, openLab, type Lab, type Written } from '../support/lab.ts';
import { makeRandom } from '../support/random.ts';

const BIND = ['ingestMemories', 'readFeatures', 'attendMemories', 'bindEpisodes'] as const;
const SLEEP = [...BIND, 'consolidateTraces'] as const;
const DAY = 86_400_000;
/** The night after so many days. */
const night = (day: number) => new Date(Date.UTC(2026, 2, 1, 3) + day * DAY).toISOString();

/** Memories of thirty days, some of them important, a few of each day in one episode; the same at every call. */
function writeMonth(): Written[] {
  const random = makeRandom(23);
  return Array.from({ length: 90 }, (_, index) => ({
    id: `m${String(index).padStart(2, '0')}`,
    at: new Date(Date.UTC(2026, 2, 1, 10, (index % 3) * 7) + Math.floor(index / 3) * DAY).toISOString(),
    agent: 'ada',
    found: { importance: random(), mentions: [['Halifax', 'Kyoto', 'Lisbon', 'Quito'][index % 4]!] },
  }));
}

/** What replays and fates were, without the names of the cycles in which they came about. */
const lifeOf = async (lab: Lab) => ({
  replays: await lab.rows(
    `select memory_id, ts::varchar as ts, schema_fit from event where kind = 'replay' order by ts, memory_id`,
  ),
  fates: await lab.rows('select memory_id, fate, why, since::varchar as since from fate order by memory_id'),
  weights: await lab.rows(
    'select src, dst, w, co_activation_count, last_at::varchar as at from association order by all',
  ),
});

/** What was written in a month, known at its end, and slept in cycles as of the given days. */
async function sleep(days: readonly number[], written = writeMonth()): Promise<Lab> {
  const lab = await openLab();
  await lab.write(...written);
  await lab.live(night(30), BIND);
  for (const day of days) await lab.run('consolidateTraces', night(day));
  return lab;
}

describe('a cycle that stands for many days', () => {
  test('lives each of their nights, at its own time and with its own budget', async () => {
    const lab = await openLab({ replay_budget: 20, cls_rho: 0.05 });
    await lab.write(...writeMonth().map((each) => ({ ...each, found: { ...each.found, importance: 0.75 } })));
    expect((await lab.live(night(30), SLEEP)).consolidateTraces).toMatchObject({ nights: 30 });
    const nights = await lab.rows(
      `select ts::varchar as at, count(*)::int as n from event where kind = 'replay' group by ts order by ts`,
    );
    expect(nights.map(({ at }) => at)).toEqual(
      Array.from({ length: 30 }, (_, day) =>
        night(day + 1)
          .slice(0, 19)
          .replace('T', ' '),
      ),
    );
    expect(Math.max(...nights.map(({ n }) => n as number))).toBe(20);
    expect(
      await lab.list(`select count(*)::int from event e join raw_memory m using (memory_id) where e.ts < m.created_at`),
    ).toEqual([0]);
  });

  test('gives the same replays, strengths and fates as any other cycles over the same days', async () => {
    const nightly = await lifeOf(await sleep(Array.from({ length: 30 }, (_, day) => day + 1)));
    expect(nightly.replays.length).toBeGreaterThan(50);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 29 }), { maxLength: 6 }), async (days) => {
        const lab = await sleep([...days.toSorted((a, b) => a - b), 30]);
        expect(await lifeOf(lab)).toEqual(nightly);
        lab.database.close();
      }),
      { numRuns: 3, seed: 5 },
    );
  });

  test('transfers what cycles that stand for a night each transfer', async () => {
    const lab = await sleep([30]);
    const transferred = Number((await lab.list(`select count(*)::int from fate where fate = 'cortical_transfer'`))[0]);
    expect(transferred).toBeGreaterThan(10);
  });

  test('goes on after a kill with the night after the last one that was committed', async () => {
    const whole = await lifeOf(await sleep([30]));
    const lab = await sleep([]);
    let nights = 0;
    const environment = makeEnvironment();
    const use = lab.database.use.bind(lab.database);
    lab.database.use = (body) =>
      use((connection) => {
        const run = connection.prepare.bind(connection);
        connection.prepare = (sql) => {
          if (sql.startsWith('insert into lived_night')) nights += 1;
          return nights === 12 ? Promise.reject(new Error('killed')) : run(sql);
        };
        return body(connection).finally(() => {
          connection.prepare = run;
        });
      });
    await expect(lab.run('consolidateTraces', night(30), environment)).rejects.toThrow('killed');
    lab.database.use = use;
    expect(await lab.list('select count(*)::int from lived_night')).toEqual([11]);
    expect(await lab.run('consolidateTraces', night(30))).toMatchObject({ nights: 30 });
    expect(await lifeOf(lab)).toEqual(whole);
  });

  test('tells how far it is', async () => {
    const lab = await openLab();
    await lab.write(...writeMonth(), {
      id: 'old',
      at: '2025-11-01T10:00:00Z',
      agent: 'ada',
      found: { importance: 0.9 },
    });
    await lab.live(night(30), SLEEP);
    expect(lab.lines).toHaveLength(2);
    expect(lab.lines[0]).toMatch(
      /^consolidation: lives the nights that have passed: \d+ of 150, up to 202\d-\d\d-\d\d$/,
    );
  });
});

describe('a day', () => {
  test('is slept once, however often a cycle runs on it', async () => {
    const lab = await sleep([10, 20, 30]);
    const before = await lifeOf(lab);
    for (const hours of [1, 5, 11]) await lab.run('consolidateTraces', night(30 + hours / 24));
    expect((await lifeOf(lab)).replays).toEqual(before.replays);
    await lab.run('consolidateTraces', night(31));
    expect((await lifeOf(lab)).replays.length).toBeGreaterThan(before.replays.length);
  });

  test('that has passed is caught up on by a waking cycle, which leaves the night to come alone', async () => {
    const lab = await openLab();
    await lab.write(...writeMonth());
    await lab.live(night(30), BIND);
    await lab.run('consolidateTraces', night(30), undefined, { limits: { replays: 0 } });
    expect(await lab.list('select max(as_of)::date::varchar from lived_night')).toEqual(['2026-03-30']);
    await lab.run('consolidateTraces', night(30.25));
    expect(await lab.list('select max(as_of)::varchar from lived_night')).toEqual(['2026-03-31 09:00:00']);
  });
});

describe('what comes late', () => {
  const late: Written = { id: 'late', at: '2026-03-03T10:00:00Z', agent: 'ben', found: { importance: 0.9 } };
  const fateOfLate = (lab: Lab) => lab.rows(`select fate, since::varchar as since from fate where memory_id = 'late'`);
  const replaysOfLate = (lab: Lab) =>
    lab.list(`select ts::varchar from event where memory_id = 'late' and kind = 'replay' order by ts`);

  test('lives the nights since it was written, and the others are left alone', async () => {
    const punctual = await openLab();
    const lab = await openLab();
    await punctual.write(...writeMonth(), late);
    await lab.write(...writeMonth());
    for (let day = 1; day <= 30; day += 1) {
      await punctual.live(night(day), SLEEP);
      await lab.live(night(day), SLEEP);
    }
    const others = `select * from event where memory_id <> 'late' and ts < '2026-04-01' order by event_id`;
    const before = await lab.rows(others);
    await lab.write(late);
    await lab.live(night(31), SLEEP);
    await punctual.live(night(31), SLEEP);
    expect(await lab.rows(others)).toEqual(before);
    expect(await replaysOfLate(lab)).toEqual(await replaysOfLate(punctual));
    expect(await fateOfLate(lab)).toEqual(await fateOfLate(punctual));
    expect(await fateOfLate(lab)).toMatchObject([{ fate: 'cortical_transfer' }]);
    // Sixty-two nights.
  }, 180_000);

  test('has its links dated to when both ends were there, so that they have decayed since', async () => {
    const lab = await openLab();
    const found = { importance: 0.1, mentions: ['Halifax'] };
    await lab.write(
      { id: 'a', at: '2026-03-01T10:00:00Z', agent: 'ada', found },
      { id: 'b', at: '2026-03-02T10:00:00Z', agent: 'ada', found },
    );
    await lab.live(night(60), SLEEP);
    expect(await lab.list('select distinct last_at::varchar from association')).toEqual(['2026-03-03 10:00:00']);
  });
});
