import Table from 'cli-table3';

/** Rows as a person reads them, with their number below. */
export function printTable(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  const table = new Table({ head: [...columns], style: { head: [], border: [] } });
  for (const row of rows) table.push(row.map((value) => value ?? 'NULL'));
  return `${table.toString()}\n${String(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}`;
}
