import pLimit from 'p-limit';
import type { EmbedRequest, GenerateRequest as OllamaRequest, Ollama } from 'ollama';
import { z } from 'zod';
import { ConfigurationError } from '../memory/errors.ts';
import { parseServer, type Server } from '../memory/server-address.ts';
import type { LlmSettings } from '../profiles/pipeline.ts';
import { cancellable } from './cancel.ts';
import { embedWhole } from './embedding.ts';
import type { Generation, GenerateRequest, Model, ModelRole } from './model.ts';
import { ContextTooLong, ModelNotFound, ModelRefused, UnfitAnswer } from './model-error.ts';
import { ask, findModel, listModels, odd, showModel } from './server.ts';
import { withoutThinking } from './thinking.ts';
import { excerpt, type CallBounds } from './transport.ts';

const generated = z.object({
  response: z.string(),
  /** What a model thought, where the server takes that out of its answer. */
  thinking: z.string().default(''),
  done: z.boolean(),
  done_reason: z.string().optional(),
  // Absent when nothing was counted: an empty prompt, a prompt that was still in the server's cache.
  prompt_eval_count: z.int().default(0),
  eval_count: z.int().default(0),
});
const embedded = z.object({ embeddings: z.array(z.array(z.number()).min(1)) });

interface Details {
  readonly digest: string;
  /** Tokens that the model can see at most; null when the server does not say. */
  readonly contextLength: number | null;
}

/** Seconds for which a model's digest is believed: `ollama pull` may bring another one under the same name. */
const BELIEVED = 30;
/** No tokenizer known makes fewer tokens of prose than one for six bytes; what is longer cannot fit. */
const BYTES_PER_TOKEN = 6;

/** What a server is asked for; keeping its answers is somebody else's. */
type ServerSettings = Omit<LlmSettings, 'cache'>;

/**
 * Ollama as a model. It never retries; `parallel` calls are under way at once, the others wait their turn. `lifetime` ends what
 * no call can cancel by itself, because others may wait for it: the question which models there are.
 * @throws ConfigurationError when the profile names no address
 */
export function openOllama(settings: ServerSettings, lifetime: AbortSignal = new AbortController().signal): Model {
  if (settings.url === null)
    throw new ConfigurationError('no Ollama is configured: set OLLAMA_URL, or pipeline.llm.url in profiles.yml');
  return new OllamaModel(settings, parseServer(settings.url), lifetime);
}

class OllamaModel implements Model {
  readonly runner = 'Ollama';
  readonly parallel: number;
  readonly room: number;
  readonly #settings: ServerSettings;
  readonly #server: Server;
  readonly #lifetime: AbortSignal;
  readonly #turns;
  /** Models that are refused for being asked not to think. */
  readonly #unbidden = new Set<string>();
  readonly #details = new Map<string, { readonly until: number; readonly answer: Promise<Details> }>();

  constructor(settings: ServerSettings, server: Server, lifetime: AbortSignal) {
    this.parallel = settings.parallel;
    this.room = settings.num_ctx;
    this.#settings = settings;
    this.#server = server;
    this.#lifetime = lifetime;
    this.#turns = pLimit(settings.parallel);
  }

  async identify(role: ModelRole, model = this.#named(role), { fresh = false } = {}): Promise<string> {
    if (fresh) this.#details.delete(model);
    const { digest } = await this.#describe(model);
    return `${model}@${digest.slice(0, 12)}`;
  }

