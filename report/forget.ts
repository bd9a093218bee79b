import { oneLine, shorten } from '../memory/line.ts';
import type { ForgetReceipt, Trace } from '../memory/types.ts';
import type { Held } from '../recall/forget.ts';

/** Characters of a memory that are shown of it. */
const SHOWN = 100;

/** What would be erased, a line for each id; of one that the recall file does not have the id alone. */
export function listHeld(ids: readonly string[], held: readonly Held[]): string[] {
  const known = new Map(held.map((each) => [each.id, each]));
  return ids.map((id) => {
    const memory = known.get(id);
    if (memory === undefined) return `  ${id}  (not in the recall file)`;
    const { content, agent, createdAt } = memory;
    return `  ${id}  ${createdAt.slice(0, 10)} ${agent}: ${shorten(oneLine(content), SHOWN)}`;
  });
}

/** What forgetting does not reach, and where there is something, what to do about it. */
export function describeUntouched(
  { source, erased, elsewhere }: ForgetReceipt,
  table: { readonly schema: string; readonly table: string },
): string[] {
  const written = Object.entries(erased).filter(([name, rows]) => name.startsWith('dreams.') && rows > 0);
  const tables = [...(source.deleted > 0 ? [`${table.schema}.${table.table}`] : []), ...written.map(([name]) => name)];
  const vacuum = `vacuum (full, analyze) ${[...tables, 'pg_catalog.pg_statistic'].join(', ')};`;
  return [
    ...(tables.length > 0
      ? [
          `PostgreSQL's files: it keeps the bytes of deleted rows, and samples of them in its statistics, until: ${vacuum}`,
        ]
      : []),
    "PostgreSQL's log (WAL), its replicas, and all backups: theirs go as they are replaced",
    "Temporal's histories: they hold ids, no text",
    'blocks that the file system has freed, which it overwrites when it needs them',
    'copies that agents, other programs or models of your own have made',
    ...elsewhere.map((target) => `target ${target}, which has a database of its own: biomem forget --target ${target}`),
  ];
}

export function printReceipt(receipt: ForgetReceipt, untouched: readonly string[]): string {
  const { forgotten, already, source, erased, rewritten, published } = receipt;
  const lines = [
    `${count(forgotten, 'memory', 'memories')} forgotten${already > 0 ? `, ${String(already)} had been before` : ''}`,
    ...(forgotten > 0 ? [`  agents' table    ${count(source.deleted, 'row')} deleted`] : []),
    ...(source.left > 0
      ? [
          `                   ${count(source.left, 'row')} could not be (${source.why ?? ''}). As the owner run:`,
          ...(source.sql ?? '').split('\n').map((line) => `                     ${line}`),
        ]
      : []),
    `  DuckDB           ${describeTables(erased, 'main.')}`,
    `  schema dreams    ${describeTables(erased, 'dreams.')}`,
    ...(published ? ['  recall file      published without them'] : []),
    ...(rewritten === null ? [] : [`  database file    rewritten without it, ${megabytes(rewritten.after)}`]),
    ...describeSearch(receipt),
    'Not touched:',
    ...untouched.map((line) => `  ${line}`),
  ];
  return lines.join('\n');
}

function describeSearch({ search, found }: ForgetReceipt): string[] {
  if (search.tables === 0) return [];
  const shared = search.shared > 0 ? ` (${count(search.shared, 'part')} more stand in memories that are kept)` : '';
  const what = `${count(search.ids, 'id')} and ${count(search.parts, 'part')} of their texts${shared}`;
  const where = `${count(search.tables, 'table')} and ${count(search.files, 'file')} (${megabytes(search.bytes)})`;
  return [
    `Searched for ${what} in ${where}: ${found.length === 0 ? 'nothing is left' : 'THERE IS SOMETHING LEFT'}`,
    ...(search.withoutText > 0
      ? [
          `  of ${count(search.withoutText, 'memory', 'memories')} the id alone: the text is too short, or was gone already`,
        ]
      : []),
    ...found.map(describeTrace),
  ];
}

function describeTrace({ place, what, times }: Trace): string {
  return what === 'could not be searched' ? `  ${place}: ${what}` : `  ${place}: ${what}, ${count(times, 'time')}`;
}

function describeTables(erased: ForgetReceipt['erased'], prefix: string): string {
  const tables = Object.entries(erased).filter(([name, rows]) => name.startsWith(prefix) && rows > 0);
  const rows = tables.reduce((sum, [, each]) => sum + each, 0);
  return rows === 0 ? 'nothing to erase' : `${count(rows, 'row')} of ${count(tables.length, 'table')} erased`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${String(number)} ${number === 1 ? one : many}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
