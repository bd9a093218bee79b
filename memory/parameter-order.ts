import type { Parameters } from './parameters.ts';

type Name = keyof Parameters;

/** Two parameters of which the first has to be the smaller one, and what would be wrong otherwise. */
interface Order {
  readonly lower: Name;
  readonly upper: Name;
  readonly mayEqual: boolean;
  readonly because: string;
}

const below = (lower: Name, upper: Name, because: string): Order => ({ lower, upper, mayEqual: false, because });
const atMost = (lower: Name, upper: Name, because: string): Order => ({ lower, upper, mayEqual: true, because });

/** What the range of one parameter alone cannot say. Pairs whose ranges do not meet need no line here. */
const ORDERS: readonly Order[] = [
  below('importance_low', 'importance_moderate', 'grade 2 lies between them'),
  below('importance_moderate', 'importance_strong', 'the levels of importance rise'),
  below('importance_strong', 'importance_vital', 'the levels of importance rise'),
  below('working_memory_capacity_variance', 'working_memory_capacity', 'each window has a slot'),
  atMost('surprise_min_predecessors', 'surprise_window', 'a window holds no more memories before it'),
  below('consolidating_share', 'schematized_share', 'a memory is consolidating between them'),
  below('fate_forget', 'fate_retain', 'a memory fades between them'),
  atMost('insight_common_min', 'insight_common_max', 'a theme cannot be both too common and never too common'),
  atMost('insight_min_episodes', 'insight_common_max', 'a theme has a memory in each of its episodes'),
  atMost('insight_min_days', 'insight_common_max', 'a theme has a memory on each of its days'),
  below('rem_min_distance', 'rem_max_distance', 'far pairs lie between them'),
];

/** They make up one priority, of which schema dreams says that it lies between 0 and 1. */
const ATTENTION_WEIGHTS = [
  'attention_recency_weight',
  'attention_importance_weight',
  'attention_urgency_weight',
  'attention_arousal_weight',
  'attention_novelty_weight',
] as const satisfies readonly Name[];

/** Of decimals that were written down, the sum of five is no farther from theirs than this. */
const ROUNDING = 1e-9;

/** A parameter, and what of it does not go with another, as it goes on after the parameter's path. */
export interface Contradiction {
  readonly name: Name;
  readonly problem: string;
}

/** What in a set of parameters does not go together, although each lies in its range. */
export function findContradictions(parameters: Parameters): Contradiction[] {
  return [...ORDERS.flatMap((order) => checkOrder(order, parameters)), ...checkAttention(parameters)];
}

function checkOrder({ lower, upper, mayEqual, because }: Order, parameters: Parameters): Contradiction[] {
  const [low, high] = [parameters[lower], parameters[upper]];
  if (low < high || (mayEqual && low === high)) return [];
  const bound = mayEqual ? 'at most' : 'below';
  return [{ name: lower, problem: `must be ${bound} ${upper}, which is ${high}, not ${low}: ${because}` }];
}

function checkAttention(parameters: Parameters): Contradiction[] {
  const sum = ATTENTION_WEIGHTS.reduce((total, name) => total + parameters[name], 0);
  if (Math.abs(sum - 1) <= ROUNDING) return [];
  const [first, ...others] = ATTENTION_WEIGHTS.map((name) => `${name} (${parameters[name]})`);
  const problem = `must make 1 together with ${others.join(', ')}; ${first} and they make ${Number(sum.toFixed(9))}`;
  return [{ name: ATTENTION_WEIGHTS[0], problem }];
}