  async generate({ prompt, schema, options }: GenerateRequest, signal: AbortSignal): Promise<Generation> {
    const { model = this.#named('generate'), timeout = this.#settings.timeout, keep_alive, ...sampling } = options;
    const { contextLength } = await cancellable(this.#describe(model), signal);
    const room = Math.min(sampling.num_ctx ?? this.#settings.num_ctx, contextLength ?? Number.POSITIVE_INFINITY);
    const bytes = Buffer.byteLength(prompt);
    if (bytes > room * BYTES_PER_TOKEN) throw this.#tooLong(model, `${String(bytes)} bytes of prompt`, room);
    const request: OllamaRequest = {
      ...{ model, prompt },
      ...(schema === undefined ? {} : { format: parseSchema(schema) }),
      ...(keep_alive === undefined ? {} : { keep_alive }),
      // Without a limit a model may ramble until the context is full, and the server then drops the prompt's beginning.
      options: { num_predict: Math.floor(room / 4), ...sampling, num_ctx: room },
    };
    const limit = options.timeout === undefined ? 'pipeline.llm.timeout' : 'the option timeout';
    const call: CallBounds = { model, timeout, limit, signal };
    const { response, thinking, done, done_reason, ...counts } = await this.#askWithoutThinking(call, request);
    const { prompt_eval_count: promptTokens, eval_count: answerTokens } = counts;
    // So it ends an answer that says the same token thirty times in a row.
    const spent = { promptTokens, answerTokens };
    if (!done) {
      const message =
        `${model} at ${this.#server.origin} broke off its answer: ${excerpt(response)} (the server ends an answer that repeats ` +
        'itself: another temperature, a smaller num_predict or another model helps)';
      throw Object.assign(new UnfitAnswer(message, response), { spent });
    }
    // The server cuts what does not fit and says nothing; its counts tell.
    if (promptTokens >= room || promptTokens + answerTokens > room) {
      const took = `${String(promptTokens)} tokens of prompt, ${String(answerTokens)} of answer`;
      throw Object.assign(this.#tooLong(model, took, room), { spent });
    }
    const text = withoutThinking(response);
    const cut = done_reason === 'length';
    // To an empty prompt the server answers nothing, and that is right.
    if (prompt !== '' && text.trim() === '') {
      const thought = (thinking + response).trim() !== '';
      throw Object.assign(this.#empty(model, explainEmpty({ thought, cut, answerTokens })), { spent });
    }
    return { text, ...spent, ...(cut && { cut }) };
  }

  /** Thinking takes tokens and time that nobody asked for; but some models are refused for being asked not to. */
  async #askWithoutThinking(call: CallBounds, request: OllamaRequest): Promise<z.infer<typeof generated>> {
    const { model } = call;
    const think = this.#unbidden.has(model) ? {} : { think: false };
    try {
      return await this.#ask(call, generated, (client) => client.generate({ ...request, ...think, stream: false }));
    } catch (error) {
      if (!(error instanceof ModelRefused && 'think' in think && /\bthink/i.test(error.message))) throw error;
      this.#unbidden.add(model);
      return this.#askWithoutThinking(call, request);
    }
  }

  async embed(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]> {
    const model = this.#named('embed');
    const call: CallBounds = { model, timeout: this.#settings.timeout, limit: 'pipeline.llm.timeout', signal };
    return embedWhole(texts, async (input) => {
      const request: EmbedRequest = { model, input: [...input], truncate: false };
      const { embeddings } = await this.#ask(call, embedded, (client) => client.embed(request));
      if (embeddings.length !== input.length)
        throw odd(this.#server, `${String(embeddings.length)} vectors for ${String(input.length)} texts`);
      return embeddings.map((vector) => Float32Array.from(vector));
    });
  }

  #named(role: ModelRole): string {
    const model = this.#settings[role];
    if (model !== null) return model;
    const variable = role === 'embed' ? 'OLLAMA_EMBED_MODEL' : 'OLLAMA_MODEL';
    throw new ConfigurationError(`no model is named for ${role}: set ${variable}, or pipeline.llm.${role}`);
  }

  /** What the server knows of a model; asked again after half a minute, and after a failure. */
  #describe(model: string): Promise<Details> {
    const known = this.#details.get(model);
    if (known && Date.now() < known.until) return known.answer;
    const answer = this.#inspect(model);
    this.#details.set(model, { until: Date.now() + BELIEVED * 1000, answer });
    answer.catch(() => this.#details.delete(model));
    return answer;
  }

  async #inspect(model: string): Promise<Details> {
    // Shared by all who ask meanwhile, so none of them may cancel it.
    const bounds = { signal: this.#lifetime };
    const found = findModel(await this.#take(model, () => listModels(this.#server, bounds)), model);
    if (!found) throw new ModelNotFound(this.#server.origin, model);
    if (found.digest === undefined) throw odd(this.#server, `no digest of ${model}`);
    const { contextLength } = await this.#take(model, () => showModel(this.#server, model, bounds));
    return { digest: found.digest.replace(/^sha256:/, ''), contextLength };
  }

  #ask<T>(bounds: CallBounds, schema: z.ZodType<T>, request: (client: Ollama) => Promise<unknown>): Promise<T> {
    return this.#take(bounds.model, () => {
      bounds.signal.throwIfAborted();
      return ask(this.#server, bounds, schema, request);
    });
  }

  /** Waits for a turn. */
  #take<T>(model: string, request: () => Promise<T>): Promise<T> {
    return this.#turns(request).catch((error: unknown) => {
      // What was heard of it is true no longer.
      if (error instanceof ModelNotFound) this.#details.delete(model);
      throw error;
    });
  }

  #empty(model: string, why: string): UnfitAnswer {
    return new UnfitAnswer(`${model} at ${this.#server.origin} answered nothing: ${why}`, '', `it is empty: ${why}`);
  }

  #tooLong(model: string, what: string, room: number): ContextTooLong {
    return new ContextTooLong(
      `${what} do not fit ${model} at ${this.#server.origin}, which sees ${String(room)} tokens (pipeline.llm.num_ctx)`,
    );
  }
}

/** Why an answer is empty, and what helps. */
function explainEmpty({
  thought,
  cut,
  answerTokens,
}: {
  thought: boolean;
  cut: boolean;
  answerTokens: number;
}): string {
  const another = 'name a model that does not think first (OLLAMA_MODEL, pipeline.llm.generate, or the option model)';
  if (!thought && !cut) return 'nothing but blanks came; say in the prompt what is wanted, or name another model';
  if (!cut) return `all that it said is in its thinking, though it was asked not to think (think: false); ${another}`;
  const end = `num_predict ended it after ${String(answerTokens)} tokens`;
  return `${end}${thought ? ', while it was thinking' : ''}; give it a larger num_predict, or ${another}`;
}

/**
 * The schema as the server may have it. No grammar holds a `pattern`, and one with a look-ahead ends the whole server
 * (seen with 0.6.5): the answer is checked when it is read.
 */
function parseSchema(schema: string): object {
  try {
    const parsed: unknown = JSON.parse(schema, (key, value: unknown) =>
      key === 'pattern' && typeof value === 'string' ? undefined : value,
    );
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch {
    // Said below.
  }
  throw new ModelRefused(`expected a JSON Schema, which is a JSON object, got ${excerpt(schema)}`);
}
