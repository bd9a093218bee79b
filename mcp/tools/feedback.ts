import { z } from 'zod';
import { defineTool } from '../tool.ts';

/** `feedback`: of what use a recall was. */
export const feedback = defineTool({
  name: 'feedback',
  title: 'Say what was of use',
  description:
    'Says which memories of a recall were of use, and which were not what was asked for. Use it once, when you have answered with ' +
    'what recall gave you: what was of use is remembered better from the next night on, and found together. A grade stands; the ' +
    'same once more changes nothing. You get how the recall stands now.',
  input: z.strictObject({
    recall_id: z
      .string()
      .min(1)
      .describe('Of an answer of recall; one without it was not recorded and takes no feedback.'),
    used: z.array(z.string()).optional().describe('Ids of memories that your answer rests on.'),
    wrong: z.array(z.string()).optional().describe('Ids of memories that had nothing to do with the question.'),
  }),
  output: z.looseObject({
    recall_id: z.string(),
    used: z.array(z.string()),
    wrong: z.array(z.string()),
    ungraded: z.array(z.string()),
    recorded: z.int().describe('Grades that were new.'),
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async (memory, { recall_id, ...grades }) => {
    const value = await memory.feedback(recall_id, grades);
    const { used, wrong, ungraded } = value;
    const counts = `${String(used.length)} used, ${String(wrong.length)} wrong, ${String(ungraded.length)} not graded`;
    return { value, text: `Of this recall: ${counts}.` };
  },
});
