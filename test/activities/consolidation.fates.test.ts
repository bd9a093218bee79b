import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { connect, type Database } from '../../duckdb/database.ts';
import { runFile } from '../../duckdb/statement.ts';
import { FATES } from '../../memory/types.ts';
import { makeProfile, query } from '../support/database.ts';

const NIGHT = '2026-06-01T03:00:00Z';
const DECIDE = new URL('../../activities/consolidation.decide-fate.sql', import.meta.url);
/** From the worst fate to the best. */
const ORDER = FATES.toReversed();

/** All that a fate is decided by; of each, more speaks for a memory. */
interface Standing {
  readonly importance: number;
  readonly novelty: number;
  readonly uses: number;
  readonly wasUsedLately: boolean;
  readonly retrievability: number;
  readonly cortical: number;
  readonly tag: number;
}
const NOTHING: Standing = {
  ...{ importance: 0, novelty: 0, uses: 0, wasUsedLately: false, retrievability: 0.5, cortical: 0, tag: 0 },
};

let database: Database;
beforeAll(async () => {
  database = await connect(makeProfile(), () => undefined);
  return () => database.close();
});

/** The fates that memories of such a standing get in one night, with the reasons. */
async function decide(standings: readonly Standing[], present?: (typeof FATES)[number]) {
  // FSRS's curve for a stability of one day, turned round: after how many days this much is left.
  const idle = `(pow(retrievability, -1 / 0.1542) - 1) / 9.803464944134797e-1`;
  const night = `timestamp '2026-06-01 03:00'`;
  const statements = [
    `create or replace temp table standing as select 'm' || lpad(i::varchar, 4, '0') as memory_id, x.* from
       (select unnest(range(${standings.length})) as i, unnest(from_json($json, '[{"importance": "DOUBLE", "novelty": "DOUBLE",
         "uses": "INTEGER", "wasUsedLately": "BOOLEAN", "retrievability": "DOUBLE", "cortical": "DOUBLE", "tag": "DOUBLE"}]')) as x)`,
    ...['raw_memory', 'feature', 'working_memory', 'trace', 'readiness', 'event', 'fate'].map(
      (t) => `delete from ${t}`,
    ),
    `insert into raw_memory by name select memory_id, 'ada' as agent, memory_id as content, [] as tags, timestamp '2020-01-01' as created_at,
       created_at as updated_at, memory_id as content_hash, ${night} as changed_at from standing`,
    `insert into feature select memory_id, memory_id, 'note', importance, 0, 0, 0, '', [], 'test', ${night} from standing`,
    `insert into working_memory by name select memory_id, 'ada' as agent, ${night} as window_start, 0 as recency_weight, novelty,
       0 as attention_priority, 7 as capacity, ${night} as changed_at from standing`,
    `insert into trace by name select memory_id, timestamp '2020-01-01' as first_at,
       ${night} - to_microseconds((${idle} * 86400e6)::bigint) as last_at, 1 as n_access, 1 as stability, 5 as difficulty,
       cortical as s_c, ${night} as s_c_at, 1 as last_event_id, ${night} as changed_at from standing`,
    `insert into readiness by name select memory_id, tag, false as ready_for_consolidation, ${night} as changed_at from standing`,
    `insert into event by name select row_number() over () as event_id, memory_id, 'recall' as kind, 3 as grade, 'c' as cycle_id,
       ${night} - to_days(case when wasUsedLately and use = 0 then 1 else 100 end) as ts from standing, range(uses) u(use)`,
    ...(present === undefined
      ? []
      : [`insert into fate select memory_id, '${present}', 'as it was', ${night}, ${night} from standing`]),
  ];
  await database.use(async (connection) => {
    for (const statement of statements)
      await connection.run(statement, statement.includes('$json') ? { json: JSON.stringify(standings) } : undefined);
    await runFile(connection, DECIDE, { night: NIGHT, as_of: NIGHT, only: null, known_event: null });
  });
  const rows = await query(database, 'select fate, why from fate order by memory_id');
  return rows.map(({ fate, why }) => ({ fate: fate as (typeof FATES)[number], why: String(why) }));
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
/** Often as little as makes the next rule decide. */
const little = (most: number) => fc.oneof(share, fc.double({ min: 0, max: most, noNaN: true }));
const standing = fc.record({
  importance: little(0.2),
  novelty: share,
  uses: fc.integer({ min: 1, max: 4 }).chain((most) => fc.constantFrom(0, 0, 1, most)),
  wasUsedLately: fc.boolean(),
  // Below .05 the curve goes on for longer than there are dates.
  retrievability: fc.double({ min: 0.1, max: 1, noNaN: true }),
  cortical: little(0.2),
  tag: little(0.2),
});

/** A standing, and one in which nothing is less. */
const pair = fc.tuple(standing, standing).map(([a, b]): [Standing, Standing] => [
  a,
  {
    importance: Math.max(a.importance, b.importance),
    novelty: Math.max(a.novelty, b.novelty),
    uses: Math.max(a.uses, b.uses),
    wasUsedLately: a.wasUsedLately || b.wasUsedLately,
    retrievability: Math.max(a.retrievability, b.retrievability),
    cortical: Math.max(a.cortical, b.cortical),
    tag: Math.max(a.tag, b.tag),
  },
]);

test.each([undefined, ...FATES])(
  'more importance, novelty, use, replays or strength never make a fate worse, where it was %s',
  async (present) => {
    await fc.assert(
      fc.asyncProperty(fc.array(pair, { minLength: 500, maxLength: 500 }), async (pairs) => {
        const ranks = (await decide(pairs.flat(), present)).map(({ fate }) => ORDER.indexOf(fate));
        const worse = pairs.filter((_, at) => (ranks[2 * at + 1] ?? 0) < (ranks[2 * at] ?? 0));
        expect(worse).toEqual([]);
      }),
      { seed: 7, numRuns: 8, endOnFailure: true },
    );
  },
);

test.each<[string, Partial<Standing>, (typeof FATES)[number], string]>([
  ['tells nothing', {}, 'rapid_forgetting', 'retrievability fell below the limit, limit 0.70 at need 0.00'],
  ['told something new', { novelty: 1 }, 'gradual_forgetting', 'limit 1.00 at need 0.00'],
  ['was of use once, long ago', { uses: 1 }, 'gradual_forgetting', 'limit 0.75 at need 0.50'],
  ['was of use twice and tells little', { uses: 2, importance: 0.3 }, 'hippocampal_retention', 'much needed'],
  ['tells a little', { importance: 0.2 }, 'gradual_forgetting', 'limit 0.90 at need 0.20'],
  ['tells much', { importance: 0.78, retrievability: 0.62 }, 'hippocampal_retention', 'limit 0.61 at need 0.78'],
  ['was used lately', { uses: 1, wasUsedLately: true }, 'hippocampal_retention', 'used lately'],
])('what %s is judged by its need, and the reason names the numbers', async (_, fields, fate, why) => {
  const [decided] = await decide([{ ...NOTHING, ...fields }]);
  expect(decided).toEqual({ fate, why: expect.stringContaining(why) });
});

test('what is still as needed as before gets no new reason, so it is not published again', async () => {
  await decide([{ ...NOTHING, importance: 0.3 }]);
  const later = { night: '2026-06-02T03:00:00Z', as_of: '2026-06-02T03:00:00Z', only: null, known_event: null };
  await database.use((connection) => runFile(connection, DECIDE, later));
  expect(await query(database, 'select changed_at::varchar as at from fate')).toEqual([{ at: '2026-06-01 03:00:00' }]);
});
