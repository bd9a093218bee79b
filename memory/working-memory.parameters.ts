import type { ParameterTable } from './parameter-row.ts';

/** What is attended to together, and how many of it get a slot. */
export const workingMemoryParameters = {
  working_memory_capacity: {
    kind: 'whole',
    default: 7,
    min: 3,
    max: 12,
    unit: 'memories',
    meaning: 'Slots per agent and window.',
    evidence: 'M',
    source: 'Miller 1956',
  },
  working_memory_capacity_variance: {
    kind: 'whole',
    default: 2,
    min: 0,
    max: 3,
    unit: 'memories',
    meaning: "Half-width v of the capacity's fluctuation, Binomial(2v, ½) - v.",
    evidence: 'V',
    source: 'Cowan et al. 2016 report that capacity fluctuates',
  },
  working_memory_window_minutes: {
    kind: 'number',
    default: 5,
    min: 0.5,
    max: 60,
    unit: 'minutes',
    meaning: 'Event time that is attended to together.',
    evidence: 'D',
    source: 'a convention, not biology',
  },
  attention_half_life: {
    kind: 'number',
    default: 120,
    min: 10,
    max: 900,
    unit: 'seconds',
    meaning: 'Time before the end of the window at which recency counts half in the attention priority.',
    evidence: 'D',
    source: 'design choice; under half of a window',
  },
} as const satisfies ParameterTable;
