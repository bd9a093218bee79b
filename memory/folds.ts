import type { Parameters } from './parameters.ts';

/**
 * What is a fold of the log, with the parameters that its formulas read. Where one of them changes, history is folded again; all others
 * decide at the time, and what was decided stands in the log.
 */
export const FOLDS = {
  traces: ['cls_rho', 'cls_schema_kappa', 'hippocampal_half_life_days', 'cortical_half_life_days'],
  weights: ['hebbian_learning_rate', 'edge_half_life_days'],
} as const satisfies Readonly<Record<string, readonly (keyof Parameters)[]>>;

export type Fold = keyof typeof FOLDS;
