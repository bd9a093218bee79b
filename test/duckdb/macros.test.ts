import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connect, type Database } from '../../duckdb/database.ts';
import { makeProfile, query, value } from '../support/database.ts';
import { makeRandom } from '../support/random.ts';

let database: Database;
beforeAll(async () => {
  database = await connect(makeProfile(), () => undefined);
  return () => database.close();
});

describe('each formula gives the value worked by hand', () => {
  test.each<[string, number | null]>([
    [`days_between('2026-03-01', '2026-03-02 12:00')`, 1.5],
    [`days_between('1969-12-31 18:00', '1969-12-31 12:00')`, -0.25],
    ['half_life_decay(0, 7)', 1],
    ['half_life_decay(14, 7)', 0.25],
    ['half_life_decay(-3, 7)', 1],
    ['fsrs_r(0, 5)', 1],
    ['fsrs_r(5, 5)', 0.9],
    ['fsrs_r(-1, 5)', 1],
    ['pow(fsrs_r(10, 1), -1 / 0.1542)', 1 + 0.98034649 * 10],
    ['fsrs_s0(1)', 0.212],
    ['fsrs_s0(4)', 8.2956],
    ['fsrs_d0(1)', 6.4133],
    ['fsrs_d0(3)', 2.118104], // 7.4133 - e^1.6668
    ['fsrs_d0(4)', 1],
    ['fsrs_next_d(5, 3)', 4.990228], // 0.999 · 5 - 0.001 · 4.771621
    ['fsrs_next_d(10, 1)', 9.985228], // nothing is left to add at 10
    ['fsrs_next_s(2, 5, 1, 3, 0)', 2.0077], // 2 · e^(0.5425 · 0.0912) · 2^-0.0658
    ['fsrs_next_s(8, 5, 0.9, 1, 8)', 1.239], // 1.4835 · 5^-0.0614 · (9^0.2629 - 1) · e^0.16483
    ['fsrs_next_s(0.001, 9, 0.001, 1, 9)', 0.001],
    ['fsrs_next_s(36000, 1, 0.1, 4, 9e9)', 36500],
    ['encode_grade(0.1, true)', 1],
    ['encode_grade(0.2, true)', 2],
    ['encode_grade(0.4, true)', 3],
    ['encode_grade(0.8, true)', 4],
    ['encode_grade(0.8, false)', 3],
    ['encode_grade(0.5, false)', 3],
    ['encode_grade(0.42, false)', 2], // 0.42 · 0.9
    ['encode_grade(0, false)', 1],
    ['need_of(0.3, 0)', 0.3],
    ['need_of(0.3, 2)', 0.825], // 1 - 0.7 · 0.25
    ['retain_limit(0.6)', 0.7],
    ['retain_limit(0)', 1],
    ['forget_limit(0, 0)', 0.7],
    ['forget_limit(0.1, 0.5)', 0.475], // 0.4 + 0.3 · 0.5 · 0.5
    ['forget_limit(0, 1)', 0.4],
    ['forget_limit(0.9, 0)', 0.4],
    ['hippocampal_trace(7, 7)', 0.5],
    ['cortical_step(0, 0, 1, 0, 0.15, 2, 365)', 0.15],
    ['cortical_step(0, 0, 1, null, 0.15, 2, 365)', 0.15],
    ['cortical_step(0.5, 365, 0.5, 0.5, 0.2, 2, 365)', 0.4], // 1 - 0.75 · 0.8
    ['cortical_step(0, 0, 1, 1, 0.4, 5, 365)', 0.95],
    ['attention(0.5, 0.8, 0, 0.2, 1)', 0.715],
    ['attention(1, 1, 1, 1, 1)', 1],
    ['hebb(0, hebb_factor(0.1, 1))', 0.1],
    ['hebb(0.5 * half_life_decay(30, 30), hebb_factor(0.1, 0.5))', 0.2875], // 1 - 0.75 · 0.95
    ['first_weight(0)', 0],
    ['first_weight(ln(2))', 0.5],
    ['idf(10, 1)', 1.99243],
    ['idf(10, 10)', 0.04652],
    ['scaling_factor(0.35, 0.4, 0.18, 1)', 0.875],
    ['scaling_factor(0.35, 0.7, 0.18, 1)', 0.82],
    ['scaling_factor(0.35, 0.1, 0.18, 1)', 1 / 0.82],
    ['scaling_factor(0.35, 0.1, 0.18, 3)', Math.pow(0.82, -3)],
    ['scaling_factor(0.35, 0.1, 0.18, 100000)', 3.5],
    ['bounded_scaling(1.2, 0.5)', 1.2],
    ['bounded_scaling(1.2, 0.9)', 1.1],
    ['bounded_scaling(1.2, 0.99)', 1],
    ['bounded_scaling(0.9, 1)', 0.9],
    ['creative_score(0.05, 1)', 0.5],
    ['creative_score(0.05, 0.5)', 0.375],
    [`jaccard(['a', 'b'], ['b', 'c'])`, 1 / 3],
    [`jaccard(['a'], [])`, 0],
    ['jaccard([], [])', null],
  ])('%s', async (expression, expected) => {
    const got = await value(database, `select (${expression})::double`);
    if (expected === null) expect(got).toBeNull();
    else expect(Math.abs((got as number) - expected)).toBeLessThanOrEqual(5e-5 * Math.max(1, Math.abs(expected)));
  });

  test.each([
    ['consolidation_state(1, 0.4)', 'episodic'],
    ['consolidation_state(1, 0.6)', 'consolidating'],
    ['consolidation_state(1, 2.1)', 'schematized'],
    ['consolidation_state(0, 0)', 'episodic'],
    ['memory_age(0.99)', 'recent'],
    ['memory_age(1)', 'week_old'],
    ['memory_age(7)', 'month_old'],
    ['memory_age(30)', 'remote'],
    ['memory_fidelity(0.9)', 'high'],
    ['memory_fidelity(0.89)', 'medium'],
    ['memory_fidelity(0.4)', 'low'],
    ['memory_fidelity(0.39)', 'degraded'],
  ])('%s is %s', async (expression, expected) => {
    expect(await value(database, `select ${expression}`)).toBe(expected);
  });
});

