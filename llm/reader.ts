import pLimit, { type LimitFunction } from 'p-limit';
import { halvesOf } from '../memory/halves.ts';
import type { LlmSettings } from '../profiles/pipeline.ts';
import { cancellable } from './cancel.ts';
import { Circuit } from './circuit.ts';
import {
  answerLimit,
  packBatches,
  readBatch,
  renderBatch,
  schemaOf,
  type Fault,
  type Found,
  type Item,
} from './batch.ts';
import type { Answer, Reader, Task } from './task.ts';
import { Meter } from './meter.ts';
import type { Model } from './model.ts';
import { ContextTooLong, ModelError, ModelNotFound, UnfitAnswer } from './model-error.ts';
import { answerByRules, rules } from './rules.ts';

/**
 * Who reads the text: the model when there is one and the profile names which of a server's it is, else rules. A server that
 * does not answer yet is asked again later; `report` hears who reads, and why it is rules where a model was expected.
 */
export async function openReader(
  model: Model | null,
  { generate }: Pick<LlmSettings, 'generate'>,
  report: (line: string) => void,
): Promise<Reader> {
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
    const line = describeMissing(error);
    report(line);
    return createReader(model, report, [line]);
  }
  return createReader(model, report);
}

/**
 * A model as a reader of text: what it answers is parsed, checked, repaired once and held in the task's bounds. Where that
 * fails, or the model does, the rules' answer is the fallback and says so: a failing model costs quality, never a memory. `heard` is
 * what `report` was told already.
 * @internal for its tests
 */
export function createReader(model: Model, report: (line: string) => void, heard: readonly string[] = []): Reader {
  const circuit = new Circuit(report);
  const told = new Set(heard);
  const tellOnce = (line: string) => {
    if (!told.has(line)) report(line);
    told.add(line);
  };
  // Beside the model's own bound: the circuit must know of a failure before the next texts are sent.
  const turns = pLimit(model.parallel);
  return {
    asks: true,
    sign: (task) => (circuit.resting ? Promise.resolve(null) : unlessModelFails(() => identify(model, task))),
    answerMany: async (task, inputs, signal, meter = new Meter()) => {
      const visit = { model, circuit, turns, meter, signal, tellOnce };
      const [fallbacks, said] = await Promise.all([
        rules.answerMany(task, inputs, signal),
        askTwice(
          visit,
          task,
          inputs.map((input) => ({ input })),
        ),
      ]);
      if (said.length > 0 && said.every(isUseless)) tellOnce(describeUseless(task));
      return inputs.map((input, index) => choose(task, input, fallbacks[index], said[index] ?? null));
    },
  };
}

/** One call of `answerMany`: what it asks, and on which account. */
interface Visit {
  readonly model: Model;
  readonly circuit: Circuit;
  readonly turns: LimitFunction;
  readonly meter: Meter;
  readonly signal: AbortSignal;
  readonly tellOnce: (line: string) => void;
}

/** Answers of a model with their signature, faults; null where no model was asked, or none answered. */
type Said<Asked> = (Found<Asked> & { readonly madeBy: string }) | null;

/** Of a single text; asking once more would take a still longer prompt. */
const TOO_LONG = 'too long';

const isFault = <Asked>(said: Said<Asked>): said is Fault & { readonly madeBy: string } =>
  said !== null && !('asked' in said);

/** Of no use though the text could be asked about. */
const isUseless = <Asked>(said: Said<Asked>) => isFault(said) && said.problem !== TOO_LONG;

const describeUseless = ({ name, role }: Pick<Task<never, never, never>, 'name' | 'role'>) =>
  `Ollama: no answer about ${name} could be used, also when asked once more; falling back to rules. If that goes on ` +
  `(model_unfit in processing_metrics), the model is not up to it: name another one as pipeline.llm.${role}.`;

const describeMissing = ({ message }: ModelError) => `${message}. Rules read the text until it can.`;

/** What is kept of a text's answers. */
function choose<In, Out, Asked>(
  task: Task<In, Out, Asked>,
  input: In,
  fallback: Answer<Out> | undefined,
  said: Said<Asked>,
): Answer<Out> {
  const byRules = fallback ?? answerByRules(task, input);
  if (said === null) return byRules;
  if (isFault(said)) return { ...byRules, unfit: true };
  return { value: task.answer.parse(task.reconcile(said.asked, byRules.value, input)), madeBy: said.madeBy };
}

