import { beforeAll, describe, expect, test } from 'vitest';
import { connect, type Database } from '../../duckdb/database.ts';
import { parameterTable, type Parameters } from '../../memory/parameters.ts';
import { runFile, type Row } from '../../duckdb/statement.ts';
import { makeProfile, openDatabase, query, value } from '../support/database.ts';

type Changed = Partial<Parameters>;

/** All other parameters may stand at the same end of their ranges; these five sum to one. */
const WEIGHTS: Readonly<Record<'min' | 'max', Changed>> = {
  min: { attention_recency_weight: 1 },
  max: {
    ...{ attention_recency_weight: 0.1, attention_importance_weight: 0.15, attention_urgency_weight: 0.2 },
    ...{ attention_arousal_weight: 0.25, attention_novelty_weight: 0.3 },
  },
};

test.each(['min', 'max'] as const)(
  'in SQL every parameter is the number of the profile, here its %s',
  async (bound) => {
    const rows = Object.entries(parameterTable);
    const values: Record<string, number> = {
      ...Object.fromEntries(rows.map(([name, row]) => [name, row[bound]])),
      ...WEIGHTS[bound],
    };
    const profile = makeProfile({}, values);
    const database = await openDatabase(profile);
    const list = rows.map(([name]) => `{'name': '${name}', 'type': typeof(${name}()), 'value': ${name}()::double}`);
    const known = (await query(database, `select unnest([${list.join()}], recursive := true)`)) as unknown;
    expect(known).toEqual(
      rows.map(([name, row]) => ({ name, type: row.kind === 'whole' ? 'INTEGER' : 'DOUBLE', value: values[name] })),
    );
  },
);

test('a default that has no end in decimals is the same to the last bit', async () => {
  expect(await value(await openDatabase(), 'select schematized_share()')).toBe(2 / 3);
});

describe('a formula goes by the parameters of the profile', () => {
  const changed: Changed = {
    ...{ attention_half_life: 60, attention_recency_weight: 0.1, attention_importance_weight: 0.15 },
    ...{ attention_urgency_weight: 0.2, attention_arousal_weight: 0.25, attention_novelty_weight: 0.3 },
    ...{ importance_low: 0.1, importance_moderate: 0.5, importance_vital: 0.9 },
    ...{ tag_tau_hours: 2, fate_retain: 0.8, fate_forget: 0.3, consolidating_share: 0.5, schematized_share: 0.9 },
    ...{ replay_importance_floor: 0.5, rem_plausibility_half: 0.1 },
  };
  let database: Database;
  beforeAll(async () => {
    database = await connect(makeProfile({}, changed), () => undefined);
    return () => database.close();
  });

  test.each<[string, unknown]>([
    ['attention_recency(60)', 0.5],
    ['attention(1, 0, 0, 0, 0)', 0.1],
    ['attention(0, 1, 0, 0, 0)', 0.15],
    ['attention(0, 0, 1, 0, 0)', 0.2],
    ['attention(0, 0, 0, 1, 0)', 0.25],
    ['attention(0, 0, 0, 0, 1)', 0.3],
    ['[encode_grade(x, true) for x in [0.09, 0.1, 0.49, 0.5, 0.89, 0.9]]', [1, 2, 2, 3, 3, 4]],
    ['epoch(tag_reach())', 6 * 3600],
    [`[memory_fidelity(x) for x in [0.79, 0.8, 0.29, 0.3]]`, ['low', 'medium', 'degraded', 'low']],
    [
      `[consolidation_state(1 - c, c) for c in [0.49, 0.51, 0.89, 0.91]]`,
      ['episodic', 'consolidating', 'consolidating', 'schematized'],
    ],
    ['replay_gain(0, 2, 5, 5, 30) / replay_gain(1, 2, 5, 5, 30)', 0.5],
    ['creative_score(0.1, 1)', 0.5],
  ])('%s', async (formula, expected) => {
    const got = await value(database, `select to_json(${formula})::varchar`);
    const read = JSON.parse(String(got)) as unknown;
    expect(read).toEqual(typeof expected === 'number' ? expect.closeTo(expected, 9) : expected);
  });
});

