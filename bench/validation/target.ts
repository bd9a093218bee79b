import type { Database } from '../../duckdb/database.ts';
import type { Row } from '../../duckdb/statement.ts';

/** A published finding, and what the pipeline's own formulas give for it. */
export interface Target {
  /** V1 to V23, with a letter where a finding has several sides. */
  readonly id: string;
  readonly what: string;
  /** Whose numbers, and through which macro or statement ours come. */
  readonly source: string;
  readonly published: string;
  readonly ours: string;
  readonly tolerance: string;
  /** `not modelled`: the pipeline has no such mechanism, and why. */
  readonly verdict: 'met' | 'missed' | 'not modelled';
  /** Not so where it is missed and nobody knows why. */
  readonly isExpected: boolean;
}

/** A curve or points of a figure. */
export interface Series {
  readonly name: string;
  readonly dots: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Figure {
  readonly name: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Equal steps are equal factors. */
  readonly logarithmic: boolean;
  readonly series: readonly Series[];
}

/** What a part of the suite has found. */
export interface Found {
  readonly targets: readonly Target[];
  readonly figures?: readonly Figure[];
}

/** A target that can be met or missed; `why` says what keeps it from being met, where that is known. */
export function judge({
  holds,
  why,
  ...target
}: Omit<Target, 'verdict' | 'isExpected'> & { readonly holds: boolean; readonly why?: string }): Target {
  if (holds) return { ...target, verdict: 'met', isExpected: true };
  return why === undefined
    ? { ...target, verdict: 'missed', isExpected: false }
    : { ...target, ours: `${target.ours}: ${why}`, verdict: 'missed', isExpected: true };
}

/** A target of a mechanism that the pipeline does not have; `why` stands where ours would. */
export function leaveOut({
  why,
  ...target
}: Omit<Target, 'verdict' | 'ours' | 'tolerance' | 'isExpected'> & { readonly why: string }): Target {
  return { ...target, ours: why, tolerance: '', verdict: 'not modelled', isExpected: true };
}

/** Rows of a statement that uses the pipeline's macros. */
export function ask(database: Database, sql: string, ...values: (string | number)[]): Promise<Row[]> {
  return database.use(async (connection) => (await connection.runAndReadAll(sql, values)).getRowObjectsJS());
}

/** The numbers of one row, by their column. */
export async function numbers<const Name extends string>(
  database: Database,
  sql: string,
  ...names: readonly Name[]
): Promise<Record<Name, number>> {
  const [row = {}] = await ask(database, sql);
  return Object.fromEntries(names.map((name) => [name, Number(row[name])])) as Record<Name, number>;
}

/** So many digits behind the point, the same on every machine. */
export const digits = (value: number, count = 3): string => value.toFixed(count);
export const list = (values: readonly number[], count = 3): string =>
  values.map((each) => digits(each, count)).join(' ');

/** Rows of a `values` clause. */
export const valuesOf = (rows: readonly (readonly (string | number)[])[]): string =>
  rows
    .map((row) => `(${row.map((each) => (typeof each === 'string' ? `'${each}'` : `${String(each)}::double`)).join()})`)
    .join();
