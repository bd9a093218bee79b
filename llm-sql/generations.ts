import { parse, stringify } from 'lossless-json';
import type { Generation, Model } from '../llm/model.ts';
import { ContextTooLong, ModelRefused, UnfitAnswer, type ModelError } from '../llm/model-error.ts';
import { ConfigurationError } from '../memory/errors.ts';
import type { Job, Outcome } from './outcome.ts';
import { describeCall, type Question } from './calls.ts';
import { SchemaChecker, type Check } from './json-schema.ts';
import type { Miss } from './meter.ts';
import { generateChecked, type CheckedRequest } from './repair.ts';

/** A request for each question that is answered by a text. @throws ConfigurationError for a schema that is none */
export async function listGenerations(
  model: Model,
  questions: readonly Question[],
  { answered, passOver }: Outcome,
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
      answered(
        { key: question.key, model: question.model, value: text.toWellFormed(), promptTokens, answerTokens },
        cutAt,
      );
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

async function generateText(
  request: Omit<CheckedRequest, 'check'>,
  check: Check | null,
  question: Question,
): Promise<string> {
  if (check === null) {
    const said = await request.model.generate(question.request, request.signal);
    request.spent(said);
    return said.text;
  }
  const { text, problem } = await generateChecked({ ...request, check }, question.request);
  if (problem === null) return keepLastKeys(text);
  throw new UnfitAnswer(
    `${describeCall(question.call)}: the answer of ${question.model} does not fit the schema, neither at once nor when it ` +
      `was told why: ${problem}. Say in the prompt what is wanted, loosen the schema, or name another model in the options.`,
  );
}

/**
 * What was checked and nothing else: of a key that stands twice the check sees the last, and DuckDB would see the first. The
 * numbers stay as they were written: JavaScript would round those of more than 15 digits.
 */
function keepLastKeys(json: string): string {
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
