import type { ParameterTable } from './parameter-row.ts';

/** How far associations are scaled, and which are pruned. */
export const homeostasisParameters = {
  homeostasis_target: {
    kind: 'number',
    default: 0.35,
    min: 0.2,
    max: 0.6,
    unit: 'weight',
    meaning: 'Mean association weight that scaling aims at.',
    evidence: 'D',
    source: 'the form is multiplicative scaling, Turrigiano 2008 [M]',
  },
  scaling_max_step: {
    kind: 'number',
    default: 0.18,
    min: 0.05,
    max: 0.3,
    unit: 'share',
    meaning: 'Largest relative change of one scaling.',
    evidence: 'V',
    source: 'de Vivo et al. 2017: 18 %',
  },
  protected_quantile: {
    kind: 'number',
    default: 0.8,
    min: 0.7,
    max: 0.95,
    unit: 'share',
    meaning: 'Quantile of weights above which downscaling spares.',
    evidence: 'V',
    source: 'de Vivo et al. 2017',
  },
  weak_connection_threshold: {
    kind: 'number',
    default: 0.05,
    min: 0.01,
    max: 0.15,
    unit: 'weight',
    meaning: 'Weight below which an idle association is pruned.',
    evidence: 'D',
    source: 'a seventh of the mean that scaling aims at',
  },
} as const satisfies ParameterTable;
