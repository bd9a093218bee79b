import { z } from 'zod';
import type { Extent } from '../source/projection.ts';
import { copyFeedback } from './ingest.feedback.ts';
import { requireSource, type SourceReader } from './ingest.source.ts';
import { countChanged, readCounts, type Step, type StepContext } from './step.ts';

const watermarkRow = z.object({ since: z.string() });

/** DuckDB's time before all others: whatever is there counts as written since. */
const ALWAYS = '-infinity';

/**
 * Copies what is new, changed or deleted in the agents' table and was written by asOf. With `everyRow` each row is compared with
 * what is kept; else those that were written since the watermark. What cannot be taken is named in `rejected_row` and passed over.
 */
export const ingestMemories: Step = {
  name: 'ingestMemories',
  finish: async (context) => {
    const { run, connection, profile, input } = context;
    const source = await requireSource(connection, profile);
    const watermark = watermarkRow.parse((await run('ingest.read-watermark', { source: source.name }))[0]).since;
    const since = input.everyRow === true ? ALWAYS : watermark;
    await source.view({ keysOnly: true });
    await run('ingest.stage-source-row');
    await source.view(await extentOf(context, since));
    await run('ingest.stage-change', { since });
    if (since !== ALWAYS) await stageMissed(context, source);
    await noteRejected(context);
    await run('ingest.log-restudy');
    await run('ingest.merge-memory');
    await run('ingest.rename-agent');
    await run('ingest.forget-attention');
    await run('ingest.advance-watermark', { source: source.name });
    await copyFeedback(context);
    return countChanges(context);
  },
};

/** The bounds of what was written since, as text, so that the source can use an index on it. */
async function extentOf({ run }: StepContext, since: string): Promise<Extent> {
  if (since === ALWAYS) return { keysOnly: false };
  const bounds = z.object({ after: z.string(), until: z.string() });
  return { keysOnly: false, written: bounds.parse((await run('ingest.bound-written', { since }))[0]) };
}

/** What the watermark does not find: the table's ids are read each cycle anyway, to see what was deleted. */
async function stageMissed({ run }: StepContext, source: SourceReader): Promise<void> {
  await run('ingest.stage-missed');
  const { missed = 0 } = readCounts(await run('ingest.count-missed'));
  if (missed === 0) return;
  await source.view({ keysOnly: false });
  await run('ingest.stage-missed-change');
}

/** Keeps which rows were passed over, by the names of the agents' columns, and takes them out of what is to be merged. */
async function noteRejected({ run, input, profile }: StepContext): Promise<void> {
  await run('ingest.stage-rejected', { every_row: input.everyRow === true });
  await run('ingest.drop-rejected');
  await run('ingest.write-rejected', { columns: JSON.stringify(profile.pipeline.source.columns) });
  await run('ingest.drop-fault');
}

/** Rows written after asOf wait for a later cycle; how many is told, so that a clock that runs ahead is noticed. */
async function countChanges({ run }: StepContext) {
  const deleted = countChanged(await run('ingest.bury-deleted'));
  const { ingested = 0, changed = 0, waiting = 0 } = readCounts(await run('ingest.count'));
  return { ingested, changed, deleted, waiting };
}
