import { Ollama } from 'ollama';
import { z } from 'zod';
import type { Server } from '../memory/server-address.ts';
import { ModelUnavailable } from './model-error.ts';
import { excerpt, withFetch, type CallBounds } from './transport.ts';

/** Seconds for a question about the server or its models; none of them loads one. */
const PATIENCE = 10;

const versioned = z.object({ version: z.string() });
const listed = z.object({ models: z.array(z.object({ name: z.string(), digest: z.string().min(12).optional() })) });
const shown = z.object({
  model_info: z.record(z.string(), z.unknown()).default({}),
  capabilities: z.array(z.string()).nullable().default(null),
});

/** How long a question may take, in seconds, and who may cancel it. */
export interface QuestionBounds {
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

export async function readVersion(server: Server, bounds: QuestionBounds = {}): Promise<string> {
  return (await ask(server, boundsOf('', bounds), versioned, (client) => client.version())).version;
}

/** The models that the server has: their names with a tag, and their digests. */
export async function listModels(server: Server, bounds: QuestionBounds = {}) {
  return (await ask(server, boundsOf('', bounds), listed, (client) => client.list())).models;
}

/** Among `models` the one of that name; without a tag it is the latest, as for Ollama itself. */
export function findModel<T extends { readonly name: string }>(models: readonly T[], name: string): T | undefined {
  const full = /:[^/]*$/.test(name) ? name : `${name}:latest`;
  return models.find((model) => model.name === full);
}

/**
 * What is known of a model: the tokens that it can see at most, and what it can do, such as `completion` or `embedding`; null
 * where the server does not say.
 */
export async function showModel(server: Server, model: string, bounds: QuestionBounds = {}) {
  const { model_info, capabilities } = await ask(server, boundsOf(model, bounds), shown, (client) =>
    client.show({ model }),
  );
  const length = model_info[`${String(model_info['general.architecture'])}.context_length`];
  return { contextLength: typeof length === 'number' ? length : null, capabilities };
}

function boundsOf(
  model: string,
  { timeout = PATIENCE, signal = new AbortController().signal }: QuestionBounds,
): CallBounds {
  return { model, timeout, limit: 'the longest wait for a question about models', signal };
}

/** One request to Ollama, its answer held to the schema. @throws ModelError */
export async function ask<T>(
  server: Server,
  bounds: CallBounds,
  schema: z.ZodType<T>,
  request: (client: Ollama) => Promise<unknown>,
): Promise<T> {
  const answer = await withFetch(server, bounds, async (fetch) => {
    const { address: host, headers } = server;
    // A client for each call: the package knows no signal, its `fetch` does.
    return request(new Ollama({ host, headers, fetch })).catch((error: unknown) => {
      // The package parses what was read whole, so this is about what the answer says.
      throw error instanceof SyntaxError ? odd(server, `what is not JSON: ${error.message}`) : error;
    });
  });
  const { success, data, error } = schema.safeParse(answer);
  if (success) return data;
  throw odd(server, `${excerpt(JSON.stringify(answer))} (${z.prettifyError(error).replaceAll(/\s+/g, ' ')})`);
}

/** Thrown where an answer is not what Ollama sends. */
export function odd({ origin }: Server, what: string): ModelUnavailable {
  return new ModelUnavailable(`${origin} does not answer as Ollama does: it sent ${what}`);
}
