import { FSRSAlgorithm, Rating, type FSRSState, type Grade } from 'ts-fsrs';
import type { Database } from '../../duckdb/database.ts';
import { runFile } from '../../duckdb/statement.ts';
import { createRandom } from '../random.ts';

const FOLD = new URL('../../activities/consolidation.fold-event.sql', import.meta.url);
const DAY_US = 86_400_000_000;
const START_US = Date.UTC(2026, 0, 1) * 1_000;

interface Review {
  readonly grade: Grade;
  /** Microseconds since the review before. */
  readonly wait: number;
}

const GRADES: readonly Grade[] = [Rating.Again, Rating.Hard, Rating.Good, Rating.Good, Rating.Good, Rating.Easy];

/** A fifth at the same instant, most of the rest within two days, some after up to a year. */
function makeSequence(random: () => number): Review[] {
  return Array.from({ length: 1 + Math.floor(random() * 8) }, (_, index) => {
    const kind = random();
    const days = index === 0 || kind < 0.2 ? 0 : kind < 0.6 ? random() * 2 : Math.exp(random() * 6);
    return { grade: GRADES[Math.floor(random() * GRADES.length)] ?? Rating.Good, wait: Math.round(days * DAY_US) };
  });
}

/** The largest relative errors of stability and difficulty, when random histories are folded in an empty database. */
export async function compareWithTsFsrs(
  database: Database,
  histories: number,
): Promise<[stability: number, difficulty: number]> {
  const random = createRandom(6);
  const oracle = new FSRSAlgorithm({});
  const events: string[] = [];
  const expected = Array.from({ length: histories }, (_, memory) => {
    let at = START_US;
    return makeSequence(random).reduce<FSRSState | null>((state, { grade, wait }, index) => {
      at += wait;
      const kind = index === 0 ? 'encode' : 'recall';
      events.push(
        `(${[events.length + 1, `'${String(memory)}'`, `make_timestamp(${String(at)})`, `'${kind}'`, grade, 'null', `'c'`].join()})`,
      );
      return oracle.next_state(state, wait / DAY_US, grade);
    }, null);
  });
  return database.use(async (connection) => {
    await connection.run(`insert into event values ${events.join()}`);
    await runFile(connection, FOLD, { as_of: '2026-03-01T00:00:00Z' });
    const read = 'select stability, difficulty from trace order by memory_id::integer';
    const traces = (await connection.runAndReadAll(read)).getRowsJS().map((row) => row.map(Number));
    if (traces.length !== histories)
      throw new Error(`expected ${String(histories)} traces, got ${String(traces.length)}`);
    const worst = (errors: readonly number[]) => Math.max(...errors);
    return [
      worst(traces.map(([stability = 0], memory) => Math.abs(stability / (expected[memory]?.stability ?? 0) - 1))),
      worst(traces.map(([, difficulty = 0], memory) => Math.abs(difficulty / (expected[memory]?.difficulty ?? 0) - 1))),
    ];
  });
}
