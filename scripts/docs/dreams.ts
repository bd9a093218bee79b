import { readdirSync, readFileSync } from 'node:fs';
import { type Column, readComments, readTypes, readViewColumns } from './dreams-sql.ts';
import { code, markdownTable } from './table.ts';

const MIGRATIONS = new URL('../../activities/dreams/', import.meta.url);

/** A section for each table and view of schema dreams: its columns in their order, with types and what they hold. */
export function describeDreams(): string {
  const files = readdirSync(MIGRATIONS).filter((file) => /^\d+\.sql$/.test(file));
  const sql = files.sort().map((file) => readFileSync(new URL(file, MIGRATIONS), 'utf8'));
  const { relations, columns } = readComments(sql.join('\n'));
  const types = readTypes(sql.join('\n'));
  const described = columns.map((column) => ({
    ...column,
    type: types.get(`${column.relation}.${column.name}`) ?? '',
  }));
  const all = [...described, ...readViewColumns(sql.join('\n'), described)];
  return relations
    .map(({ kind, name, meaning }) =>
      [
        `### ${kind === 'view' ? 'View' : 'Table'} \`${name}\``,
        codeNames(meaning),
        ...tableOf(all.filter(({ relation }) => relation === name)),
      ].join('\n\n'),
    )
    .join('\n\n');
}

/** A view that takes all columns of a table has none of its own: its sentence names the table. */
function tableOf(columns: readonly (Column & { readonly type: string })[]): string[] {
  const rows = columns.map(({ name, type, meaning }) => [code(name), type, codeNames(meaning)]);
  return rows.length === 0 ? [] : [markdownTable(['column', 'type', 'meaning'], rows)];
}

/** A comment in PostgreSQL is plain text; here names and patterns such as rules#<version> are code. */
function codeNames(meaning: string): string {
  return meaning.replace(/[^\s,;()]*[_<#][^\s,;()]*[^\s,;():.]/g, (name) => code(name));
}
