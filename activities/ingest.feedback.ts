import { z } from 'zod';
import { runText } from '../duckdb/statement.ts';
import { quoteLiteral } from '../profiles/sql.ts';
import { sourceQuery } from '../source/catalog.ts';
import { readRecallEventsFacts, whyUnreadable } from '../source/recall-events.ts';
import { asking, dialectOf } from './ingest.source.ts';
import type { StepContext } from './step.ts';

const sinceRow = z.tuple([z.object({ since: z.string().nullable() })]);
const boundsRow = z.tuple([z.object({ after: z.string() })]);

/** PostgreSQL's time before all others. */
const ALWAYS = '-infinity';
/** What a source without schema dreams has: no row. */
const NONE = `select null::varchar as recall_id, null::varchar as memory_id, null::varchar as kind, null::integer as rank,
  null::timestamptz as asked_at, null::timestamptz as noted_at, null::timestamptz as recorded_at where false`;

/**
 * Copies of what use recalls were, as far as it is not here yet; a later step folds it. What was written since the last look is read,
 * and ten minutes before, for transactions that committed late; with `everyRow` all of it.
 */
export async function copyFeedback(context: StepContext): Promise<void> {
  const after = await readAfter(context);
  const select = (await isReadable(context)) ? selectGraded(context, after) : NONE;
  await runText(
    context.connection,
    'the view of dreams.recall_events',
    `create or replace temp view graded_recall as ${select}`,
  );
  await context.run('ingest.copy-feedback');
}

async function readAfter({ run, input }: StepContext): Promise<string> {
  if (input.everyRow === true) return ALWAYS;
  const [{ since }] = sinceRow.parse(await run('ingest.read-feedback-cursor'));
  if (since === null) return ALWAYS;
  const [{ after }] = boundsRow.parse(await run('ingest.bound-written', { since }));
  return `${after}+00`;
}

/** Before the first write-back there is no such table; one that cannot be read stops no cycle. */
async function isReadable({ connection, profile, report }: StepContext): Promise<boolean> {
  if (dialectOf(profile) !== 'postgres') return false;
  const facts = await readRecallEventsFacts(asking(connection, profile));
  const why = whyUnreadable(facts);
  if (why !== null) report(`recall: of what use recalls were is not read: ${why}`);
  return facts.there && why === null;
}

function selectGraded({ profile: { target, pipeline } }: StepContext, after: string): string {
  const sql = sourceQuery('recall-events.graded.postgres.sql', { target, after });
  return `from postgres_query(${quoteLiteral(pipeline.source.attachment)}, ${quoteLiteral(sql)})`;
}
