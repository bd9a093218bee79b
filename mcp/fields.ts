import { z } from 'zod';

/** Arguments that several tools take, in the same words. */

export const asOf = z
  .string()
  .optional()
  .describe(
    'When it is asked, ISO 8601 with a zone, as 2026-03-31T12:00:00Z: what was later is not told. Now by default.',
  );

export const id = z
  .string()
  .min(1)
  .describe('Of a memory, as recall gives it; 8 or more characters that only one id begins with are enough.');

export const tags = z.array(z.string()).optional().describe('Only memories with one of these tags.');

const ALL = '*';

export const agent = z
  .string()
  .min(1)
  .optional()
  .describe(`Whose memories; by default those of the agent that the server was started for, else all. "${ALL}": all.`);

/** What was given for `agent`, as the memory takes it: nothing leaves it to the one for whom that was opened. */
export function toAgent(given: string | undefined): { readonly agent?: string | undefined } {
  return given === undefined ? {} : { agent: given === ALL ? undefined : given };
}
