import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** By these the Web UI and `temporal workflow list --query` find runs; the namespace must know them before a worker starts. */
export const MEMORY_STAGE = defineSearchAttributeKey('MemoryStage', SearchAttributeType.KEYWORD);
export const MEMORY_CYCLE = defineSearchAttributeKey('MemoryCycle', SearchAttributeType.KEYWORD);
export const MEMORY_DRY_RUN = defineSearchAttributeKey('MemoryDryRun', SearchAttributeType.BOOL);
export const OUR_SEARCH_ATTRIBUTES = [MEMORY_STAGE, MEMORY_CYCLE, MEMORY_DRY_RUN] as const;

/** The server's own: the nominal time of the schedule that started a run. */
export const SCHEDULED_START = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);
