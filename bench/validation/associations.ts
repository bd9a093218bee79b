import type { Database } from '../../duckdb/database.ts';
import { runFile } from '../../duckdb/statement.ts';
import type { Lab } from '../lab.ts';
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

/** Anderson 1974, as in the pyactr book: facts about a person and a place, the fan of each, seconds to recognise. */
const FAN = [
  ...([
    [1, 1, 1.11],
    [1, 2, 1.17],
    [1, 3, 1.15],
  ] as const),
  ...([
    [2, 1, 1.17],
    [2, 2, 1.2],
    [2, 3, 1.23],
  ] as const),
  ...([
    [3, 1, 1.22],
    [3, 2, 1.22],
    [3, 3, 1.36],
  ] as const),
];
const STRENGTHEN = new URL('../../activities/consolidation.strengthen.sql', import.meta.url);
/** Facts that were learned. */
const FACTS = 26;

/** V9, V11 to V14, V17 and V21: what joins memories, and how strongly. */
export async function validateAssociations({ database, write, live }: Lab): Promise<Found> {
  const { target, figure } = await validateFan(database);
  return {
    targets: [
      target,
      ...(await validateHebb(database)),
      leaveOut({
        ...{
          id: 'V12',
          what: "Oja's and BCM's rule",
          source: 'Oja 1982; Bienenstock et al. 1982',
          published: 'norm 1; selective',
        },
        why: 'weights grow by the bounded Hebb rule and shrink by decay and scaling; there is no depression by activity',
      }),
      await validateScaling({ database, live }),
      await validateStep({ database, live }),
      leaveOut({
        ...{
          id: 'V17',
          what: 'retrieval-induced inhibition',
          source: 'Goodmon & Anderson 2011',
          published: '81 / 68 / 55 %',
        },
        why: 'a memory that was not chosen is shown no less for it: strength stays out of the order of recall',
      }),
      await validateContiguity({ database, write, live }),
    ],
    figures: [figure],
  };
}

/** Time falls with the rarity of what is shared: I + F exp(-½ Σ idf), I and F by least squares. */
async function validateFan(database: Database): Promise<{ target: Target; figure: Figure }> {
  const rows = await ask(
    database,
    `with cue as (
       select person, place, seconds, exp(-0.5 * (idf(${String(FACTS)}, person) + idf(${String(FACTS)}, place))) as x
       from (values ${valuesOf(FAN)}) f(person, place, seconds))
     select person, place, seconds, (select regr_intercept(seconds, x) + regr_slope(seconds, x) * c.x from cue) as ours,
       (select regr_slope(seconds, x) from cue) as slope
     from cue c
     order by person, place`,
  );
  const ours = rows.map((row) => Number(row['ours']));
  const rmse = Math.sqrt(
    rows.reduce((sum, row) => sum + (Number(row['ours']) - Number(row['seconds'])) ** 2, 0) / rows.length,
  );
  const isMonotone = ours.every(
    (each, at) => (at % 3 === 0 || each > (ours[at - 1] ?? 0)) && (at < 3 || each > (ours[at - 3] ?? 0)),
  );
  // A negative one would make rarity cost time.
  const slope = Number(rows[0]?.['slope']);
  return {
    target: judge({
      ...{
        id: 'V9',
        what: 'the fan effect: what is known of more is recognised later',
        source: 'Anderson 1974; idf of 26 facts, two constants free',
      },
      ...{
        published: list(
          FAN.map(([, , seconds]) => seconds),
          2,
        ),
        ours: `${list(ours, 2)}, RMSE ${digits(rmse)} s`,
      },
      ...{ tolerance: 'RMSE ≤ .04 s, monotone', holds: rmse <= 0.04 && isMonotone && slope > 0 },
    }),
    figure: {
      ...{ name: 'fan', title: 'Time to recognise a fact, by what else is known of its person and its place' },
      ...{ x: 'fan of the place', y: 'seconds', logarithmic: false },
      series: [1, 2, 3].flatMap((person) => {
        const of = rows.filter((row) => row['person'] === person);
        const points = (name: string) => of.map((row) => [Number(row['place']), Number(row[name])] as const);
        return [
          { name: `fan of the person ${String(person)}`, dots: true, points: points('seconds') },
          { name: '', dots: false, points: points('ours') },
        ];
      }),
    },
  };
}