test('retrievability falls below the thresholds of the fates after the published days', async () => {
  // Stability, threshold, days (FSRS-6's curve, solved for t).
  const days = [
    [0.212, 0.3, 532],
    [1.2931, 0.5, 117],
    [2.3065, 0.7, 21],
    [2.3065, 0.4, 894],
    [8.2956, 0.5, 750],
  ];
  for (const [s, threshold, t] of days)
    expect(await value(database, `select fsrs_r(${t!}, ${s!})::double`)).toBeCloseTo(threshold!, 2);
});

test('a good recall of a fresh memory is worth the more the longer it waited, without a jump at one day', async () => {
  const rows = await query(
    database,
    `select round(fsrs_next_s(2.3065, fsrs_d0(2), fsrs_r(h / 24, 2.3065), 3, h / 24), 2)::double as s
     from (select unnest([0.5, 1, 6, 24, 72]) as h)`,
  );
  expect(rows.map(({ s }) => s)).toEqual([2.39, 2.47, 3.26, 5.63, 9.94]);
});

/** The cortical trace after so many nights of one replay each. */
async function cortex(nights: number, fit: number): Promise<unknown> {
  return value(
    database,
    `with recursive night(n, c) as (
       select 0, 0::double union all
       select n + 1, cortical_step(c, 1, hippocampal_trace(n, 7), ${fit}, 0.15, 2, 365) from night where n < ${nights})
     select c from night where n = ${nights}`,
  );
}

test.each([
  [1, 0, 0.15],
  [2, 0, 0.265],
  [7, 0, 0.57],
  [28, 0, 0.76],
  [2, 0.6, 0.529],
])('after %i nights of replay with schema fit %d the cortex holds %d', async (nights, fit, expected) => {
  expect(Math.abs(((await cortex(nights, fit)) as number) - expected)).toBeLessThan(0.015);
});

