import { z } from 'zod';
import { defineTool } from '../tool.ts';

/** `remember`: writes one memory. */
export const remember = defineTool({
  name: 'remember',
  title: 'Remember something',
  description:
    'Writes one memory to the long-term memory of agents. Use it for what will be worth knowing in another conversation: a ' +
    'decision and its reason, a fact about a person or a project, a preference, a result, a lesson, a plan with its date. Write ' +
    'one thing a call, as whole sentences that stand by themselves: with names in place of "he" or "it", and dates in place of ' +
    '"tomorrow". Do not write passwords or other secrets. What has changed is written as a new memory; the newer one counts. ' +
    'It is attended to, linked and slept on later; nothing is overwritten.',
  input: z.strictObject({
    content: z
      .string()
      .min(1)
      .describe('The text: "The launch moved to 21 March because the outage took our spare week."'),
    agent: z
      .string()
      .min(1)
      .optional()
      .describe('Who remembers; by default the agent that the server was started for.'),
    tags: z.array(z.string().min(1)).optional().describe('A few words to find it by: a project, a topic.'),
    context: z.string().optional().describe('In which situation it was learned, where the text does not say it.'),
  }),
  output: z.looseObject({ written: z.int().describe('1; 0 where the very same memory was there already.') }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  run: async (memory, line) => {
    const { written } = await memory.remember(line);
    return { value: { written }, text: written === 0 ? 'It was remembered already.' : 'Remembered.' };
  },
});
