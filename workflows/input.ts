import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { parseTime } from '../memory/time.ts';
import type { Limits, Stage, StepInput } from '../memory/types.ts';
import { STAGE_IDS } from './names.ts';
import { SCHEDULED_START } from './search-attributes.ts';

const STAGE_FIELDS = ['asOf', 'dryRun', 'limits', 'everyRow'];
export const ALL_STAGES = Object.keys(STAGE_IDS) as Stage[];
const MOST_REPLAYS = 10_000;

/**
 * The input of a stage: what was asked for, else the defaults. Anybody may start a workflow with anything, and any other
 * error than this one would be retried for ever.
 * @throws InvalidInput, which fails the workflow at once
 */
export function parseStageInput(given: unknown): StepInput {
  return parseStep(parseObject('input', given, STAGE_FIELDS));
}

/** The same for a cycle, with its stages in the order of a night. @throws InvalidInput */
export function parseCycleInput(given: unknown): { readonly step: StepInput; readonly stages: Stage[] } {
  const input = parseObject('input', given, [...STAGE_FIELDS, 'stages']);
  return { step: parseStep(input), stages: parseStages(input['stages']) };
}

/** A failure that no other attempt can mend. */
export function invalid(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidInput');
}

function parseStep({ asOf, dryRun = false, limits, everyRow }: Record<string, unknown>): StepInput {
  const step = { asOf: parseAsOf(asOf), dryRun: parseFlag('dryRun', dryRun), limits: parseLimits(limits) };
  return everyRow === undefined ? step : { ...step, everyRow: parseFlag('everyRow', everyRow) };
}

function parseFlag(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw invalid(`expected ${name} to be true or false, got ${JSON.stringify(value)}`);
}

/** As asked for, else the nominal time of the schedule (so that a backfill lives the past), else the start time. @throws InvalidInput */
export function parseAsOf(asOf: unknown): string {
  const info = workflowInfo();
  if (asOf === undefined) return (info.typedSearchAttributes.get(SCHEDULED_START) ?? info.startTime).toISOString();
  try {
    return parseTime(typeof asOf === 'string' ? asOf : '');
  } catch (error) {
    throw invalid(`expected asOf as ${(error as RangeError).message}, got ${JSON.stringify(asOf)}`);
  }
}

function parseLimits(given: unknown): Limits {
  const { replays } = parseObject('limits', given, ['replays']);
  if (replays === undefined) return {};
  if (typeof replays === 'number' && Number.isInteger(replays) && replays >= 0 && replays <= MOST_REPLAYS)
    return { replays };
  throw invalid(
    `expected limits.replays to be a whole number from 0 to ${MOST_REPLAYS}, got ${JSON.stringify(replays)}`,
  );
}

function parseStages(given: unknown = ALL_STAGES): Stage[] {
  const stages: unknown[] = Array.isArray(given) ? given : [given];
  const unknown = stages.filter((stage) => !ALL_STAGES.some((name) => name === stage));
  if (!Array.isArray(given) || stages.length === 0 || unknown.length > 0)
    throw invalid(`expected stages among ${ALL_STAGES.join(', ')}, got ${JSON.stringify(given)}`);
  return ALL_STAGES.filter((stage) => stages.includes(stage));
}

/** One object with none but the named fields; none at all, or the `null` of the Temporal CLI's `--input null`, is an empty one. */
export function parseObject(what: string, given: unknown, fields: readonly string[]): Record<string, unknown> {
  const value = given ?? {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalid(`expected one object as ${what}, got ${JSON.stringify(given)}`);
  const unknown = Object.keys(value).filter((key) => !fields.includes(key));
  if (unknown.length > 0)
    throw invalid(`expected ${what} to have ${fields.join(', ')} only, got ${unknown.join(', ')}`);
  return value as Record<string, unknown>;
}

/** Whether a schedule started this run. */
export function isScheduled(): boolean {
  return workflowInfo().typedSearchAttributes.get(SCHEDULED_START) !== undefined;
}