/**
 * Asks about all, then once more about what was not answered as it should be. The second time they share prompts, from
 * whichever they came: a wrong answer in every prompt would else double the calls.
 */
async function askTwice<In, Out, Asked>(
  visit: Visit,
  task: Task<In, Out, Asked>,
  items: readonly Item<In>[],
): Promise<Said<Asked>[]> {
  const first = await askAll(visit, task, items);
  const wrong = items.flatMap((item, index) => {
    const said = first[index] ?? null;
    return isFault(said) && isUseless(said) ? [{ index, item: { ...item, fault: said } }] : [];
  });
  if (wrong.length === 0) return first;
  const second = await askAll(
    visit,
    task,
    wrong.map(({ item }) => item),
  );
  const mended = new Map(wrong.map(({ index }, at) => [index, second[at] ?? null]));
  return first.map((said, index) => {
    const again = mended.get(index);
    // Null is that nobody could be asked once more: the text is not unfit then, and waits for another night.
    return again === undefined ? said : again;
  });
}

/** Asks about all, many in a prompt, as many prompts at once as the model takes. */
async function askAll<In, Out, Asked>(
  visit: Visit,
  task: Task<In, Out, Asked>,
  items: readonly Item<In>[],
): Promise<Said<Asked>[]> {
  const batches = packBatches(task, items, visit.model.room).map((batch) =>
    visit.turns(() => {
      visit.signal.throwIfAborted();
      return askBatch(visit, task, batch);
    }),
  );
  return (await Promise.all(batches)).flat();
}

/** Asks about a batch; halves one that proves too long. */
async function askBatch<In, Out, Asked>(
  visit: Visit,
  task: Task<In, Out, Asked>,
  items: readonly Item<In>[],
): Promise<Said<Asked>[]> {
  const said = await askOnce(visit, task, items);
  if (said !== TOO_LONG) return said;
  if (items.length === 1) return [{ problem: TOO_LONG, madeBy: '' }];
  const answers = [];
  // One after the other: the first may use up the budget, or find the model gone.
  for (const half of halvesOf(items)) answers.push(await askBatch(visit, task, half));
  return answers.flat();
}

async function askOnce<In, Out, Asked>(
  { model, circuit, meter, signal, tellOnce }: Visit,
  task: Task<In, Out, Asked>,
  items: readonly Item<In>[],
): Promise<Said<Asked>[] | typeof TOO_LONG> {
  const nothing = items.map(() => null);
  if (meter.exhausted) return nothing;
  const prompt = renderBatch(task, items);
  const num_predict = answerLimit(task, prompt, items.length, model.room);
  const schema = schemaOf(task, items.length);
  try {
    const said = await circuit.run(items.length, signal, async () => {
      const identity = await cancellable(model.identify(task.role), signal);
      // Asked once more: those that waited for the same answer with this one may have taken what was left.
      if (meter.exhausted) return null;
      const options = { model: identity.slice(0, identity.lastIndexOf('@')), temperature: 0, num_predict };
      const { text } = await meter.measure(() => model.generate({ prompt, schema, options }, signal));
      return { text, madeBy: sign(identity, task) };
    });
    if (said === null) return nothing;
    return readBatch(task, items, said.text).map((found) => ({ ...found, madeBy: said.madeBy }));
  } catch (error) {
    if (error instanceof ContextTooLong) return TOO_LONG;
    if (error instanceof UnfitAnswer) {
      if (error.broken === '') tellOnce(`${error.message}. Falling back to rules.`);
      return items.map(() => ({ problem: error.problem, madeBy: '' }));
    }
    // Of other failures the circuit tells.
    if (error instanceof ModelNotFound) tellOnce(describeMissing(error));
    if (error instanceof ModelError) return nothing;
    throw error;
  }
}

async function identify<In, Out, Asked>(model: Model, task: Task<In, Out, Asked>): Promise<string> {
  return sign(await model.identify(task.role), task);
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
