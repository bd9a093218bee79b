import type { Database } from '../../duckdb/database.ts';
import { ask, judge, list, valuesOf, type Figure, type Found, type Target } from './target.ts';
import { compareWithTsFsrs } from './ts-fsrs.ts';

/** V4 to V6: what a second time is worth, and when. */
export async function validatePractice(database: Database): Promise<Found> {
  const { target, figure } = await validateSpacing(database);
  return {
    targets: [await validateParity(database), target, ...(await validateTesting(database))],
    figures: [figure],
  };
}

const HISTORIES = 2_000;

/** Folds random histories, with waits of nothing, of hours and of months, by the statement and by ts-fsrs. */
async function validateParity(database: Database): Promise<Target> {
  const most = Math.max(...(await compareWithTsFsrs(database, HISTORIES)));
  return judge({
    ...{
      id: 'V4',
      what: `stability and difficulty of ${String(HISTORIES)} random histories`,
      source: 'ts-fsrs next_state; consolidation.fold-event.sql',
    },
    ...{
      published: 'the same',
      ours: most < 1e-6 ? 'relative error < 1e-6' : `relative error ${most.toExponential(1)}`,
    },
    ...{ tolerance: 'relative error ≤ 1e-5', holds: most <= 1e-5 },
  });
}

const GAPS = [0, 1, 2, 4, 7, 11, 14, 21, 35, 70, 105];
/** Delay of the test in days, and the gap before the second learning that was best. */
const PUBLISHED = [
  [7, 1],
  [35, 11],
  [70, 21],
  [350, 21],
] as const;
/** The state after events of so many days and of such grades. */
const after = (...events: readonly (readonly [day: string, grade: number])[]) =>
  `fold_events([${events
    .map(([day, grade], at) => {
      const kind = at === 0 ? 'encode' : 'recall';
      return `event_step('${kind}', ${String(grade)}, make_timestamp((${day} * 86400e6)::bigint), null::double)`;
    })
    .join()}])`;

/** Recall expected at the test: the second learning finds it known, or forgotten and then learns it again at once. */
async function validateSpacing(database: Database): Promise<{ target: Target; figure: Figure }> {
  const rows = await ask(
    database,
    `with learned as (
       select gap, fsrs_r(gap, fsrs_s0(3)) as p, ${after(['0', 3], ['gap', 3])} as known, ${after(['0', 3], ['gap', 1], ['gap', 3])} as again
       from (values ${valuesOf(GAPS.map((gap) => [gap]))}) g(gap))
     select delay, gap, p * folded_retrievability(known, gap + delay) + (1 - p) * folded_retrievability(again, gap + delay) as recall
     from learned, (values ${valuesOf(PUBLISHED.map(([delay]) => [delay]))}) d(delay) order by delay, gap`,
  );
  const curves = PUBLISHED.map(([delay, published]) => {
    const points = rows
      .filter((row) => row['delay'] === delay)
      .map(({ gap, recall }) => [Number(gap), Number(recall)] as const);
    const [best, most] = points.reduce((a, b) => (b[1] > a[1] ? b : a));
    const there = points.find(([gap]) => gap === published)?.[1] ?? Number.NaN;
    return { delay, points, best, ratio: best / delay, share: there / most };
  });
  const rising = (values: readonly number[]) => values.every((each, at) => at === 0 || each >= (values[at - 1] ?? 0));
  const best = curves.map((curve) => curve.best);
  const ratios = curves.map(({ ratio }) => ratio);
  const target = judge({
    ...{
      id: 'V5',
      what: 'the gap that is best grows with the delay, and slower',
      source: 'Cepeda et al. 2008; fsrs_r, fold_events',
    },
    published: `best gap ${PUBLISHED.map(([, gap]) => gap).join(' ')} of 7 35 70 350 days`,
    ours: `best gap ${best.join(' ')}, of the delay ${list(ratios, 2)}; at the published gap ${list(curves.map(({ share }) => share))} of the most`,
    tolerance: 'gap never falls, its share falls and is .04 to .12 at 350; ≥ .97 of the most',
    holds:
      rising(best) &&
      rising(ratios.toReversed()) &&
      (ratios.at(-1) ?? 0) >= 0.04 &&
      (ratios.at(-1) ?? 1) <= 0.12 &&
      curves.every(({ share }) => share >= 0.97),
  });
  const figure: Figure = {
    ...{ name: 'spacing', title: 'Expected recall by the gap between two learnings, for four delays of the test' },
    ...{ x: 'gap in days', y: 'recall', logarithmic: true },
    series: curves.flatMap(({ delay, points }) => [
      // The axis is logarithmic and has no place for a gap of nothing.
      { name: `test after ${String(delay)} days`, dots: false, points: points.filter(([gap]) => gap > 0) },
      {
        name: '',
        dots: true,
        points: points.filter(([gap]) => gap === PUBLISHED.find(([each]) => each === delay)?.[1]),
      },
    ]),
  };
  return { target, figure };
}

/** Restudied or tested a day after learning; items differ in stability: log-normal, median .02 days, σ 2. */
async function validateTesting(database: Database): Promise<Target[]> {
  const delays = [5 / 1440, 2, 7];
  const rows = await ask(
    database,
    `with item as (
       -- Quantiles of the normal distribution by Tocher's logistic approximation.
       select 0.02 * exp(2 * ln(p / (1 - p)) / 1.702) as s from (select (i + 0.5) / 400 as p from range(400) g(i))
     )
     select delay, avg(fsrs_r(delay, fold_event(a, {'k': 'restudy', 'g': 3, 't': 1::double, 'z': false, 'f': null::double}, 0, 0, 7, 365).s)) as restudy,
       avg(fsrs_r(1, s) * fsrs_r(delay, fsrs_next_s(s, fsrs_d0(3), fsrs_r(1, s), 3, 1)) + (1 - fsrs_r(1, s)) * fsrs_r(delay + 1, s)) as test
     from (select s, {'k': 'encode', 'g': 3, 't': 0::double, 'z': false, 'f': null::double, 's': s, 'd': fsrs_d0(3), 'c': 0::double,
         'u': 0::double, 'o': 0::double} as a from item), (values ${valuesOf(delays.map((each) => [each]))}) d(delay)
     group by delay order by delay`,
  );
  const [restudy, tested] = (['restudy', 'test'] as const).map((name) => rows.map((row) => Number(row[name])));
  const gain = (tested ?? []).map((each, at) => each - (restudy?.[at] ?? 0));
  return [
    judge({
      ...{ id: 'V6', what: 'a test is worth more than a restudy after days, and less at once' },
      source: 'Roediger & Karpicke 2006, experiment 1; fold_event, fsrs_next_s',
      published: 'restudy .81 .54 .42, test .75 .68 .56 after 5 min, 2 and 7 days',
      ours: `restudy ${list(restudy ?? [], 2)}, test ${list(tested ?? [], 2)}`,
      tolerance: 'test ahead by .05 to .20 after 2 and 7 days, not after 5 min',
      holds: gain.length === 3 && (gain[0] ?? 1) <= 0 && gain.slice(1).every((each) => each >= 0.05 && each <= 0.2),
    }),
  ];
}
