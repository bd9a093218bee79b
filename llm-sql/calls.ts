import { createHash } from 'node:crypto';
import { z } from 'zod';
import { cancellable } from '../llm/cancel.ts';
import type { EmbeddingModel, GenerateRequest, Model, ModelOptions } from '../llm/model.ts';
import { ConfigurationError, messageOf } from '../memory/errors.ts';

/** Who is asked: null is not there. */
export interface Models {
  /** Generates. */
  readonly model: Model | null;
  readonly embedding: EmbeddingModel | null;
}

/** One call of an LLM function as it stands in SQL: texts, not yet looked into. */
export interface Call {
  readonly name: 'llm_generate' | 'llm_generate_json' | 'llm_embed';
  readonly prompt: string;
  /** A JSON Schema; of `llm_generate_json` alone. */
  readonly schema: string | null;
  /** A JSON object; null when none were given. */
  readonly options: string | null;
}

/** A call that was looked into: what to ask, and under which key its answer is kept. */
export interface Question {
  readonly call: Call;
  readonly request: GenerateRequest;
  /** Whether it comes to NULL where it has no usable answer; else it fails. Not in the key: a good answer is the same for both. */
  readonly nullable: boolean;
  /** Name and digest of the model. */
  readonly model: string;
  readonly key: string;
}

/** The same question has the same answer, on every pass and every night. */
const DEFAULTS = { temperature: 0, seed: 0 };

const optionsSchema = z.strictObject({
  model: z.string().min(1).optional(),
  temperature: z.number().min(0).optional(),
  seed: z.int().optional(),
  // Ollama's own: -1 is without end, -2 fills the context.
  num_predict: z.int().min(-2).optional(),
  num_ctx: z.int().min(1).optional(),
  keep_alive: z.union([z.string().min(1), z.number()]).optional(),
  // As pipeline.llm.timeout: fetch gives up by itself when no answer has begun after 300 s.
  timeout: z.number().positive().max(290, 'must be at most 290').optional(),
  // Ours, and not the model's.
  on_error: z.enum(['fail', 'null']).optional(),
});

/**
 * Looks into calls: what each asks for, with temperature and seed fixed at 0 unless its options say otherwise, and the key of
 * its answer.
 * @throws ConfigurationError naming the function and what is wrong: nobody to ask, an unknown option, a schema that is not JSON;
 * what the model throws when it cannot say which it is; the signal's reason
 */
export async function readCalls(
  { model, embedding }: Models,
  calls: readonly Call[],
  signal: AbortSignal,
): Promise<Question[]> {
  const requests = calls.map((call) => ({ call, read: readCall(call) }));
  const identities = new Map<string, Promise<string>>();
  const identify = (call: Call, name: string | undefined) => {
    const role = call.name === 'llm_embed' ? 'embed' : 'generate';
    const known =
      identities.get(`${role} ${name ?? ''}`) ??
      (role === 'embed' ? required(embedding, call).identify(role) : required(model, call).identify(role, name));
    identities.set(`${role} ${name ?? ''}`, known);
    return known;
  };
  const questions = requests.map(async ({ call, read }) => {
    const { request } = read;
    const identity = await identify(call, request.options.model);
    return { call, ...read, model: identity, key: keyOf(call.name, request, { identity, room: model?.room ?? 0 }) };
  });
  return cancellable(Promise.all(questions), signal);
}

function required<T>(model: T | null, { name }: Call): T {
  if (model !== null) return model;
  const inProcess = name === 'llm_embed' ? ', or take pipeline.llm.embed: null out of the profile' : '';
  throw new ConfigurationError(
    `${name}: there is no model to ask. Set OLLAMA_URL, or pipeline.llm.url in the profile, to the address of an Ollama such as ` +
      `http://127.0.0.1:11434${inProcess}.`,
  );
}

function readCall(call: Call): Pick<Question, 'request' | 'nullable'> {
  const schema = call.schema === null ? {} : { schema: JSON.stringify(readSchema(call, call.schema)) };
  const { on_error = 'fail', ...options } = readOptions(call);
  return {
    request: { prompt: call.prompt, options: { ...DEFAULTS, ...options }, ...schema },
    nullable: on_error === 'null',
  };
}

/**
 * Under what an answer is kept: all that it depends on. Where no num_predict is given, the model derives it from num_ctx, and
 * that is the model's room unless given. How long a model stays loaded and is waited for change no answer.
 */
export function keyOf(
  asker: string,
  { prompt, schema, options }: GenerateRequest,
  { identity, room }: { readonly identity: string; readonly room: number },
): string {
  const { temperature, seed, num_predict, num_ctx = room } = options;
  const sampling = [schema ?? null, temperature, seed, num_predict ?? null, num_ctx];
  const parts = [asker, identity, prompt, ...(asker === 'llm_embed' ? [] : sampling)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** An error about a call. It gives the prompt's length alone: a memory's text has no place in a log or a history. */
export function describeCall({ name, prompt }: Call): string {
  return `${name} (prompt of ${String(prompt.length)} ${prompt.length === 1 ? 'character' : 'characters'})`;
}

type Options = ModelOptions & Pick<z.infer<typeof optionsSchema>, 'on_error'>;

function readOptions(call: Call): Options {
  if (call.options === null) return {};
  const value = parse(call, 'options', call.options);
  const result = optionsSchema.safeParse(value);
  if (result.success) return withoutAbsent(result.data);
  const known = Object.keys(optionsSchema.shape).join(', ');
  const problems = result.error.issues.map(({ path, message }) => `${path.map(String).join('.')} ${message}`.trim());
  throw fault(call, `options: ${problems.join('; ')} (an object of ${known}; got ${call.options.slice(0, 200)})`);
}

function withoutAbsent(options: z.infer<typeof optionsSchema>): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function readSchema(call: Call, text: string): object {
  const schema = parse(call, 'schema', text);
  if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema;
  throw fault(call, `schema: expected a JSON Schema such as {"type": "object"}, got ${text.slice(0, 200)}`);
}

function parse(call: Call, what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw fault(call, `${what}: expected JSON, got ${text.slice(0, 200)} (${messageOf(error)})`);
  }
}

function fault(call: Call, problem: string): ConfigurationError {
  return new ConfigurationError(`${describeCall(call)}: ${problem}`);
}
