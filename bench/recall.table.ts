import type { Comparison } from './recall.orders.ts';
import type { Worth } from './recall.worth.ts';

/** The first store in full, of the others the share of what is needed among the first five. */
export function printTable(results: Readonly<Record<string, Comparison>>): string {
  const stores = Object.entries(results);
  const [first] = stores;
  if (first === undefined) return '';
  const head = ['', 'R@1', 'R@5', 'R@10', 'MRR', 'current', ...stores.slice(1).map(([name]) => `R@5 ${name}`)];
  const lines = namesOf(first[1]).map(([name, of]) => {
    const worth = of(first[1]);
    const others = stores.slice(1).map(([, comparison]) => inShort(of(comparison)?.['R@5']));
    return [
      ...[name, inShort(worth?.['R@1']), inShort(worth?.['R@5']), inShort(worth?.['R@10']), inShort(worth?.MRR)],
      ...[worth?.current ?? '', ...others],
    ];
  });
  const notes = stores.map(
    ([name, { outdated }]) =>
      `${name}: ${String(outdated.told)} told as outdated, ${String(outdated.confirmed)} of them confirmed`,
  );
  return [`${first[0]}; the last columns: R@5 only`, ...align([head, ...lines]), '', ...notes].join('\n');
}

type Row = readonly [name: string, of: (comparison: Comparison) => Worth | undefined];

function namesOf({ alone }: Comparison): Row[] {
  const parts = Object.keys(alone) as (keyof typeof alone)[];
  return [
    ['recall', ({ recall }) => recall],
    ['all parts', (comparison) => comparison['all parts']],
    ['BM25', ({ BM25 }) => BM25],
    ['random', ({ random }) => random],
    ...parts.map((part): Row => [`${part} alone`, (comparison) => comparison.alone[part]]),
    ...parts.map((part): Row => [`all but ${part}`, (comparison) => comparison.without[part]]),
  ];
}

const inShort = (share: number | undefined) => (share === undefined ? '-' : share.toFixed(3));

/** Cells under each other, the first column to the left. */
export function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
}
