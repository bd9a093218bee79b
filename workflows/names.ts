import type { Stage } from '../memory/types.ts';

/** The queue of workflows, and the two of activities, which are served by the one process that owns the DuckDB file. */
export const WORKFLOW_QUEUE = 'biological-memory';
/** Activities that only read. */
export const READ_QUEUE = 'biological-memory-store';
/** Activities that write; it has one slot, so writes come one after the other. */
export const WRITE_QUEUE = 'biological-memory-store-write';

/** The workflow id under which cycles run: the server lets only one run at a time hold it, which makes it a mutex. */
export const CYCLE_ID = 'memory-cycle';

/** The same for each stage, so that a stage started by hand and the one of a cycle exclude each other. */
export const STAGE_IDS = {
  ingest: 'memory-ingest',
  workingMemory: 'memory-working-memory',
  shortTermMemory: 'memory-short-term-memory',
  consolidation: 'memory-consolidation',
  longTermMemory: 'memory-long-term-memory',
  homeostasis: 'memory-homeostasis',
  rem: 'memory-rem',
  writeBack: 'memory-write-back',
} as const satisfies Record<Stage, string>;

/** What the Web UI says of a stage. */
export const STAGE_TITLES = {
  ingest: 'Ingest',
  workingMemory: 'Working memory',
  shortTermMemory: 'Short-term memory',
  consolidation: 'Consolidation',
  longTermMemory: 'Long-term memory',
  homeostasis: 'Homeostasis',
  rem: 'REM',
  writeBack: 'Write-back',
} as const satisfies Record<Stage, string>;
