import type { ParameterTable } from './parameter-row.ts';

/** From which importance on a memory is treated otherwise, whichever the stage. The four rise. */
export const importanceParameters = {
  importance_low: {
    kind: 'number',
    default: 0.2,
    min: 0.05,
    max: 0.3,
    unit: 'share',
    meaning:
      'Importance below which a memory is encoded as one that was hardly noticed, at grade 1, and need below which it is archived sooner.',
    evidence: 'D',
    source: 'design choice',
  },
  importance_moderate: {
    kind: 'number',
    default: 0.4,
    min: 0.3,
    max: 0.5,
    unit: 'share',
    meaning: 'Importance from which a memory is encoded well, at grade 3, and counts for an insight.',
    evidence: 'D',
    source: 'design choice',
  },
  importance_strong: {
    kind: 'number',
    default: 0.7,
    min: 0.5,
    max: 0.75,
    unit: 'share',
    meaning:
      'Importance from which a memory is ready for consolidation, and importance or arousal from which it tags others.',
    evidence: 'D',
    source: 'design choice',
  },
  importance_vital: {
    kind: 'number',
    default: 0.8,
    min: 0.75,
    max: 0.95,
    unit: 'share',
    meaning:
      'Importance from which a memory is encoded at grade 4 and its strongest association is not pruned, and need from which it is not archived.',
    evidence: 'D',
    source: 'design choice',
  },
} as const satisfies ParameterTable;
