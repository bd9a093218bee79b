import { z } from 'zod';
import { quoteIdentifier } from '../profiles/sql.ts';
import { sourceQuery, type Ask } from './catalog.ts';

const factsRow = z.tuple([
  z.object({
    role: z.string(),
    there: z.boolean(),
    readable: z.boolean(),
    writable: z.boolean(),
    /** It has its columns. */
    whole: z.boolean(),
    read_only: z.boolean(),
  }),
]);

/** What there is of dreams.recall_events, and what the role that asked may do with it. */
export type RecallEventsFacts = z.infer<typeof factsRow>[0];

/** `ask` runs a query on the database of the agents' table. */
export async function readRecallEventsFacts(ask: Ask): Promise<RecallEventsFacts> {
  return factsRow.parse(await ask(sourceQuery('recall-events.facts.postgres.sql', {})))[0];
}

/** Why recalls cannot be read there, and what to do; null where they can, or where there is no such table yet. */
export function whyUnreadable({ role, there, readable, whole }: RecallEventsFacts): string | null {
  if (!there) return null;
  if (!readable) return describeRight(role, 'read', 'select');
  return whole ? null : BROKEN;
}

/** Why recalls cannot be added there, and what to do; null where they can. */
export function whyUnwritable({ role, there, writable, whole, read_only }: RecallEventsFacts): string | null {
  if (!there) return 'schema dreams has no table for it yet; the next cycle makes it: biomem cycle run';
  if (!writable) return describeRight(role, 'add to', 'select, insert');
  if (!whole) return BROKEN;
  return read_only ? 'this PostgreSQL takes no writes: it is a standby, or read-only by default' : null;
}

const BROKEN =
  'dreams.recall_events lacks a column that somebody dropped; drop the table, and the next cycle makes it again';

function describeRight(role: string, what: string, rights: string): string {
  const quoted = quoteIdentifier(role);
  return (
    `role ${quoted} may not ${what} dreams.recall_events. As its owner: grant usage on schema dreams to ${quoted}; ` +
    `grant ${rights} on dreams.recall_events to ${quoted};`
  );
}
