import type { Profile } from '../profiles/profile.ts';
import type { Failure } from './failure.ts';

/** Who alone may change a table or view. */
export const OWNER_ADVICE =
  'Schema dreams belongs to another role: connect as that one, or give schema, tables and views to the role that connects';

/**
 * What went wrong in the terms of the person who can mend it, and what to do; undefined where the database's own words have to do. That the
 * profile does not fit the source is told where the source is opened.
 */
export function adviseOn(failure: Failure, profile: Profile): string | undefined {
  const { sqlstate = '', exception } = failure;
  const group = sqlstate.slice(0, 2);
  if (group === '28') return `PostgreSQL refuses the login. ${mendAddress(profile)}`;
  if (group === '3D') return `The database that the memories are in is not there. ${mendAddress(profile)}`;
  if (sqlstate === '42501') return adviseOnGrant(failure, profile);
  if (exception === 'OutOfMemoryException')
    return 'DuckDB has too little memory: raise memory_limit in the settings of the profile, or lower threads';
  if (/No space left on device|disk is full|not enough disk/i.test(failure.words))
    return `A disk is full: make space for ${profile.path}, or where the message says`;
  return exception === undefined && failure.permanent ? adviseOnDreams(sqlstate) : undefined;
}

function mendAddress({ pipeline: { source } }: Profile): string {
  return (
    `Mend user, password or address of attachment ${source.attachment}, by default POSTGRES_DB_URL (TEST_DATABASE_URL for target ` +
    `test): the next cycle looks them up again`
  );
}

/** The statement that gives the right. DuckDB reads the agents' table, all else is write-back. */
function adviseOnGrant({ exception, words }: Failure, { pipeline: { source } }: Profile): string {
  const [, kind = '', name = ''] = /permission denied for (\w+) (\S+)/.exec(words) ?? [];
  const run = (grant: string) => `The role lacks a right; as the owner run: ${grant} to <role>`;
  if (kind === 'database') return run(`grant create on database ${name}`);
  if (exception !== undefined)
    return run(
      kind === 'schema'
        ? `grant usage on schema ${name}`
        : `grant select on ${[source.schema, source.table].join('.')}`,
    );
  if (kind === 'schema') return run(`grant usage, create on schema ${name}`);
  if (kind === 'table') return run(`grant select, insert, update, delete on all tables in schema dreams`);
  return OWNER_ADVICE;
}

/** Of write-back: PostgreSQL refuses what is written to schema dreams. */
function adviseOnDreams(sqlstate: string): string {
  if (sqlstate === '23503')
    return (
      'A foreign key in another table refers to rows of schema dreams, which come and go with the memories: drop that key, or ' +
      'declare it on delete cascade'
    );
  if (['22', '23', '54', 'P0', '44'].includes(sqlstate.slice(0, 2)))
    return (
      `PostgreSQL does not take a value that was to be written to schema dreams. The value is not shown here, because Temporal ` +
      `keeps what is: PostgreSQL's own log has it`
    );
  return (
    'Schema dreams is not as this program makes it, or the server is too old for it. Rename the schema, or drop it if nobody else ' +
    'has put anything there: the next cycle makes it again and writes everything to it'
  );
}
