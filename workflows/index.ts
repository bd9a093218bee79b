export { forget, restoreMemory } from './forgetting.ts';
export { checksum, summary } from './observation.ts';
export { memoryCycle } from './memory-cycle.ts';
export {
  consolidation,
  homeostasis,
  ingest,
  longTermMemory,
  rem,
  shortTermMemory,
  workingMemory,
  writeBack,
} from './stages.ts';