describe('capacity', () => {
  test('over 10,000 windows it is 7 on average with a deviation of 1, and always 5 to 9', async () => {
    const [row] = await query(
      database,
      `select avg(c)::double as mean, stddev_pop(c)::double as sd, min(c)::int as low, max(c)::int as high
       from (select fluctuating_capacity('agent', i, 7, 2) as c from range(10000) t(i))`,
    );
    expect(Math.abs((row?.['mean'] as number) - 7)).toBeLessThanOrEqual(0.05);
    expect(Math.abs((row?.['sd'] as number) - 1)).toBeLessThanOrEqual(0.05);
    expect(row).toMatchObject({ low: 5, high: 9 });
  });

  test('it is the same for the same agent and window, and another agent has another', async () => {
    const all = (agent: string) =>
      value(
        database,
        `select list(fluctuating_capacity('${agent}', i, 7, 2) order by i)::varchar from range(100) t(i)`,
      );
    expect(await all('ada')).toBe(await all('ada'));
    expect(await all('ada')).not.toBe(await all('bob'));
  });

  test.each([
    [0, [7, 7]],
    [1, [6, 8]],
    [3, [4, 10]],
  ])('a variance of %i bounds it by %j', async (v, bounds) => {
    const [row] = await query(
      database,
      `select min(c)::int as low, max(c)::int as high
       from (select fluctuating_capacity('a', i, 7, ${v}) as c from range(2000) t(i))`,
    );
    expect([row?.['low'], row?.['high']]).toEqual(bounds);
  });
});

describe("Hebb's rule", () => {
  test('a batch in any order equals one activation after the other', async () => {
    const random = makeRandom(7);
    for (let batch = 0; batch < 20; batch += 1) {
      const activations = Array.from({ length: 30 }, () => random());
      const start = random();
      const sequential = activations.reduce((w, c) => 1 - (1 - w) * (1 - 0.1 * c), start);
      const batched = await value(
        database,
        `select hebb(${start}, (select exact_sum(hebb_factor(0.1, c)) from (select unnest([${activations.join()}]) as c)))`,
      );
      expect(Math.abs((batched as number) - sequential)).toBeLessThanOrEqual(1e-12);
    }
  });

  test('with a replay a day it rises to its fixed point below 1 and stays there', async () => {
    const weights = await value(
      database,
      `with recursive day(n, w) as (select 0, 0::double union all select n + 1, hebb(w * half_life_decay(1, 30), hebb_factor(0.1, 1)) from day where n < 1000)
       select [max(w), arg_max(w, n)] from day`,
    );
    const fixed = 0.1 / (1 - 0.9 * Math.pow(2, -1 / 30));
    expect(weights).toEqual([expect.closeTo(fixed, 9), expect.closeTo(fixed, 9)]);
    expect(fixed).toBeLessThan(1);
  });
});

describe('the gain of a replay', () => {
  const gain = async (importance: number, s: number, idle: number) =>
    (await value(database, `select replay_gain(${importance}, ${s}, 5, ${idle}, 30)`)) as number;

  test('is nearly nothing just after one, and grows with time and importance', async () => {
    expect(await gain(1, 2.3, 0)).toBeLessThan((await gain(1, 2.3, 1)) / 10);
    expect(await gain(0.5, 2.3, 5)).toBeGreaterThan(await gain(0.5, 2.3, 1));
    expect(await gain(1, 2.3, 5)).toBeCloseTo((await gain(0, 2.3, 5)) / 0.3, 9);
  });

  test('is smaller for what is stable already', async () => {
    expect(await gain(0.5, 300, 5)).toBeLessThan(await gain(0.5, 3, 5));
  });
});

test('an exact sum and mean are the same to the last bit in any order', async () => {
  const random = makeRandom(3);
  const values = Array.from({ length: 5_000 }, () => random() * 10 ** Math.floor(random() * 6));
  await query(database, `create table number as select unnest([${values.join()}]) as x`);
  onTestFinished(async () => {
    await query(database, 'drop table number');
  });
  const sums = new Set<string>();
  for (const order of ['x', 'x desc', 'hash(x)', 'hash(x) desc', 'rowid']) {
    const [row] = await query(
      database,
      `select exact_sum(x)::varchar as s, exact_avg(x)::varchar as m from (from number order by ${order})`,
    );
    sums.add(JSON.stringify(row));
  }
  expect(sums.size).toBe(1);
  const naive = values.reduce((sum, x) => sum + x, 0);
  expect(Number((JSON.parse([...sums][0]!) as { s: string }).s)).toBeCloseTo(naive, 4);
});
