import type { Database } from '../../duckdb/database.ts';
import {
  ask,
  digits,
  judge,
  leaveOut,
  list,
  numbers,
  valuesOf,
  type Figure,
  type Found,
  type Target,
} from './target.ts';

const MINUTE = 1 / 1440;
/** Days and share of savings. Ebbinghaus 1885, chapter VII, as in the data of the pyactr book. */
const EBBINGHAUS: readonly Point[] = [
  [19 * MINUTE, 0.582],
  ...([
    [63 * MINUTE, 0.442],
    [525 * MINUTE, 0.358],
  ] as const),
  ...([
    [1, 0.337],
    [2, 0.278],
    [6, 0.254],
    [31, 0.211],
  ] as const),
];
/** Murre & Dros 2015, table 3: 20 min, 1 h, 9 h, 1, 2, 6 and 31 days. */
const TIMES = [20 * MINUTE, 60 * MINUTE, 540 * MINUTE, 1, 2, 6, 31];
const REPLICATIONS: Readonly<Record<string, readonly number[]>> = {
  'Ebbinghaus, recomputed': [56.3, 40.2, 25.3, 33.3, 27.3, 24.8, 20.6],
  Mack: [54.4, 43.2, 28.5, 31.6, 36.5, 30.9, 25.8],
  Seitz: [44.2, 32.5, 27.0, 27.0, 28.6, 20.5, 20.1],
  Dros: [47.2, 37.3, 27.6, 31.7, 23.0, 16.8, 4.1],
};
type Point = readonly [days: number, savings: number];

const SETS: readonly (readonly [name: string, points: readonly Point[]])[] = [
  ['Ebbinghaus 1885', EBBINGHAUS],
  ...Object.entries(REPLICATIONS).map(
    ([name, savings]) => [name, savings.map((each, at): Point => [TIMES[at] ?? 0, each / 100])] as const,
  ),
];

/** Stabilities from a hundred thousandth of a day to a hundred days, 1.2 % apart. */
const GRID = 'range(1401) g(i)';
const STABILITY = 'pow(10, g.i / 200.0 - 5)';

interface Fit {
  readonly stability: number;
  readonly rmse: number;
  readonly most: number;
}

/** The curve of FSRS-6 with its one free parameter where it lies nearest to the points. */
async function fit(database: Database, points: readonly Point[]): Promise<Fit> {
  return numbers(
    database,
    `select ${STABILITY} as stability, sqrt(avg(pow(q - fsrs_r(t, ${STABILITY}), 2))) as rmse,
       max(abs(q - fsrs_r(t, ${STABILITY}))) as most
     from ${GRID}, (values ${valuesOf(points)}) p(t, q) group by g.i order by rmse limit 1`,
    ...(['stability', 'rmse', 'most'] as const),
  );
}

/** AIC of an exponential less that of FSRS's power curve, each with a time of its own, and a height where it is free. */
async function compareForms(database: Database, isHeightFree: boolean): Promise<number[]> {
  const taken = isHeightFree ? 'pow(sum(q * f), 2) / sum(f * f)' : '2 * sum(q * f) - sum(f * f)';
  const differences: number[] = [];
  for (const [, points] of SETS) {
    const best = (curve: string) =>
      `(select min(sse) from (select sum(pow(q, 2)) - (${taken}) as sse
         from (select g.i, q, ${curve} as f from range(2001) g(i), (values ${valuesOf(points)}) p(t, q)) group by i))`;
    const [power, exponential] = ['fsrs_r(t, pow(10, g.i / 200.0 - 5))', 'exp(-t / pow(10, g.i / 200.0 - 5))'].map(
      best,
    );
    const { difference } = await numbers(
      database,
      `select ${String(points.length)} * ln(${String(exponential)} / ${String(power)}) as difference`,
      'difference',
    );
    differences.push(difference);
  }
  return differences;
}

async function validateForms(database: Database): Promise<Target[]> {
  const judgeForms = (differences: readonly number[]) => ({
    ...{ source: 'Wixted & Ebbesen 1991; AIC, fsrs_r', published: 'the power fits better' },
    ...{ ours: `AIC differs by ${list(differences, 1)}`, tolerance: '> 8 in four of five sets, ≥ 0 in all' },
    holds: differences.filter((each) => each > 8).length >= 4 && differences.every((each) => each >= 0),
  });
  return [
    judge({
      ...{ id: 'V3', what: 'forgetting is a power and no exponential: a time free in each' },
      ...judgeForms(await compareForms(database, false)),
    }),
    judge({
      ...{ id: 'V3b', what: 'the same with a height free in each as well' },
      ...judgeForms(await compareForms(database, true)),
      why: 'the published powers have an exponent of their own, FSRS-6 has one for all',
    }),
  ];
}

