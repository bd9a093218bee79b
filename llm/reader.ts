import { setImmediate } from 'node:timers/promises';
import { bulkhead } from 'cockatiel';
import type { LlmSettings } from '../profiles/pipeline.ts';
import { cancellable } from './cancel.ts';
import { Circuit } from './circuit.ts';
import { answerLimit, packBatches, readBatch, renderBatch, schemaOf, type Fault, type Found } from './batch.ts';
import type { Answer, Llm, Task } from './llm.ts';
import { Meter } from './meter.ts';
import type { Model } from './model.ts';
import { ContextTooLong, ModelError, UnfitAnswer } from './model-error.ts';
import { answerByRules, rules } from './rules.ts';

/**
 * Who reads the text: the model when there is one and the profile names which of a server's it is, else rules. A server that
 * does not answer yet is asked again later; `report` hears who reads, and why it is rules where a model was expected.
 */
export async function openReader(
  model: Model | null,
  { generate }: Pick<LlmSettings, 'generate'>,
  report: (line: string) => void,
): Promise<Llm> {
  if (model === null) return rules;
  if (generate === null) {
    report('Rules read the text: Ollama is configured, but no model is (OLLAMA_MODEL, or pipeline.llm.generate)');
    return rules;
  }
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
  const told = new Set<string>();
  const tellOnce = (line: string) => {
    if (!told.has(line)) report(line);
    told.add(line);
  };
  // Beside the model's own bound: the circuit must know of a failure before the next texts are sent.
  const turns = bulkhead(model.parallel, Number.POSITIVE_INFINITY);
  return {
    asks: true,
    sign: (task) => (circuit.resting ? Promise.resolve(null) : unlessModelFails(() => identify(model, task))),
    answerMany: async (task, inputs, signal, meter = new Meter()) => {
      const asking = { model, circuit, meter, signal, tellOnce };
      const batches = packBatches(task, inputs, model.room).map((batch) =>
        turns.execute(() => {
          signal.throwIfAborted();
          return answerBatch(asking, task, batch);
        }),
      );
      return (await Promise.all(batches)).flat();
    },
  };
}

interface Asking {
  readonly model: Model;
  readonly circuit: Circuit;
  readonly meter: Meter;
  readonly signal: AbortSignal;
  readonly tellOnce: (line: string) => void;
}

/** Answers of a model with their signature, faults; null where no model was asked, or none answered. */
type Said<Asked> = (Found<Asked> & { readonly madeBy: string }) | null;

async function answerBatch<In, Out, Asked>(
  asking: Asking,
  task: Task<In, Out, Asked>,
  inputs: readonly In[],
): Promise<Answer<Out>[]> {
  const standIns: (readonly [In, Answer<Out>])[] = [];
  for (const input of inputs) {
    // Between two texts that rules read, other work gets its turn.
    await setImmediate();
    standIns.push([input, answerByRules(task, input)]);
  }
  const said = await askBatch(asking, task, inputs);
  if (said.every((answer) => answer !== null && !('asked' in answer))) {
    const { name, model } = task;
    asking.tellOnce(
      `Ollama: of a whole prompt's answers about ${name} none could be used, also when asked once more; rules stand in. If that ` +
        `goes on (model_unfit in processing_metrics), the model is not up to it: name another one as pipeline.llm.${model}.`,
    );
  }
  return standIns.map(([input, standIn], index) => {
    const answer = said[index] ?? null;
    if (answer === null) return standIn;
    if (!('asked' in answer)) return { ...standIn, unfit: true };
    const value = task.answer.parse(task.reconcile(answer.asked, standIn.value, input));
    return { value, madeBy: answer.madeBy };
  });
}

/** Asks about a batch, once more about what was not answered as it should be; halves a batch that proves too long. */
async function askBatch<In, Out, Asked>(
  asking: Asking,
  task: Task<In, Out, Asked>,
  inputs: readonly In[],
): Promise<Said<Asked>[]> {
  const first = await askOnce(asking, task, inputs);
  if (first === 'too long') {
    if (inputs.length === 1) return [{ problem: 'too long', madeBy: '' }];
    const middle = Math.ceil(inputs.length / 2);
    const halves = [inputs.slice(0, middle), inputs.slice(middle)];
    const said = [];
    // One after the other: the first may use up the budget, or find the model gone.
    for (const half of halves) said.push(await askBatch(asking, task, half));
    return said.flat();
  }
  return repair(asking, task, inputs, first);
}

async function repair<In, Out, Asked>(
  asking: Asking,
  task: Task<In, Out, Asked>,
  inputs: readonly In[],
  first: readonly Said<Asked>[],
): Promise<Said<Asked>[]> {
  const wrong = inputs.flatMap((input, index) => {
    const said = first[index] ?? null;
    return said === null || 'asked' in said ? [] : [{ input, index, said }];
  });
  if (wrong.length === 0) return [...first];
  const again = wrong.map(({ input }) => input);
  const faults = wrong.map(({ said }) => said);
  const second = await askOnce(asking, task, again, faults);
  const mended = new Map(
    wrong.map(({ index, said }, at) => [index, second === 'too long' ? said : (second[at] ?? null)]),
  );
  return first.map((said, index) => (mended.has(index) ? (mended.get(index) ?? null) : said));
}

async function askOnce<In, Out, Asked>(
  { model, circuit, meter, signal }: Asking,
  task: Task<In, Out, Asked>,
  inputs: readonly In[],
  faults: readonly Fault[] = [],
): Promise<Said<Asked>[] | 'too long'> {
  const nothing = inputs.map(() => null);
  if (meter.exhausted) return nothing;
  const prompt = renderBatch(task, inputs, faults);
  const num_predict = answerLimit(task, prompt, inputs.length, model.room);
  const schema = schemaOf(task, inputs.length);
  try {
    const said = await circuit.run(inputs.length, async () => {
      const identity = await cancellable(model.identify(task.model), signal);
      // Asked once more: those that waited for the same answer with this one may have taken what was left.
      if (meter.exhausted) return null;
      const options = { model: identity.slice(0, identity.lastIndexOf('@')), temperature: 0, num_predict };
      const { text } = await meter.measure(() => model.generate({ prompt, schema, options }, signal));
      return { text, madeBy: sign(identity, task) };
    });
    if (said === null) return nothing;
    return readBatch(task, inputs, said.text).map((found) => ({ ...found, madeBy: said.madeBy }));
  } catch (error) {
    if (error instanceof ContextTooLong) return 'too long';
    if (error instanceof UnfitAnswer) return inputs.map(() => ({ problem: 'it was broken off', madeBy: '' }));
    if (error instanceof ModelError) return nothing;
    throw error;
  }
}

async function identify<In, Out, Asked>(model: Model, task: Task<In, Out, Asked>): Promise<string> {
  return sign(await model.identify(task.model), task);
}

const sign = (identity: string, { name, version }: { readonly name: string; readonly version: number }) =>
  `ollama:${identity}#${name}.${String(version)}`;

async function unlessModelFails<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}
