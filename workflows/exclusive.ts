import { WorkflowExecutionAlreadyStartedError, type SearchAttributePair } from '@temporalio/common';
import {
  ApplicationFailure,
  executeChild,
  ParentClosePolicy,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Counts, CycleInput, Stage, StageInput, StageReport, StepInput } from '../memory/types.ts';
import { STAGE_IDS, STAGE_TITLES } from './names.ts';
import { MEMORY_CYCLE, MEMORY_DRY_RUN, MEMORY_STAGE, SCHEDULED_START } from './search-attributes.ts';

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
  const step = settleInput(input ?? {});
  if (workflowInfo().workflowId !== STAGE_IDS[stage]) {
    describe(stage, step);
    const report = await executeStage(stage, step);
    setCurrentDetails(`${STAGE_TITLES[stage]}: ${report.status} ${printCounts(report.counts)}`);
    return report;
  }
  setCurrentDetails(`${STAGE_TITLES[stage]} as of ${step.asOf}: running`);
  const counts = await (step.dryRun ? rehearse(step) : body(step));
  setCurrentDetails(`${STAGE_TITLES[stage]} as of ${step.asOf}: done ${printCounts(counts)}`);
  return { stage, status: 'done', counts };
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

/**
 * The time of a run: as asked for, else the nominal time of the schedule that started it (so that a backfill lives the past),
 * else the start time. @throws InvalidInput, which fails the workflow at once instead of retrying for ever
 */
export function settleInput(input: StageInput): StepInput {
  const { asOf, dryRun = false, limits = {}, ...rest } = input;
  const unknown = Object.keys(rest).filter((key) => key !== 'stages');
  if (unknown.length > 0) throw invalid(`expected asOf, dryRun, limits or stages, got ${unknown.join(', ')}`);
  if (typeof dryRun !== 'boolean') throw invalid(`expected dryRun to be true or false, got ${JSON.stringify(dryRun)}`);
  if (
    limits.replays !== undefined &&
    !(Number.isInteger(limits.replays) && limits.replays >= 0 && limits.replays <= 10_000)
  )
    throw invalid(`expected limits.replays to be a whole number from 0 to 10000, got ${String(limits.replays)}`);
  return { asOf: settleTime(asOf), dryRun, limits };
}

function settleTime(asOf: string | undefined): string {
  const info = workflowInfo();
  if (asOf === undefined) {
    return (info.typedSearchAttributes.get(SCHEDULED_START) ?? info.startTime).toISOString();
  }
  const time = typeof asOf === 'string' ? new Date(asOf) : new Date(NaN);
  if (Number.isNaN(time.getTime())) throw invalid(`expected asOf as ISO 8601, got ${JSON.stringify(asOf)}`);
  return time.toISOString();
}

export function invalid(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidInput');
}

export function printCounts(counts: Counts): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${String(count)}`)
    .join(', ');
}
