import type { ParameterTable } from './parameter-row.ts';

/** Which far pairs are proposed at night. */
export const remParameters = {
  rem_association_batch_size: {
    kind: 'whole',
    default: 100,
    min: 10,
    max: 1000,
    unit: 'pairs',
    meaning: 'Distant associations proposed in a night at most.',
    evidence: 'D',
    source: 'design choice',
  },
} as const satisfies ParameterTable;
