import { quoteIdentifier } from '../../profiles/sql.ts';
import { findKey, findTrigger, touchingTrigger, type Facts } from '../../source/facts.ts';
import type { Column, Examined, Field } from '../../source/fit.ts';
import { fail, originOf, pass, warn, type Check, type Subject } from './check.ts';

const SECTION = 'Source';
const ONLY_POSTGRES = 'only of PostgreSQL this is known';
const KINDS = {
  r: 'a table',
  p: 'a partitioned table',
  v: 'a view',
  m: 'a materialized view',
  f: 'a foreign table',
} as const;

export function describeKind({ kind }: Facts): string {
  return KINDS[kind];
}

/** Whether the role may read what the profile names. */
export function checkRights({ context }: Subject, examined: Examined, facts: Facts | null): Check[] {
  if (facts === null) return [];
  const origin = originOf(context.location, 'pipeline', 'source', 'table');
  const [schema, role] = [examined.schema, facts.role].map(quoteIdentifier);
  const { relation } = quoted(examined);
  const closed = columnsOf(examined)
    .map(({ name }) => name)
    .filter((name) => facts.unreadable.includes(name));
  const grants = [
    ...(facts.reads_schema ? [] : [`grant usage on schema ${schema ?? ''} to ${role ?? ''};`]),
    ...(closed.length === 0 ? [] : [`grant select on ${relation} to ${role ?? ''};`]),
  ];
  if (grants.length > 0) {
    const what = facts.reads_schema
      ? `of ${relation} the columns ${[...new Set(closed)].join(', ')}`
      : `schema ${schema ?? ''}`;
    const detail = `role ${role ?? ''} may not read ${what}`;
    return [fail(SECTION, 'rights', 'may not read', { detail, ...origin, hint: `as the owner: ${grants.join(' ')}` })];
  }
  if (!facts.hides_rows)
    return [pass(SECTION, 'rights', 'may read', { detail: `role ${role ?? ''} may read it`, ...origin })];
  const detail = `row level security is on: role ${role ?? ''} sees only the rows that its policies show, and others count as deleted`;
  return [
    warn(SECTION, 'rights', 'sees some rows', {
      detail,
      ...origin,
      hint: `create policy dream on ${relation} for select to ${role ?? ''} using (true);`,
    }),
  ];
}

/** Whether the id tells every row apart. */
export function checkKey({ context }: Subject, examined: Examined, facts: Facts | null): Check[] {
  const id = columnOf(examined, 'id');
  if (id === null) return [];
  const origin = originOf(context.location, 'pipeline', 'source', 'columns', 'id');
  if (facts === null)
    return [
      pass(SECTION, 'key', 'not known', {
        detail: `${ONLY_POSTGRES}; rows that share an id are passed over`,
        ...origin,
      }),
    ];
  const { relation, name } = quoted(examined, id);
  const key = findKey(facts, id.name);
  const alone = `and ${id.name} alone is named: rows that share an id are passed over`;
  if (key?.columns.length === 1)
    return [
      pass(SECTION, 'key', 'unique', {
        detail: `${id.name} is ${key.primary ? 'the primary key' : `unique by index "${key.name}"`}`,
        ...origin,
      }),
    ];
  if (key !== undefined) {
    const parts = key.columns.map((column) => `${quoteIdentifier(column)}::text`).join(` || ':' || `);
    const detail = `the key is (${key.columns.join(', ')}), ${alone}`;
    const hint = `name a column that is unique by itself, or a view that makes one: create view … as select ${parts} as id, … from ${relation};`;
    return [warn(SECTION, 'key', 'not unique by itself', { detail, ...origin, hint })];
  }
  if (facts.kind !== 'r' && facts.kind !== 'p')
    return [
      pass(SECTION, 'key', 'none', {
        detail: `${describeKind(facts)} has no key: rows that share an id are passed over`,
        ...origin,
      }),
    ];
  const detail = `no primary key or unique index is on ${id.name}: rows that share an id are passed over`;
  return [warn(SECTION, 'key', 'none', { detail, ...origin, hint: `create unique index on ${relation} (${name});` })];
}

/** Whether the time of the last change moves when a row is edited, which is how an edit is noticed by day. */
export function checkEdits({ context }: Subject, examined: Examined, facts: Facts | null): Check[] {
  const fit = examined.fits.find(({ field }) => field === 'updated_at');
  if (fit === undefined || 'misfit' in fit) return [];
  const say = (verdict: string, detail: string, hint?: string) => [
    pass(SECTION, 'edits', verdict, {
      detail,
      ...originOf(context.location, 'pipeline', 'source', 'columns', 'updated_at'),
      ...(hint !== undefined && { hint }),
    }),
  ];
  const { column } = fit;
  if (column === null)
    return say(
      'noticed at night',
      'no column says when a row was edited: at night every row is compared',
      'updated_at: with the name of such a column, if there is one',
    );
  if (facts === null)
    return say('not known', `${ONLY_POSTGRES}; an edit that leaves ${column.name} as it was is noticed at night only`);
  if (facts.generated.includes(column.name))
    return say('generated', `${column.name} is generated by PostgreSQL from other columns`);
  if (facts.kind !== 'r' && facts.kind !== 'p')
    return say(
      'not known',
      `of ${describeKind(facts)} it cannot be seen; an edit that leaves ${column.name} as it was is noticed at night only`,
    );
  const trigger = findTrigger(facts, column.name);
  const when = trigger === undefined || trigger.of.length === 0 ? '' : ` when ${trigger.of.join(' or ')} is written`;
  if (trigger !== undefined) return say('noticed at once', `${column.name} moves by trigger "${trigger.name}"${when}`);
  return say(
    'as the writer says',
    `no trigger moves ${column.name}: an edit that does not set it is noticed at night only`,
    touchingTrigger(examined, column.name),
  );
}

function columnsOf({ fits }: Examined): Column[] {
  return fits.flatMap((fit) => ('misfit' in fit || fit.column === null ? [] : [fit.column]));
}

function columnOf({ fits }: Examined, field: Field): Column | null {
  const fit = fits.find((each) => each.field === field);
  return fit === undefined || 'misfit' in fit ? null : fit.column;
}

function quoted({ schema, table }: Examined, column?: Column) {
  const relation = [schema, table].map(quoteIdentifier).join('.');
  return { relation, name: column === undefined ? '' : quoteIdentifier(column.name) };
}
