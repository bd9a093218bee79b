import { z } from 'zod';
import { runText } from '../duckdb/statement.ts';
import type { Pipeline } from '../profiles/profile.ts';
import { quoteIdentifier, quoteLiteral } from '../profiles/sql.ts';
import { countChanged, readCounts, type Step, type StepContext } from './step.ts';

/** The agent of a memory that names none. */
const ONLY_AGENT = 'agent';
const watermarkRow = z.object({ since: z.string() });

/** Copies what is new, changed or deleted in the agents' table since the watermark and written by asOf. */
export const ingestMemories: Step = {
  name: 'ingestMemories',
  settle: async (context) => {
    const { run, connection, profile } = context;
    const source = profile.pipeline.source;
    const name = `${source.attachment}.${source.schema}.${source.table}`;
    await runText(connection, 'the view of the source table', sourceView(source));
    const since = watermarkRow.parse((await run('ingest.read-watermark', { source: name }))[0]).since;
    await run('ingest.stage-source-row');
    await run('ingest.stage-change', { since });
    await stageMissed(context);
    await run('ingest.log-restudy');
    await run('ingest.merge-memory');
    await run('ingest.advance-watermark', { source: name });
    return countChanges(context);
  },
};

/** What the watermark does not find: the table's ids are read each cycle anyway, to see what was deleted. */
async function stageMissed({ run }: StepContext): Promise<void> {
  await run('ingest.stage-missed');
  const { missed = 0 } = readCounts(await run('ingest.count-missed'));
  if (missed > 0) await run('ingest.stage-missed-change');
}

/**
 * Rows written after asOf wait for a later cycle; how many is told, so that a clock that runs ahead is noticed, and so is how
 * many can never come in, when there are some.
 */
async function countChanges({ run }: StepContext) {
  const counts = readCounts(await run('ingest.count'));
  const { ingested = 0, changed = 0, in_source: inSource = 0, alive = 0, timeless = 0 } = counts;
  const deleted = countChanged(await run('ingest.bury-deleted'));
  return {
    ingested,
    changed,
    deleted,
    waiting: Math.max(0, inSource - (alive - deleted)),
    ...(timeless > 0 && { timeless }),
  };
}

/**
 * The agents' table under the names of ours. The view is temporary because a stored one would break wherever the source is
 * not attached, and built here because the profile names the table and its columns. A row without a time, or with an infinite
 * one, is not `timed`: it is nowhere in time and cannot be remembered, but it must not stop the others.
 */
function sourceView({ attachment, schema, table, columns }: Pipeline['source']): string {
  const column = (name: string | null, type: string) =>
    name === null ? `null::${type}` : `${quoteIdentifier(name)}::${type}`;
  const created = column(columns.created_at, 'timestamptz');
  const updated = column(columns.updated_at, 'timestamptz');
  const utc = (value: string) => `(${value} at time zone 'UTC')`;
  return `
    create or replace temp view source_memory as
    select ${column(columns.id, 'varchar')} as memory_id,
      coalesce(nullif(${agentExpression(columns.agent)}, ''), ${quoteLiteral(ONLY_AGENT)}) as agent,
      ${column(columns.content, 'varchar')} as content,
      ${column(columns.context, 'varchar')} as context,
      coalesce(${column(columns.tags, 'varchar[]')}, []) as tags,
      ${jsonExpression(column(columns.metadata, 'varchar'))} as metadata,
      ${utc(created)} as created_at,
      greatest(${utc(created)}, coalesce(${utc(updated)}, ${utc(created)})) as updated_at,
      ${utc(`coalesce(${updated}, ${created})`)} as written_at,
      ${created} as created_raw, ${updated} as updated_raw,
      coalesce(isfinite(${created}) and isfinite(coalesce(${updated}, ${created})), false) as timed
    from ${[attachment, schema, table].map(quoteIdentifier).join('.')}`;
}

/** Text that is not JSON is kept as a JSON string. */
function jsonExpression(value: string): string {
  return `case when not json_valid(${value}) then to_json(${value})::varchar else ${value} end`;
}

/** `agent` names a column; `metadata.agent` a field of a JSON column. Text that is not JSON has no fields. */
function agentExpression(name: string | null): string {
  const [column, field] = name?.split('.') ?? [];
  if (column === undefined) return 'null::varchar';
  const value = `${quoteIdentifier(column)}::varchar`;
  if (field === undefined) return value;
  return `case when json_valid(${value}) then json_extract_string(${value}, ${quoteLiteral(`$."${field}"`)}) end`;
}
