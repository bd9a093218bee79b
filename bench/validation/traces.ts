import type { Database } from '../../duckdb/database.ts';
import { runFile } from '../../duckdb/statement.ts';
import { ask, digits, judge, leaveOut, list, numbers, type Found } from './target.ts';

const FOLD = new URL('../../activities/consolidation.fold-event.sql', import.meta.url);
/** The cortical trace of what was written at noon, after so many nights with a replay at three in the morning. */
const cortex = (nights: number, fit: number) =>
  `fold_events(list_concat([event_step('encode', 3, timestamp '2026-03-01 12:00', ${String(fit)})],
     list_transform(range(1, ${String(nights + 1)}), lambda i: event_step('replay', replay_grade(), timestamp '2026-03-01 03:00' + to_days(i::int), ${String(fit)})))).c`;

/** V10, V15, V16, V20 and V23: what nights do to a trace. */
export async function validateTraces(database: Database): Promise<Found> {
  const [row = {}] = await ask(
    database,
    `select ${[1, 7, 14, 28].map((nights) => `${cortex(nights, 0)} as n${String(nights)}`).join()}`,
  );
  const gradient = Object.values(row).map(Number);
  const { known, fresh } = await numbers(
    database,
    `select ${cortex(2, 0.6)} as known, ${cortex(2, 0)} as fresh`,
    ...(['known', 'fresh'] as const),
  );
  const ratio = (gradient[3] ?? 0) / (gradient[0] ?? 1);
  return {
    targets: [
      leaveOut({
        ...{ id: 'V10', what: 'base-level activation', source: 'Petrov 2006', published: 'MAE ≤ .05' },
        why: "what will be needed is told by FSRS's retrievability and by use; activation in the order of recall was measured and costs",
      }),
      judge({
        ...{
          id: 'V15',
          what: 'the cortex alone after 1, 7, 14 and 28 nights',
          source: 'Kim & Fanselow 1992; fold_events',
        },
        ...{
          published: 'lesion at 1 day abolishes, at 28 days spares',
          ours: `${list(gradient, 2)}, ratio ${digits(ratio, 1)}`,
        },
        tolerance: 'rising, ratio ≥ 4 (a check of chosen parameters, no prediction)',
        holds: gradient.every((each, at) => at === 0 || each > (gradient[at - 1] ?? 1)) && ratio >= 4,
      }),
      judge({
        ...{ id: 'V16', what: 'what fits is in the cortex after two nights', source: 'Tse et al. 2007; fold_events' },
        ...{
          published: 'within 48 h with a schema, not without',
          ours: `${digits(known)} with a fit of .6, ${digits(fresh)} with none`,
        },
        ...{ tolerance: '≥ .5 and < .3 (chosen)', holds: known >= 0.5 && fresh < 0.3 },
      }),
      await foldInParts(database),
      await weighReplays(database),
    ],
  };
}

/** The same events at once, and in three parts, in which many come late. */
async function foldInParts(database: Database) {
  const events = `select i as event_id, 'm' || i % 40 as memory_id, timestamp '2026-03-01' + to_hours((case when i < 40 then i else 40 + hash(i) % 2800 end)::int) as ts,
    case when i < 40 then 'encode' when i % 3 = 0 then 'replay' else 'recall' end as kind, 1 + hash(i) % 4 as grade, 'c' as cycle_id
    from range(400) r(i)`;
  const hashOf = async (parts: readonly (readonly [number, number])[]) => {
    await database.use(async (connection) => {
      await connection.run('begin; delete from event; delete from trace');
      for (const [from, to] of parts) {
        await connection.run(
          `insert into event by name select * from (${events}) where event_id >= ${String(from)} and event_id < ${String(to)}`,
        );
        await runFile(connection, FOLD, { as_of: '2026-08-01T00:00:00Z' });
      }
      await connection.run('commit');
    });
    const [row] = await ask(
      database,
      'select count(*)::int as n, sum(hash(memory_id, stability, difficulty, s_c)::hugeint)::varchar as hash from trace',
    );
    return row;
  };
  const whole = await hashOf([[0, 400]]);
  const parts = await hashOf([
    [0, 100],
    [100, 250],
    [250, 400],
  ]);
  await database.use((connection) => connection.run('delete from event; delete from trace'));
  const same = whole?.['hash'] === parts?.['hash'];
  return judge({
    ...{ id: 'V20', what: 'events folded in parts are as folded at once', source: 'consolidation.fold-event.sql' },
    ...{
      published: 'the same',
      ours: same ? `the same, bit by bit, of ${String(whole?.['n'])} memories` : 'differs',
      tolerance: 'equal bits',
    },
    holds: same && whole?.['n'] === 40,
  });
}

/** Priority of replay by importance, by time since, and right after a replay. */
async function weighReplays(database: Database) {
  const gain = (importance: number, idle: number) =>
    `replay_gain(${String(importance)}, 2.3, 5, ${String(idle)}, replay_horizon_days())`;
  const { low, high, now, day, week } = await numbers(
    database,
    `select ${gain(0.2, 2)} as low, ${gain(0.8, 2)} as high, ${gain(0.5, 0)} as now, ${gain(0.5, 1)} as day, ${gain(0.5, 7)} as week`,
    ...(['low', 'high', 'now', 'day', 'week'] as const),
  );
  return judge({
    ...{
      id: 'V23',
      what: 'a replay is worth more the more it matters and the longer it was not',
      source: 'Mattar & Daw 2018; replay_gain',
    },
    ...{
      published: 'signs of the partial effects',
      ours: `importance .2 to .8: ${digits(low)} to ${digits(high)}; after 0, 1, 7 days: ${list([now, day, week])}`,
    },
    ...{ tolerance: 'rising; nothing to gain at once', holds: high > low && week > day && day > now && now < 0.05 },
  });
}
