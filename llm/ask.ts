import { setMaxListeners } from 'node:events';
import { parse, stringify } from 'lossless-json';
import { ConfigurationError, ServiceError } from '../memory/errors.ts';
import { describeCall, type Question } from './calls.ts';
import { BATCH, isFiniteVector } from './embedding.ts';
import { SchemaChecker, type Check } from './json-schema.ts';
import { isStillEmbedder, type Generation, type Model } from './model.ts';
import { ContextTooLong, ModelRefused, UnfitAnswer, type ModelError } from './model-error.ts';
import { generateChecked, type Asking } from './repair.ts';

/** What a question was answered with: a text, or for `llm_embed` a vector. */
export interface Answer {
  readonly key: string;
  readonly model: string;
  readonly value: string | readonly number[];
  readonly promptTokens: number;
  readonly answerTokens: number;
}

/** Hears how each question came out. */
export interface Outcome {
  /** `cutAt`: the tokens after which the answer ends unfinished, though its call names no num_predict. */
  readonly settle: (answer: Answer, cutAt?: number) => void;
  /** Of a question that may come to NULL: it has no usable answer. */
  readonly passOver: (question: Question, why: Miss, error: ModelError) => void;
}

/** Why a question by itself has no answer: its answer, or its prompt. Anything else is about the server, and every other one. */
export type Miss = 'unfit' | 'empty' | 'too long' | 'refused';

type Job = (signal: AbortSignal) => Promise<void>;

/**
 * Asks a model, as many questions at once as it takes, and hands over each answer as it comes. One that does not fit its
 * schema is asked for once more, with the reason; nothing stands in for a second one, for NULL, or a guess, would be an
 * answer that nobody gave. After the first failure nothing new is asked, what is under way may end (it is paid for), and
 * that failure is thrown; but a question that may come to NULL, and has no answer for a reason of its own, is passed over, and the
 * others are asked. An aborted signal is not waited for.
 * @throws what the model throws, as it is; UnfitAnswer when the second answer does not fit either; ConfigurationError for a
 * schema that is none; the signal's reason
 */
export async function askModel(
  model: Model,
  questions: readonly Question[],
  outcome: Outcome,
  signal: AbortSignal,
): Promise<void> {
  const jobs = [...(await listGenerations(model, questions, outcome)), ...listEmbeddings(model, questions, outcome)];
  const own = new AbortController();
  // Every call under way listens to it; Node takes more than ten listeners for a leak.
  setMaxListeners(0, own.signal);
  await untilAborted(signal, own, runJobs(jobs, model.parallel, own.signal));
}

async function listGenerations(
  model: Model,
  questions: readonly Question[],
  { settle, passOver }: Outcome,
): Promise<Job[]> {
  const asked = questions.filter(({ call }) => call.name !== 'llm_embed');
  const checker = asked.some(({ request }) => request.schema !== undefined) ? await SchemaChecker.load() : null;
  // Compiled before anything is asked: a schema that is none costs nothing.
  return asked
    .map((question) => [question, checker === null ? null : compile(checker, question)] as const)
    .map(([question, check]) => async (signal) => {
      const said: Generation[] = [];
      const spent = (one: Generation) => void said.push(one);
      const text = await unlessMissed(question, passOver, () =>
        generateText({ model, spent, signal }, check, question),
      );
      if (text === null) return;
      const sum = (tokens: 'promptTokens' | 'answerTokens') => said.reduce((total, one) => total + one[tokens], 0);
      const [promptTokens, answerTokens] = [sum('promptTokens'), sum('answerTokens')];
      const cutAt = question.request.options.num_predict === undefined ? cutOf(said.at(-1)) : undefined;
      settle({ ...head(question), value: text.toWellFormed(), promptTokens, answerTokens }, cutAt);
    });
}

/** What `generate` gives; null when the question may come to NULL and does. */
async function unlessMissed(
  question: Question,
  passOver: Outcome['passOver'],
  generate: () => Promise<string>,
): Promise<string | null> {
  try {
    return await generate();
  } catch (error) {
    const why = question.nullable ? findMiss(error, question) : null;
    if (why === null) throw error;
    passOver(question, why, error as ModelError);
    return null;
  }
}

function findMiss(error: unknown, { request }: Question): Miss | null {
  if (error instanceof ContextTooLong) return 'too long';
  if (error instanceof UnfitAnswer) return request.schema === undefined ? 'empty' : 'unfit';
  return error instanceof ModelRefused && error.ofPrompt ? 'refused' : null;
}

const cutOf = (said: Generation | undefined) => (said?.cut ? said.answerTokens : undefined);

async function generateText(asking: Omit<Asking, 'check'>, check: Check | null, question: Question): Promise<string> {
  if (check === null) {
    const said = await asking.model.generate(question.request, asking.signal);
    asking.spent(said);
    return said.text;
  }
  const { text, problem } = await generateChecked({ ...asking, check }, question.request);
  if (problem === null) return settleKeys(text);
  throw new UnfitAnswer(
    `${describeCall(question.call)}: the answer of ${question.model} does not fit the schema, neither at once nor when it ` +
      `was told why: ${problem}. Say in the prompt what is wanted, loosen the schema, or name another model in the options.`,
  );
}