/** How far a link that twenty activations strengthen in one night is from one that they strengthen one by one. */
async function strengthenApart(database: Database): Promise<number> {
  const activations = Array.from({ length: 20 }, (_, at) => 0.05 + (0.9 * at) / 20);
  await database.use(async (connection) => {
    await connection.run(`insert into association by name select unnest(['batch', 'one by one']) as src, 'b' as dst, 0.3 as w,
      0 as co_activation_count, '${NIGHT(1)}'::timestamp as last_at, last_at as changed_at`);
    const strengthen = async (src: string, active: readonly number[]) => {
      await connection.run(`create or replace temp table coactive as select '${src}' as src, 'b' as dst,
        '${NIGHT(1)}'::timestamp as ts, unnest([${active.join()}])::double as activation`);
      await runFile(connection, STRENGTHEN, { as_of: NIGHT(1), night: NIGHT(1) });
    };
    await strengthen('batch', activations);
    for (const activation of activations) await strengthen('one by one', [activation]);
  });
  const { apart } = await numbers(database, 'select max(w) - min(w) as apart from association', 'apart');
  await ask(database, 'delete from association');
  return apart;
}

/** A batch is as one by one; daily, weekly and monthly activity ends where the closed form says. */
async function validateHebb(database: Database): Promise<Target[]> {
  const apart = await strengthenApart(database);
  const rates = [1, 1 / 7, 1 / 30];
  const rows = await ask(
    database,
    `with recursive day(i, rate, w, total) as (
       select 0, rate, 0.3::double, 0::double from (values ${valuesOf(rates.map((rate) => [rate]))}) v(rate)
       union all
       select i + 1, rate, next, total + case when i >= 2000 then next else 0 end from (
         select i, rate, total, hebb(half_life_decay(1, edge_half_life_days()) * w,
           case when hash(i, rate) % 1000000 < rate * 1000000 then hebb_factor(hebbian_learning_rate(), 1) else 0 end) as next from day where i < 12000)
     )
     select rate, total / 10000 as mean,
       hebbian_learning_rate() * rate / (1 - (1 - hebbian_learning_rate() * rate) * half_life_decay(1, edge_half_life_days())) as expected
     from day where i = 12000 order by rate desc`,
  );
  const [means, expected] = (['mean', 'expected'] as const).map((name) => rows.map((row) => Number(row[name])));
  return [
    judge({
      ...{
        id: 'V11a',
        what: 'a batch of co-activations is as one by one',
        source: 'van Rossum et al. 2000; consolidation.strengthen.sql',
      },
      ...{
        published: 'the same',
        ours: apart < 1e-12 ? 'differs by less than 1e-12' : `differs by ${String(apart)}`,
        tolerance: '1e-12',
      },
      holds: apart < 1e-12,
    }),
    judge({
      ...{
        id: 'V11b',
        what: 'the weight of what is active daily, weekly, monthly',
        source: 'hebb, half_life_decay; fixed point',
      },
      ...{ published: list(expected ?? []), ours: list(means ?? []), tolerance: 'mean within 5 %' },
      holds:
        rows.length === rates.length &&
        (means ?? []).every((each, at) => Math.abs(each / (expected?.[at] ?? 0) - 1) <= 0.05),
    }),
  ];
}

const NIGHT = (day: number) => `2026-03-${String(day).padStart(2, '0')}T03:00:00Z`;
const fill = (database: Database, weight: string) =>
  ask(
    database,
    `insert or replace into association by name select 'm' || i as src, 'n' || i as dst, ${weight} as w, 5 as co_activation_count,
       timestamp '2026-03-01 03:00' as last_at, timestamp '2026-03-01 03:00' as changed_at from range(1000) r(i)`,
  );

