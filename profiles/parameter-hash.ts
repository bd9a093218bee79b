import { createHash } from 'node:crypto';
import type { Pipeline } from './pipeline.ts';

/** Of a digest as many digits as tell two of them apart at a glance. */
const DIGITS = 12;

/**
 * Tells whether two cycles went by the same numbers: of every parameter, whether the profile names it or not, and of the scope, which
 * decides what is linked and learned together. The order in which a profile names them does not count.
 */
export function hashParameters({ parameters, scope }: Pick<Pipeline, 'parameters' | 'scope'>): string {
  const named = Object.entries(parameters).sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify({ scope, parameters: named }))
    .digest('hex')
    .slice(0, DIGITS);
}
