// What a program imports: the verbs over a Temporal server on which `biomem up` or `biomem worker` serves, and their types.
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
export { ConfigurationError, ServiceError } from './memory/errors.ts';
export { STAGES } from './memory/types.ts';
export type {
  Counts,
  CycleInput,
  CycleReport,
  Fate,
  Limits,
  MemoryDigest,
  Reader,
  Stage,
  StageInput,
  StageReport,
  StateChecksum,
  StateSummary,
} from './memory/types.ts';
