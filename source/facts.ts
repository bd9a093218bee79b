import { z } from 'zod';
import { quoteIdentifier } from '../profiles/sql.ts';
import { sourceQuery, type Ask } from './catalog.ts';

const named = z.object({ name: z.string() });
const factsSchema = z.object({
  /** r table, p partitioned table, v view, m materialized view, f foreign table. */
  kind: z.enum(['r', 'p', 'v', 'm', 'f']),
  role: z.string(),
  reads_schema: z.boolean(),
  /** Columns that the role may not read. */
  unreadable: z.array(z.string()),
  /** Row level security is on for the role. */
  hides_rows: z.boolean(),
  /** Rows as PostgreSQL's statistics have them; 0: it never counted. */
  estimate: z.number(),
  /** Unique indexes over columns and all rows, the primary key first; one that is not immediate decides no conflict. */
  keys: z.array(named.extend({ primary: z.boolean(), immediate: z.boolean(), columns: z.array(z.string()) })),
  /** Columns that PostgreSQL fills by itself and lets nobody else fill. */
  generated: z.array(z.string()),
  /** What runs before a row is updated; `of`: only when one of these columns is written, empty for any. */
  triggers: z.array(named.extend({ source: z.string(), arguments: z.string(), of: z.array(z.string()) })),
});

/** What PostgreSQL's catalog says of the agents' table. */
export type Facts = z.infer<typeof factsSchema>;
export type Key = Facts['keys'][number];

export async function readFacts(ask: Ask, names: Parameters<typeof sourceQuery>[1]): Promise<Facts> {
  const rows = z.tuple([z.object({ facts: z.string() })]).parse(await ask(sourceQuery('facts.postgres.sql', names)));
  return factsSchema.parse(JSON.parse(rows[0].facts));
}

/** Whether rows can be written to it: not to every view. */
export async function readInsertable(ask: Ask, names: Parameters<typeof sourceQuery>[1]): Promise<boolean> {
  const rows = z
    .tuple([z.object({ insertable: z.boolean() })])
    .parse(await ask(sourceQuery('insertable.postgres.sql', names)));
  return rows[0].insertable;
}

/** The key that tells the rows apart by this column alone; else the narrowest that has it among others. */
export function findKey({ keys }: Facts, column: string): Key | undefined {
  return (
    keys.find((key) => key.columns.length === 1 && key.columns[0] === column) ??
    keys.find((key) => key.columns.includes(column))
  );
}

/** The trigger that may set a column when a row is edited: its function names the column, or is given its name. */
export function findTrigger({ triggers }: Facts, column: string): Facts['triggers'][number] | undefined {
  const word = new RegExp(
    `(?<![\\p{L}\\p{N}_])${column.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}(?![\\p{L}\\p{N}_])`,
    'iu',
  );
  // As PostgreSQL prints them, NUL ends each.
  return triggers.find(
    ({ source, arguments: given }) => word.test(source) || given.split(String.raw`\000`).includes(column),
  );
}

/** SQL that lets PostgreSQL move the column whenever an edit leaves it as it was. */
export function touchingTrigger({ schema, table }: { schema: string; table: string }, column: string): string {
  const [own, time, relation] = [
    quoteIdentifier(schema),
    quoteIdentifier(column),
    `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`,
  ];
  const name = quoteIdentifier(`touch_${table}`);
  return [
    `create function ${own}.${name}() returns trigger language plpgsql as $$ begin new.${time} := now(); return new; end $$;`,
    `create trigger ${name} before update on ${relation} for each row when (new.${time} is not distinct from old.${time}) execute function ${own}.${name}();`,
  ].join('\n');
}
