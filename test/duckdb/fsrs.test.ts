import { FSRSAlgorithm, Rating, type FSRSState, type Grade } from 'ts-fsrs';
import { expect, test } from 'vitest';
import { runFile } from '../../duckdb/statement.ts';
import { openDatabase, query } from '../support/database.ts';
import { makeRandom } from '../support/random.ts';

const FOLD = new URL('../../activities/consolidation.fold-event.sql', import.meta.url);
const DAY_US = 86_400_000_000;
const START_US = Date.UTC(2026, 0, 1) * 1_000;

interface Review {
  readonly grade: Grade;
  /** Microseconds since the review before. */
  readonly wait: number;
}

const GRADES = [Rating.Again, Rating.Hard, Rating.Good, Rating.Good, Rating.Good, Rating.Easy] as const;

/** A fifth at the same instant, most of the rest within two days, some after up to a year. */
function makeSequence(random: () => number): Review[] {
  return Array.from({ length: 1 + Math.floor(random() * 8) }, (_, index) => {
    const kind = random();
    const days = index === 0 || kind < 0.2 ? 0 : kind < 0.6 ? random() * 2 : Math.exp(random() * 6);
    return { grade: GRADES[Math.floor(random() * 6)]!, wait: Math.round(days * DAY_US) };
  });
}

test('folding 2,000 random histories gives the stabilities and difficulties of ts-fsrs', async () => {
  const random = makeRandom(6);
  const oracle = new FSRSAlgorithm({});
  const sequences = Array.from({ length: 2_000 }, () => makeSequence(random));
  const events: string[] = [];
  const expected = sequences.map((sequence, memory) => {
    let at = START_US;
    return sequence.reduce<FSRSState | null>((state, { grade, wait }, index) => {
      at += wait;
      const kind = index === 0 ? 'encode' : 'recall';
      events.push(`(${events.length + 1}, '${memory}', make_timestamp(${at}), '${kind}', ${grade}, null, 'c')`);
      return oracle.next_state(state, wait / DAY_US, grade);
    }, null)!;
  });
  const database = await openDatabase();
  await query(database, `insert into event values ${events.join()}`);
  await database.use((connection) => runFile(connection, FOLD, { as_of: '2026-03-01T00:00:00Z' }));
  const traces = await query(database, 'select stability, difficulty from trace order by memory_id::int');
  expect(traces).toHaveLength(2_000);
  const errors = traces.map(({ stability, difficulty }, memory) => [
    Math.abs((stability as number) / expected[memory]!.stability - 1),
    Math.abs((difficulty as number) / expected[memory]!.difficulty - 1),
  ]);
  expect(Math.max(...errors.flat())).toBeLessThanOrEqual(1e-5);
});
