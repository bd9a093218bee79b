import { z } from 'zod';
import { consolidationParameters } from './consolidation.parameters.ts';
import { homeostasisParameters } from './homeostasis.parameters.ts';
import { importanceParameters } from './importance.parameters.ts';
import { longTermMemoryParameters } from './long-term-memory.parameters.ts';
import type { ParameterRow, ParameterTable } from './parameter-row.ts';
import { remParameters } from './rem.parameters.ts';
import { shortTermMemoryParameters } from './short-term-memory.parameters.ts';
import { workingMemoryParameters } from './working-memory.parameters.ts';

/**
 * The science parameters, by stage and by the names of the predecessor where it had them. In SQL each is a macro of its name:
 * `edge_half_life_days()`. Which of them have to go together stands in `parameter-order.ts`.
 *
 * A number that decides what is kept, linked, learned or replayed stands here, once for each thing that it means. A number that is
 * part of a published formula (the weights of FSRS, the 0.5 of BM25) stays in its macro, with the source. A bound of the
 * engineering (the rows of a page, the bytes of a row, how often a model is asked without a usable answer) stays where it is used, with a
 * comment. How rules read a text (its cues and their weights) is their own, and signed by their version.
 */
export const parameterTable = {
  ...importanceParameters,
  ...workingMemoryParameters,
  ...shortTermMemoryParameters,
  ...consolidationParameters,
  ...longTermMemoryParameters,
  ...homeostasisParameters,
  ...remParameters,
} as const satisfies ParameterTable;

type ParameterName = keyof typeof parameterTable;
type Shape = Record<ParameterName, z.ZodDefault<z.ZodNumber>>;

/** What a profile may set under `pipeline.parameters`, each by itself; what is not named has its default. */
export const parametersSchema = z.strictObject(
  Object.fromEntries(Object.entries(parameterTable).map(([name, row]) => [name, schemaOf(row)])) as Shape,
);

/** All science parameters with their defaults filled in. */
export type Parameters = z.infer<typeof parametersSchema>;

function schemaOf({ kind, min, max, default: value }: ParameterRow): z.ZodDefault<z.ZodNumber> {
  const number = kind === 'whole' ? z.int() : z.number();
  return number.min(min).max(max).default(value);
}
