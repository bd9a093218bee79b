import type { Database } from '../../duckdb/database.ts';
import { ask, digits, judge, leaveOut, numbers, type Figure, type Found } from './target.ts';

/** Murdock 1962, as in the data of the BCM repository: lists of 20 words, one a second; first, middle third, last four on the mean, last. */
const MURDOCK = [
  [1, 0.46],
  [10, 0.2],
  [18.5, 0.8],
  [20, 0.97],
] as const;

/** V7 and V8: what gets a place in working memory. */
export async function validateAttention(database: Database): Promise<Found> {
  const slots = `fluctuating_capacity('ada', i, working_memory_capacity(), working_memory_capacity_variance())`;
  const { mean, sd, least, most, same } = await numbers(
    database,
    `with tick as (select ${slots} as c, ${slots} as again from range(10000) r(i))
     select avg(c) as mean, stddev_samp(c) as sd, min(c) as least, max(c) as most, count(*) filter (where c = again) as same from tick`,
    ...(['mean', 'sd', 'least', 'most', 'same'] as const),
  );
  const targets = [
    leaveOut({
      ...{ id: 'V7', what: 'serial position', source: 'Murdock 1962', published: 'recency > primacy > middle' },
      why: 'attention has recency and no primacy; SIMPLE, which has both, would be a model of recall from lists, which nobody asks of it',
    }),
    judge({
      ...{
        id: 'V8',
        what: 'capacity of working memory over 10,000 windows',
        source: 'Miller 1956; fluctuating_capacity',
      },
      ...{
        published: '7, 5 to 9',
        ours: `mean ${digits(mean, 2)}, sd ${digits(sd, 2)}, ${String(least)} to ${String(most)}`,
      },
      tolerance: 'mean 7 ± .05, sd 1 ± .05, 5 to 9; the same for the same window',
      holds: Math.abs(mean - 7) <= 0.05 && Math.abs(sd - 1) <= 0.05 && least === 5 && most === 9 && same === 10_000,
    }),
    leaveOut({
      ...{ id: 'V8b', what: 'a focus of four within it', source: 'Cowan 2001', published: '4, 3 to 5' },
      why: 'slots have a rank, and nothing depends on being among the first four',
    }),
  ];
  return { targets, figures: [await draw(database)] };
}

/** Words of a list, one every six seconds, ten of like importance to a window of five minutes' end: recency is all that differs. */
async function draw(database: Database): Promise<Figure> {
  const rows = await ask(
    database,
    'select i + 1 as place, attention_recency((19 - i) * 6) as recency from range(20) r(i) order by 1',
  );
  return {
    ...{
      name: 'serial-position',
      title: 'Words recalled from a list of 20, and the recency that attention gives (it has no primacy)',
    },
    ...{ x: 'place in the list', y: 'share recalled; recency', logarithmic: false },
    series: [
      { name: 'Murdock 1962', dots: true, points: MURDOCK },
      {
        name: 'attention_recency',
        dots: false,
        points: rows.map(({ place, recency }) => [Number(place), Number(recency)] as const),
      },
    ],
  };
}