/**
 * What was checked and nothing else: of a key that stands twice the check sees the last, and DuckDB would see the first. The
 * numbers stay as they were written: JavaScript would round those of more than 15 digits.
 */
function settleKeys(json: string): string {
  const value = parse(json, null, { onDuplicateKey: ({ newValue }) => newValue });
  return stringify(value) ?? json;
}

function compile(checker: SchemaChecker, { call, request: { schema } }: Question): Check | null {
  if (schema === undefined) return null;
  try {
    return checker.compile(schema);
  } catch (error) {
    throw new ConfigurationError(
      `${describeCall(call)}: schema: expected a JSON Schema, got ${schema.slice(0, 200)} (${String(error)})`,
    );
  }
}

function listEmbeddings(model: Model, questions: readonly Question[], { settle }: Outcome): Job[] {
  const asked = questions.filter(({ call }) => call.name === 'llm_embed');
  const batches = Array.from({ length: Math.ceil(asked.length / BATCH) }, (_, index) =>
    asked.slice(index * BATCH, (index + 1) * BATCH),
  );
  return batches.map((batch) => async (signal) => {
    const vectors = await embedBatch(model, batch, signal);
    const embedded = batch.map((question, index) => ({ question, vector: vectors[index] ?? new Float32Array() }));
    for (const { question, vector } of embedded.filter(({ vector }) => isFiniteVector(vector)))
      settle({ ...head(question), value: Array.from(vector), promptTokens: 0, answerTokens: 0 });
    const unfit = embedded.find(({ vector }) => !isFiniteVector(vector))?.question;
    if (unfit !== undefined)
      throw new UnfitAnswer(
        `${describeCall(unfit.call)}: the vector of ${unfit.model} has a number that no FLOAT can hold, so it can be compared ` +
          `with none. Leave that text out, or name another model.`,
      );
  });
}

/** The model whose vectors for one statement are of two lengths, and what is to be said of it; null when they can be compared. */
export function findUneven(
  questions: readonly Question[],
  values: readonly (Answer['value'] | null)[],
): { readonly model: string; readonly error: UnfitAnswer } | null {
  const lengths = new Set(values.flatMap((value) => (typeof value === 'object' && value !== null ? value.length : [])));
  const model = questions.find(({ call }) => call.name === 'llm_embed')?.model;
  if (lengths.size < 2 || model === undefined) return null;
  const numbers = [...lengths].sort((a, b) => a - b).join(' and ');
  const error = new UnfitAnswer(
    `llm_embed: ${model} gave vectors of ${numbers} numbers in one statement, and they cannot be compared. Its kept vectors are ` +
      `given up. Look whether one server with one model answers under that address and name, then run the statement again, or ` +
      `name another model (OLLAMA_EMBED_MODEL, pipeline.llm.embed)`,
  );
  return { model, error };
}

/** @throws ServiceError when it is not certain that the model whose vectors are wanted has made them */
async function embedBatch(
  model: Model,
  batch: readonly Question[],
  signal: AbortSignal,
): Promise<readonly Float32Array[]> {
  const identity = batch[0]?.model ?? '';
  const vectors = await model.embed(
    batch.map(({ call }) => call.prompt),
    signal,
  );
  if (vectors.length !== batch.length)
    throw new ServiceError(
      `llm_embed: expected ${String(batch.length)} vectors of ${identity}, got ${String(vectors.length)}`,
    );
  // For each batch, so that what is kept is certain whenever the statement ends: two small requests for 32 texts.
  const isStill = await isStillEmbedder(model, identity);
  signal.throwIfAborted();
  if (isStill) return vectors;
  throw new ServiceError(
    `llm_embed: ${identity} has been replaced on its server meanwhile, and the vectors of two models cannot be compared: run ` +
      `the statement again`,
  );
}

const head = ({ key, model }: Question) => ({ key, model });

async function runJobs(jobs: readonly Job[], parallel: number, signal: AbortSignal): Promise<void> {
  const queue = jobs.values();
  const failures: unknown[] = [];
  const work = async () => {
    // The lanes share one iterator: each job is taken once.
    for (const job of queue) {
      if (failures.length > 0 || signal.aborted) return;
      await job(signal).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, jobs.length) }, work));
  if (failures.length > 0) throw failures[0];
}

/** Passes an abort on to the calls and ends at once, also when one of them does not listen. */
async function untilAborted(signal: AbortSignal, own: AbortController, work: Promise<void>): Promise<void> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      own.abort(signal.reason);
      reject(signal.reason as Error);
    };
  });
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
    // Whichever of the two comes second has nobody left to tell.
    work.catch(() => undefined);
  }
}