/** Ten nights bring the mean, as the links were last used, to its target and keep the ranks. */
async function validateScaling({ database, live }: Pick<Lab, 'database' | 'live'>): Promise<Target> {
  await fill(database, '0.2 + 0.6 * pow((i + 1) / 1000, 2)');
  for (let day = 2; day <= 11; day += 1) await live(['scaleAssociations'], NIGHT(day));
  const { mean, target, ranks } = await numbers(
    database,
    `select (select avg(w) from association) as mean, homeostasis_target() as target, corr(rank, i) as ranks from (
       select substr(src, 2)::int as i, rank() over (order by w, substr(src, 2)::int) as rank from association_at('${NIGHT(11)}'))`,
    ...(['mean', 'target', 'ranks'] as const),
  );
  return judge({
    ...{ id: 'V13', what: 'ten nights of scaling', source: 'Turrigiano 2008; homeostasis.scale.sql' },
    ...{ published: `mean ${digits(target)}, ranks kept`, ours: `mean ${digits(mean)}, Spearman ${digits(ranks)}` },
    ...{ tolerance: 'within 1 %, ≥ .999', holds: Math.abs(mean / target - 1) <= 0.01 && ranks >= 0.999 },
  });
}

/** The largest step of one night, down. */
async function validateStep({ database, live }: Pick<Lab, 'database' | 'live'>): Promise<Target> {
  await fill(database, '0.5 + 0.4 * (i + 1) / 1000');
  const rows = await ask(database, `select src, w as earlier from association_at('${NIGHT(12)}')`);
  await live(['scaleAssociations'], NIGHT(12));
  const after = new Map(
    (await ask(database, `select src, w from association_at('${NIGHT(12)}')`)).map(({ src, w }) => [src, Number(w)]),
  );
  const factors = rows.map(({ src, earlier }) => ({
    earlier: Number(earlier),
    factor: (after.get(src) ?? 0) / Number(earlier),
  }));
  const ordered = factors.sort((a, b) => a.earlier - b.earlier).map(({ factor }) => factor);
  const [lower, upper] = [ordered.slice(0, 800), ordered.slice(800)];
  const isAll = (part: readonly number[], factor: number) => part.every((each) => Math.abs(each - factor) < 1e-6);
  return judge({
    ...{ id: 'V14', what: 'one night far above the target', source: 'de Vivo et al. 2017; homeostasis.scale.sql' },
    ...{
      published: '-18 %, the largest fifth spared',
      ours: `lower four fifths x ${digits(lower[0] ?? 0)}, upper x ${digits(upper[0] ?? 0)}`,
    },
    ...{ tolerance: 'exactly x .82 and x 1', holds: lower.length === 800 && isAll(lower, 0.82) && isAll(upper, 1) },
  });
}

/** Within an episode nearer neighbours are linked more. */
async function validateContiguity({ database, write, live }: Lab): Promise<Target> {
  const words = 'amber birch cedar delta ember fjord grove heron inlet jetty knoll larch'.split(' ');
  await write(
    words.map((word, at) => ({
      ...{
        id: `word-${String(at + 10)}`,
        content: `${word} ${word}`,
        context: null,
        tags: [],
        metadata: { agent: 'list' },
      },
      ...{ created_at: `2026-04-01T10:${String(at + 10)}:00Z`, updated_at: `2026-04-01T10:${String(at + 10)}:00Z` },
    })),
  );
  await live(['ingestMemories', 'readFeatures', 'attendMemories', 'bindEpisodes'], '2026-04-02T03:00:00Z');
  const rows = await ask(
    database,
    `select abs(substr(dst, 6)::int - substr(src, 6)::int) as lag, avg(w) as w, avg(w) filter (where dst > src) as forward,
       avg(w) filter (where dst < src) as backward
     from association where src like 'word-%' group by 1 order by 1`,
  );
  const weights = rows.map(({ w }) => Number(w));
  const isForward = rows.every(({ forward, backward }) => Number(forward) >= Number(backward));
  return judge({
    ...{
      id: 'V21',
      what: 'neighbours in an episode by their distance',
      source: 'Howard & Kahana 2002; short-term-memory.associate.sql',
    },
    ...{
      published: 'falling, forward ≥ backward',
      ours: `${list(weights)}, both ways alike`,
      tolerance: 'strictly falling over 1 to 7',
    },
    holds: rows.length === 7 && isForward && weights.every((each, at) => at === 0 || each < (weights[at - 1] ?? 0)),
  });
}
