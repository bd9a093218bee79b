import { setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import type { CycleInput, CycleReport, Stage, StageReport, StepInput } from '../memory/types.ts';
import { attributesOf, describe, explaining, executeExclusively, executeStage, printCounts } from './exclusive.ts';
import { ALL_STAGES, isScheduled, parseCycleInput } from './input.ts';
import { CYCLE_ID, STAGE_TITLES } from './names.ts';
import { store } from './proxies.ts';

/** How long a scheduled cycle waits for the one that runs. */
const PATIENCE_MINUTES = 15;

/**
 * A night: the stages in order, each a child workflow. Started under any other id than `memory-cycle` it runs itself as a
 * child under that id, so that two cycles never write at once; the second reports `already running`.
 */
export async function memoryCycle(input?: CycleInput): Promise<CycleReport> {
  const { step, stages } = parseCycleInput(input);
  if (workflowInfo().workflowId === CYCLE_ID)
    return explaining(`Cycle as of ${step.asOf}`, () => runCycle(step, stages));
  describe('memoryCycle', step);
  const title = `Cycle as of ${step.asOf}`;
  const attempt = () =>
    executeExclusively<CycleReport>(
      'memoryCycle',
      CYCLE_ID,
      { ...step, stages },
      title,
      attributesOf('memoryCycle', step),
    );
  const report = await explaining(title, () => (isScheduled() ? patiently(attempt) : attempt()));
  const result = report ?? { status: 'already running' as const, asOf: step.asOf, stages: [] };
  setCurrentDetails(`${title}: ${result.status}\n\n${tabulate(stages, result.stages)}`);
  return result;
}

/** A person is told at once that another cycle runs; a schedule waits its turn, or a night would be lost to a nap. */
async function patiently<T>(attempt: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let waited = 0; waited < PATIENCE_MINUTES; waited += 1) {
    const result = await attempt();
    if (result !== undefined) return result;
    await sleep('1 minute', { summary: 'another cycle runs' });
  }
  return attempt();
}

async function runCycle(step: StepInput, stages: Stage[]): Promise<CycleReport> {
  if (step.dryRun) return rehearseCycle(step, stages);
  const reports: StageReport[] = [];
  // The waking schedules go by the source's clock; a whole night has the time to look at every row.
  const everyRow = step.everyRow ?? stages.length === ALL_STAGES.length;
  for (const stage of stages) {
    setCurrentDetails(`Cycle as of ${step.asOf}\n\n${tabulate(stages, reports)}`);
    const report = await executeStage(stage, stage === 'ingest' ? { ...step, everyRow } : step);
    reports.push(report);
    // The one that runs this stage now writes; the rest of this cycle would work on half of its results.
    if (report.status === 'already running') return { status: 'already running', asOf: step.asOf, stages: reports };
  }
  setCurrentDetails(`Cycle as of ${step.asOf}: done\n\n${tabulate(stages, reports)}`);
  return { status: 'done', asOf: step.asOf, stages: reports };
}

/** All stages in one transaction that is rolled back: later stages see what earlier ones would have done. */
async function rehearseCycle(step: StepInput, stages: Stage[]): Promise<CycleReport> {
  const counts = await store.rehearse({ ...step, stages });
  const reports = stages.map((stage) => ({ stage, status: 'done' as const, counts: counts[stage] }));
  return { status: 'done', asOf: step.asOf, stages: reports };
}

/** A Markdown table for the Web UI. */
function tabulate(stages: Stage[], reports: StageReport[]): string {
  const line = (stage: Stage, index: number) => {
    const report = reports[index];
    const status = report?.status ?? (index === reports.length ? 'running' : 'waiting');
    return `| ${STAGE_TITLES[stage]} | ${status} | ${report === undefined ? '' : printCounts(report.counts)} |`;
  };
  return ['| stage | state | counts |', '| --- | --- | --- |', ...stages.map(line)].join('\n');
}
