import { rootCause, WorkflowExecutionAlreadyStartedError, type SearchAttributePair } from '@temporalio/common';
import {
  executeChild,
  ParentClosePolicy,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Counts, CycleInput, Stage, StageInput, StageReport, StepInput } from '../memory/types.ts';
import { parseStageInput } from './input.ts';
import { STAGE_IDS, STAGE_TITLES } from './names.ts';
import { observer } from './proxies.ts';
import { MEMORY_CYCLE, MEMORY_DRY_RUN, MEMORY_STAGE } from './search-attributes.ts';

/** A workflow child that runs under a fixed id; undefined when that id is taken. */
export async function executeExclusively<Result>(
  type: string,
  workflowId: string,
  input: StageInput | CycleInput,
  title: string,
  attributes: SearchAttributePair[],
): Promise<Result | undefined> {
  try {
    return (await executeChild(type, {
      workflowId,
      args: [input],
      staticSummary: title,
      typedSearchAttributes: attributes,
      // A cancelled cycle asks its stage to stop, so that the SQL is interrupted and nothing is left half done.
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    })) as Result;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

/**
 * The frame of every stage workflow. Started under any other id than the stage's own it runs itself as a child under that
 * id: the server admits one at a time, and the second reports `already running` instead of failing.
 */
export async function runStage(
  stage: Stage,
  input: StageInput | undefined,
  rehearse: (input: StepInput) => Promise<Counts>,
  body: (input: StepInput) => Promise<Counts>,
): Promise<StageReport> {
  const step = parseStageInput(input);
  if (workflowInfo().workflowId !== STAGE_IDS[stage]) {
    describe(stage, step);
    const report = await executeStage(stage, step);
    setCurrentDetails(`${STAGE_TITLES[stage]}: ${report.status} ${printCounts(report.counts)}`);
    return report;
  }
  const title = `${STAGE_TITLES[stage]} as of ${step.asOf}`;
  setCurrentDetails(`${title}: running`);
  const counts = await explaining(title, () => (step.dryRun ? rehearse(step) : body(step)));
  setCurrentDetails(`${title}: done ${printCounts(counts)}`);
  const report = { stage, status: 'done' as const, counts };
  // A rehearsal has put back what it noted.
  const named = !step.dryRun && (counts['rejected'] ?? 0) > 0;
  return named ? { ...report, rejected: await observer.listRejected({ stage }) } : report;
}

/** One stage as a child under its fixed id. */
export async function executeStage(stage: Stage, input: StepInput): Promise<StageReport> {
  const title = `${STAGE_TITLES[stage]} as of ${input.asOf}`;
  const report = await executeExclusively<StageReport>(
    stage,
    STAGE_IDS[stage],
    input,
    title,
    attributesOf(stage, input),
  );
  return report ?? { stage, status: 'already running', counts: {} };
}

/** Says in the Web UI why a run failed, which Temporal nests in the failures of the workflows around it. */
export async function explaining<T>(title: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    setCurrentDetails(`${title}: failed\n\n${rootCause(error) ?? ''}`);
    throw error;
  }
}

/** Says in the list of the Web UI what a run that was started by hand is about. */
export function describe(stage: Stage | 'memoryCycle', input: StepInput): void {
  upsertSearchAttributes(attributesOf(stage, input));
}

export function attributesOf(stage: Stage | 'memoryCycle', input: StepInput): SearchAttributePair[] {
  return [
    { key: MEMORY_STAGE, value: stage },
    { key: MEMORY_CYCLE, value: input.asOf },
    { key: MEMORY_DRY_RUN, value: input.dryRun },
  ];
}

export function printCounts(counts: Counts): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${String(count)}`)
    .join(', ');
}
