// What a program imports: the memory itself, and the verbs over a Temporal server on which `biomem up` or `biomem worker` serves.
export { openMemory } from './program/open-memory.ts';
export type {
  ContextOptions,
  ContextReport,
  Feedback,
  FeedbackReport,
  Held,
  Memory,
  MemoryOptions,
  NewMemories,
  NewMemory,
  RecallOptions,
  RecallReport,
  Restored,
  WhyOptions,
  WhyReport,
} from './program/memory.ts';
export {
  applySchedules,
  createClient,
  deleteSchedules,
  hasWorker,
  listCycles,
  listSchedules,
  namespaceOf,
  openConnection,
  readChecksum,
  readSummary,
  requireWorker,
  runCycle,
  runStage,
  startCycle,
} from './client.ts';
export type { Client, Connection, CycleRun, TemporalTarget } from './client.ts';
export { ConfigurationError, ServiceError, UnknownMemoryError } from './memory/errors.ts';
export { STAGES } from './memory/types.ts';
export type {
  Counts,
  CycleInput,
  CycleReport,
  Fate,
  ForgetReceipt,
  ForgetSearch,
  Limits,
  MemoryDigest,
  Reader,
  Stage,
  StageInput,
  StageReport,
  StateChecksum,
  StateSummary,
  Trace,
} from './memory/types.ts';
