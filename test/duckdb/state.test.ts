import { beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../duckdb/database.ts';
import { makeProfile, openDatabase, query, value } from '../support/database.ts';
import { makeRandom } from '../support/random.ts';
import { readSources } from '../support/tree.ts';

let database: Database;
beforeEach(async () => {
  database = await openDatabase();
});

const insertAssociation = (w: number, lastAt: string, to: Database = database) =>
  query(
    to,
    `insert into association (src, dst, w, co_activation_count, last_at, changed_at) values ('a', 'b', ${w}, 3, '${lastAt}', '2026-03-01')`,
  );
const insertTrace = (s_c: number, s_c_at: string) =>
  query(
    database,
    `insert into trace by name select 'a' as memory_id, timestamp '2026-03-01' as first_at, timestamp '2026-03-08' as last_at,
       2 as n_access, 4.0 as stability, 5.0 as difficulty, ${s_c} as s_c, timestamp '${s_c_at}' as s_c_at, 7 as last_event_id,
       timestamp '2026-03-09' as changed_at`,
  );

describe('an association as of a time', () => {
  test.each([
    ['2026-03-01', 0.8, 0],
    ['2026-03-31', 0.4, 30],
    ['2026-04-30', 0.2, 60],
    ['2026-03-01T12:00:00Z', 0.8 * Math.pow(0.5, 1 / 60), 0.5],
    // Before the last time that both were active nothing has decayed.
    ['2026-02-01', 0.8, -28],
  ])('of weight 0.8 on 1 March and a half life of 30 days: at %s it weighs %d after %d days', async (asOf, w, idle) => {
    await insertAssociation(0.8, '2026-03-01');
    const [row] = await query(database, `from association_at('${asOf}')`);
    expect(row).toMatchObject({ src: 'a', dst: 'b', co_activation_count: 3, idle });
    expect(row?.['w']).toBeCloseTo(w, 12);
  });

  test("decays by the profile's half life", async () => {
    const slow = await openDatabase(makeProfile({}, { edge_half_life_days: 60 }));
    await insertAssociation(0.8, '2026-03-01', slow);
    expect(await value(slow, `select w from association_at('2026-04-30')`)).toBe(0.4);
  });

  test('that is stored as of one time and read at a later one weighs what it would have without the halt', async () => {
    const random = makeRandom(11);
    const day = (n: number) => new Date(Date.UTC(2026, 2, 1) + n * 86_400_000).toISOString();
    for (let round = 0; round < 20; round += 1) {
      const [start, halt] = [random(), random() * 90];
      const end = halt + random() * 900;
      await query(database, 'delete from association');
      await insertAssociation(start, day(0).slice(0, -1));
      const atOnce = await value(database, `select w from association_at('${day(end)}')`);
      await query(
        database,
        `update association set w = a.w, last_at = '${day(halt)}'::timestamp from association_at('${day(halt)}') a`,
      );
      const inTwo = await value(database, `select w from association_at('${day(end)}')`);
      expect(Math.abs((inTwo as number) - (atOnce as number))).toBeLessThanOrEqual(1e-12);
    }
  });
});

describe('a trace as of a time', () => {
  // First seen on 1 March, last on 8 March with a stability of 4 days; replayed on 8 March to a cortical trace of 0.6.
  test.each([
    // Retrievability is 0.9 after as many days as its stability has; the hippocampal trace is half after a week.
    ['2026-03-08', { idle: 0, retrievability: 1, s_h: 0.5, s_c: 0.6, consolidation_state: 'consolidating' }],
    ['2026-03-12', { idle: 4, retrievability: 0.9, s_h: 0.33648, s_c: 0.59546, consolidation_state: 'consolidating' }],
    ['2026-03-15', { idle: 7, retrievability: 0.85723, s_h: 0.25, s_c: 0.59208, consolidation_state: 'schematized' }],
    ['2027-03-08', { idle: 365, retrievability: 0.49925, s_h: 0, s_c: 0.3, consolidation_state: 'schematized' }],
    ['2026-02-01', { idle: -35, retrievability: 1, s_h: 1, s_c: 0.6, consolidation_state: 'consolidating' }],
  ])('at %s is %j', async (asOf, expected) => {
    await insertTrace(0.6, '2026-03-08');
    const [row] = await query(database, `from trace_at('${asOf}')`);
    const { consolidation_state, ...numbers } = expected;
    for (const [name, number] of Object.entries(numbers)) expect(row?.[name]).toBeCloseTo(number, 4);
    expect(row).toMatchObject({ memory_id: 'a', stability: 4, difficulty: 5, n_access: 2, consolidation_state });
  });

  test('that was never replayed is episodic, however little of it is left', async () => {
    await insertTrace(0, '2026-03-01');
    expect(await value(database, `select consolidation_state from trace_at('2028-03-01')`)).toBe('episodic');
  });

  test("decays by the profile's half lives", async () => {
    const other = makeProfile({}, { hippocampal_half_life_days: 14, cortical_half_life_days: 100 });
    database = await openDatabase(other);
    await insertTrace(0.6, '2026-03-08');
    expect(await value(database, `select [s_h, s_c] from trace_at('2026-06-16')`)).toEqual([
      expect.closeTo(Math.pow(0.5, 107 / 14), 12),
      expect.closeTo(0.3, 12),
    ]);
  });
});

test('no statement says again what is true as of a time', () => {
  // The formulas are held against published findings by their names.
  const statements = [...readSources('.sql', '.ts', '.mjs')].filter(
    ([file]) => !/^duckdb\/macros\b.*\.sql$|^bench\/validation\//.test(file),
  );
  const decay = /\b(?:half_life_decay|fsrs_r|hippocampal_trace|consolidation_state)\s*\(|\bpow\(0?\.5/;
  expect(statements.map(([file]) => file)).toContain('activities/consolidation.decide-fate.sql');
  expect(statements.filter(([, text]) => decay.test(text)).map(([file]) => file)).toEqual([]);
});