describe('a statement goes by the parameters of the profile', () => {
  const NIGHT = '2026-03-02T03:00:00Z';

  /** The rows of a query after a statement that ran in a database made by hand. */
  async function sleep(parameters: Changed, made: readonly string[], statement: string, read: string): Promise<Row[]> {
    const database = await openDatabase(makeProfile({}, parameters));
    return database.use(async (connection) => {
      for (const sql of made) await connection.run(sql);
      const bound = { as_of: NIGHT, night: NIGHT, known_event: null, cycle_id: NIGHT, replays: 9 };
      await runFile(connection, new URL(`../../activities/${statement}.sql`, import.meta.url), bound);
      return (await connection.runAndReadAll(read)).getRowObjectsJS();
    });
  }

  const memory = (id: string, minute: number) => [
    `insert into raw_memory by name select '${id}' as memory_id, 'ada' as agent, '' as content, [] as tags, 'h' as content_hash,
       timestamp '2026-03-01' + interval ${minute} minute as created_at, created_at as updated_at, created_at as changed_at`,
    `insert into feature values ('${id}', 'h', 'note', 0.5, 0, 0, 0, '', [], 'test', '2026-03-01')`,
    `insert into trace values ('${id}', '2026-03-01', '2026-03-01', 1, 2, 5, 0, '2026-03-01', ${minute + 1}, '2026-03-01')`,
    `insert into readiness values ('${id}', 0, true, '', '2026-03-01')`,
    `insert into working_memory values ('${id}', 'ada', '2026-03-01', 0, 0, 0, 1, 7, '2026-03-01')`,
  ];

  // The walk goes to and fro between two memories; neither is in the network yet.
  test.each<[Changed, { a: number; b: number }]>([
    // 0.1 of what is there at each of two steps, from the later memory alone.
    [
      { replay_goals: 1, ppr_steps: 1, need_centrality_share: 0 },
      { a: 0.09, b: 0.1 },
    ],
    [
      { replay_goals: 1, ppr_steps: 2, need_centrality_share: 0 },
      { a: 0.09, b: 0.181 },
    ],
    [
      { replay_goals: 2, ppr_steps: 1, need_centrality_share: 0 },
      { a: 0.095, b: 0.095 },
    ],
    [
      { replay_goals: 1, ppr_steps: 1, need_centrality_share: 1 },
      { a: 0.075, b: 0.075 },
    ],
    [
      { centrality_restart: 0.4, need_centrality_share: 1 },
      { a: 0.2, b: 0.2 },
    ],
  ])('with %j two memories are needed as much as %j', async (parameters, { a, b }) => {
    const link = (src: string, dst: string) =>
      `insert into association (src, dst, w, co_activation_count, last_at, changed_at) values ('${src}', '${dst}', 0.5, 0, '2026-03-01', '2026-03-01')`;
    const made = [...memory('a', 0), ...memory('b', 1), link('a', 'b'), link('b', 'a')];
    const need = `select value / replay_gain(0.5, 2, 5, days_between('2026-03-01', '${NIGHT}'), replay_horizon_days()) as need
      from replay order by memory_id`;
    const rows = await sleep(parameters, made, 'consolidation.select-replay', need);
    expect(rows).toEqual([a, b].map((each) => ({ need: expect.closeTo(each, 9) as number })));
  });

  test.each<[Changed, number]>([
    [{}, 1 / 3],
    [{ schema_fit_links: 1 }, 1],
    [{ schematized_share: 0.9 }, 0],
  ])(
    'with %j the schema fit of a memory with a known and a weaker unknown neighbour is %d',
    async (parameters, fit) => {
      const trace = (id: string, number: number, s_c: number) =>
        `insert into trace values ('${id}', '2026-03-01', '2026-03-01', 1, 2, 5, ${s_c}, '${NIGHT}', ${number}, '2026-03-01')`;
      const made = [
        `create temp table replay as select 'm' as memory_id, 1 as rank`,
        ...[trace('known', 1, 3), trace('new', 2, 0), trace('newer', 3, 0)],
        ...['known', 'new', 'newer'].map(
          (id) =>
            `insert into association (src, dst, w, co_activation_count, last_at, changed_at) values ('m', '${id}', ${id === 'known' ? 0.31 : 0.3}, 0, '2026-03-01', '2026-03-01')`,
        ),
      ];
      const rows = await sleep(parameters, made, 'consolidation.log-replay', 'select schema_fit from event');
      expect(rows[0]?.['schema_fit']).toBeCloseTo(fit, 1);
    },
  );

  // In a chain of three the middle has r/3 + (1-r) (1 - b), where all three sum to one.
  test.each<[Changed, number]>([
    [{}, (0.15 / 3 + 0.85) / 1.85],
    [{ centrality_restart: 0.5 }, (0.5 / 3 + 0.5) / 1.5],
  ])('with %j the middle of a chain of three has the centrality %d', async (parameters, middle) => {
    const made = [`create temp table link as from (values ('a', 'b', 0.5::double), ('b', 'c', 0.5)) l(a, b, w)`];
    const read = `select centrality from node where memory_id = 'b'`;
    const rank = async (rounds: number) => {
      const [row] = await sleep({ ...parameters, centrality_rounds: rounds }, made, 'long-term-memory.rank-node', read);
      return Math.abs((row?.['centrality'] as number) - middle);
    };
    expect(await rank(100)).toBeLessThan(1e-6);
    expect(await rank(5)).toBeGreaterThan(1e-3);
  });
});
