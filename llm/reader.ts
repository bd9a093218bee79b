import { setImmediate } from 'node:timers/promises';
import { bulkhead } from 'cockatiel';
import { z } from 'zod';
import type { LlmSettings } from '../profiles/pipeline.ts';
import { Circuit } from './circuit.ts';
import { fence } from './fence.ts';
import type { Answer, Llm, Task } from './llm.ts';
import type { Model } from './model.ts';
import { ModelError, UnfitAnswer } from './model-error.ts';
import { openOllama } from './ollama.ts';
import { answerByRules, rules } from './rules.ts';

/** Tokens of one answer at most; the longest that a task asks for takes about half. */
const ANSWER_TOKENS = 1024;

/**
 * Who reads the text under this profile: Ollama's models when it names an address and a model, else rules. A server that
 * does not answer yet is asked again later; `report` hears who reads, and why it is rules where a model was expected.
 */
export async function openReader(settings: LlmSettings, report: (line: string) => void): Promise<Llm> {
  const { url, generate } = settings;
  if (url === null) return rules;
  if (generate === null) {
    report('Rules read the text: Ollama is configured, but no model is (OLLAMA_MODEL, or pipeline.llm.generate)');
    return rules;
  }
  const model = openOllama(settings);
  try {
    const names = new Set([await model.identify('extract'), await model.identify('generate')]);
    report(`Ollama reads the text: ${[...names].join(', ')}`);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    report(`${error.message}. Rules read the text until it can.`);
  }
  return createReader(model, report);
}

/**
 * A model as a reader of text: what it answers is parsed, checked, repaired once and held in the task's bounds. Where that
 * fails, or the model does, the rules' answer stands in and says so: a failing model costs quality, never a memory.
 * @internal for its tests
 */
export function createReader(model: Model, report: (line: string) => void): Llm {
  const circuit = new Circuit(report);
  // Beside the model's own bound: the circuit must know of a failure before the next text is sent.
  const turns = bulkhead(model.parallel, Number.POSITIVE_INFINITY);
  const answerOne = async <In, Out, Asked>(task: Task<In, Out, Asked>, input: In, signal: AbortSignal) => {
    // Between two texts that rules read, other work gets its turn.
    await setImmediate();
    const standIn = answerByRules(task, input);
    const answer = await unlessModelFails(() => circuit.run(() => askModel(model, task, input, signal)));
    if (answer === null) return standIn;
    const value = task.answer.parse(task.reconcile(answer.asked, standIn.value, input));
    return { value, madeBy: answer.madeBy };
  };
  return {
    answerMany: (task, inputs, signal) =>
      Promise.all(
        inputs.map((input) =>
          turns.execute(() => {
            signal.throwIfAborted();
            return answerOne(task, input, signal);
          }),
        ),
      ),
  };
}

async function unlessModelFails<T>(ask: () => Promise<T | null>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}

async function askModel<In, Out, Asked>(
  model: Model,
  task: Task<In, Out, Asked>,
  input: In,
  signal: AbortSignal,
): Promise<{ asked: Asked } & Pick<Answer<Out>, 'madeBy'>> {
  const identity = await model.identify(task.model);
  const madeBy = `ollama:${identity}#${task.name}.${String(task.version)}`;
  const schema = JSON.stringify(z.toJSONSchema(task.asked));
  const options = { model: identity.slice(0, identity.lastIndexOf('@')), temperature: 0, num_predict: ANSWER_TOKENS };
  const generate = async (prompt: string) => (await model.generate({ prompt, schema, options }, signal)).text;
  const prompt = task.render(input);
  const text = await generate(prompt);
  const first = check(task, input, text);
  if ('asked' in first) return { asked: first.asked, madeBy };
  const second = check(task, input, await generate(repair(prompt, text, first.problem)));
  if ('asked' in second) return { asked: second.asked, madeBy };
  throw new UnfitAnswer(`${identity} gave no usable answer for ${task.name}: ${second.problem}`);
}

const repair = (prompt: string, answer: string, problem: string) =>
  `${prompt}\n\nThis answer could not be used:\n${fence(answer)}\nThe reason: ${problem}\nAnswer again, in full and as JSON.`;

/** The answer, if it is one: JSON of the right shape, in its bounds, and nothing to complain of. */
function check<In, Out, Asked>(
  { asked, complaint }: Task<In, Out, Asked>,
  input: In,
  text: string,
): { readonly asked: Asked } | { readonly problem: string } {
  const json = parseJson(text);
  if (json === undefined) return { problem: 'it is not JSON' };
  const parsed = asked.safeParse(json);
  if (!parsed.success) return { problem: z.prettifyError(parsed.error) };
  const problem = complaint?.(parsed.data, input) ?? null;
  return problem === null ? { asked: parsed.data } : { problem };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
