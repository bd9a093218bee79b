import { setImmediate } from 'node:timers/promises';
import type { Answer, Reader, Task } from './task.ts';

/** How the answers of a task's fallback are signed. */
export function signRules({ rulesVersion }: { readonly rulesVersion: number }): string {
  return `rules#${String(rulesVersion)}`;
}

/**
 * Thrown when rules cannot read a text. No text is known that they cannot; should there be one, it must stop no other, and the
 * reason may quote it, so it is not kept.
 */
export class UnreadableText extends Error {
  override readonly name = 'UnreadableText';
}

/** The answer by the task's fallback, held to the same schema as any other. @throws UnreadableText */
export function answerByRules<In, Out, Asked>(task: Task<In, Out, Asked>, input: In): Answer<Out> {
  try {
    return { value: task.answer.parse(task.fallback(input)), madeBy: signRules(task) };
  } catch (error) {
    throw new UnreadableText(`cannot be read by the rules (${error instanceof Error ? error.name : typeof error})`);
  }
}

/** The reader that needs no model. */
export const rules: Reader = {
  asks: false,
  sign: () => Promise.resolve(null),
  async answerMany(task, inputs, signal) {
    const answers = [];
    for (const input of inputs) {
      // Rules never wait; before each the event loop gets its turn, or no heartbeat would go out.
      await setImmediate();
      signal.throwIfAborted();
      answers.push(answerByRules(task, input));
    }
    return answers;
  },
};