/** V1 to V3: how what is learned once is forgotten. */
export async function validateForgetting(database: Database): Promise<Found> {
  const fits = await Promise.all(SETS.map(([, points]) => fit(database, points)));
  const [first, ...others] = fits;
  if (first === undefined) throw new Error('no data');
  const errors = others.map(({ rmse }) => rmse);
  const targets: Target[] = [
    judge({
      ...{ id: 'V1', what: 'savings after 19 min to 31 days', source: 'Ebbinghaus 1885; fsrs_r, stability free' },
      ...{ published: list(EBBINGHAUS.map(([, savings]) => savings)), tolerance: 'RMSE ≤ .035, largest ≤ .06' },
      ours: `RMSE ${digits(first.rmse)}, largest ${digits(first.most)} at ${digits(first.stability, 5)} days`,
      holds: first.rmse <= 0.035 && first.most <= 0.06,
    }),
    leaveOut({
      ...{ id: 'V1b', what: 'the same with a free exponent', source: 'Ebbinghaus 1885', published: 'RMSE ≤ .025' },
      why: "the exponent is FSRS-6's .1542, no parameter",
    }),
    leaveOut({
      ...{
        id: 'V1c',
        what: "the same by Ebbinghaus's own equation",
        source: 'Ebbinghaus 1885',
        published: 'RMSE ≤ .02',
      },
      why: 'one curve is enough, and FSRS has it for any history',
    }),
    judge({
      ...{ id: 'V2 (a)', what: 'four replications', source: 'Murre & Dros 2015, table 3; fsrs_r, stability free' },
      ...{ published: 'table 3', ours: `RMSE ${list(errors)}`, tolerance: 'RMSE ≤ .07 each' },
      holds: errors.every((each) => each <= 0.07),
    }),
    leaveOut({
      ...{
        id: 'V2 (b)',
        what: 'the same by two stores',
        source: 'Memory Chain Model, Murre et al. 2013',
        published: 'R² ≥ .90',
      },
      why: 'retrievability is that of one trace; the cortical trace decides fates and is no probability of recall',
    }),
    await validateNight(database),
    ...(await validateForms(database)),
  ];
  return { targets, figures: [await draw(database, fits)] };
}

/** Of what is replayed in the night between, more is left after a day than was after nine hours. */
async function validateNight(database: Database): Promise<Target> {
  const { before, after } = await numbers(
    database,
    `with step as (select event_step('encode', 3, timestamp '2026-03-01 12:00', null) as a,
       event_step('replay', replay_grade(), timestamp '2026-03-02 03:00', null) as b)
     select fsrs_r(9 / 24.0, a.s) as before, fsrs_r(9 / 24.0, fold_events([a, b]).s) as after from step`,
    ...(['before', 'after'] as const),
  );
  return judge({
    ...{ id: 'V2b', what: 'a night between lowers nothing that it replays', source: 'Murre & Dros 2015; fold_events' },
    ...{ published: 'more after 24 h than after 9 h in three of four', tolerance: 'after ≥ before' },
    ours: `9 h after writing ${digits(before)}, 9 h after a replay at night ${digits(after)}`,
    holds: after >= before,
  });
}

async function draw(database: Database, fits: readonly Fit[]): Promise<Figure> {
  const curves = await Promise.all(
    fits.map(async ({ stability }, at) => {
      const rows = await ask(
        database,
        `select t, fsrs_r(t, ${String(stability)}) as r from (select pow(10, i / 20.0 - 2) as t from range(71) g(i)) order by t`,
      );
      return { name: SETS[at]?.[0] ?? '', points: rows.map(({ t, r }) => [Number(t), Number(r)] as const) };
    }),
  );
  return {
    ...{ name: 'retention', title: 'Savings after one learning, and the curve of FSRS-6 with its stability free' },
    ...{ x: 'days', y: 'savings', logarithmic: true },
    series: curves.flatMap(({ name, points }, at) => [
      { name, dots: true, points: SETS[at]?.[1] ?? [] },
      { name: '', dots: false, points },
    ]),
  };
}
