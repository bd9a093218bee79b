import type { Server } from '../memory/server-address.ts';
import { ContextTooLong, ModelNotFound, ModelRefused, ModelUnavailable, type ModelError } from './model-error.ts';

/** One call: for which model (as errors name it), how long it may take in all, and who may cancel it. */
export interface CallBounds {
  readonly model: string;
  /** Seconds. */
  readonly timeout: number;
  /** What sets that time, as errors name it. */
  readonly limit: 'pipeline.llm.timeout' | 'the option timeout' | 'the longest wait for a question about models';
  readonly signal: AbortSignal;
}

/** Bytes of an answer at most: 32 vectors of 4,096 numbers take 2 MB, so whatever is larger is none of ours. */
const LARGEST = 8 * 2 ** 20;

/**
 * Runs `body` with a `fetch` that reads each answer whole, within the call's time and 8 MB, follows no redirect and takes
 * nothing but a success. Throws a ModelError that says what happened, or the signal's reason when that is why it ended.
 */
export async function withFetch<T>(
  server: Server,
  call: CallBounds,
  body: (fetch: typeof globalThis.fetch) => Promise<T>,
) {
  // Whole milliseconds, or it throws: 2.01 * 1000 is 2009.9999999999998.
  const timeout = AbortSignal.timeout(Math.ceil(call.timeout * 1000));
  const signal = AbortSignal.any([call.signal, timeout]);
  try {
    return await body(async (input, init) => {
      const response = await fetch(input, { ...init, signal, redirect: 'manual' });
      const text = await readBounded(response, server);
      if (response.ok) return new Response(text, { headers: response.headers });
      throw faultOf(response, text, server, call);
    });
  } catch (error) {
    call.signal.throwIfAborted();
    if (timeout.aborted)
      throw new ModelUnavailable(
        `Ollama at ${server.origin} gave no complete answer within ${String(call.timeout)} s (${call.limit})`,
        { cause: error },
      );
    throw explain(error, server);
  }
}

async function readBounded(response: Response, { origin }: Server): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > LARGEST)
      throw new ModelUnavailable(
        `${origin} answers with more than ${String(LARGEST / 2 ** 20)} MB: this is not Ollama`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The error behind an answer that is no success. */
function faultOf(response: Response, text: string, { origin }: Server, { model }: CallBounds): ModelError {
  const { status } = response;
  const said = saidIn(text);
  const where = `Ollama at ${origin}`;
  if (status >= 300 && status < 400) {
    const location = response.headers.get('location') ?? '';
    const to = URL.canParse(location, origin) ? new URL(location, origin).origin : 'nowhere';
    return new ModelRefused(
      `${origin} redirects to ${to}, which is not followed: set OLLAMA_URL (or pipeline.llm.url) to Ollama's own address`,
    );
  }
  if (/context (?:length|window|size)|exceeds? .*context/i.test(said)) return new ContextTooLong(`${where}: ${said}`);
  if (status === 404 && /model/i.test(said)) return new ModelNotFound(origin, model);
  if (status === 404 && /\/api\/(?:tags|version)$/.test(response.url))
    return new ModelRefused(
      `something answers at ${origin}, but it is no Ollama (HTTP 404): give the address without a path, such as http://127.0.0.1:11434`,
    );
  const message = `${where} answers HTTP ${String(status)}: ${said}${remedyFor(said, status)}`;
  // The server calls a schema or an option that it cannot use an error of its own (500).
  if (/invalid (?:json schema|format)|\bin format\b|^option "/i.test(said)) return new ModelRefused(message);
  if (status >= 500 || status === 408 || status === 429) return new ModelUnavailable(message);
  // What it says of a model holds for every prompt. A filter before the server may refuse one prompt and take the next.
  const ofPrompt = [400, 413, 422].includes(status) && !/\b(?:support|model|think)/i.test(said);
  return new ModelRefused(message, { ofPrompt });
}

/** What to do about a server that wants a password, or a model that is not made for what it was asked. */
function remedyFor(said: string, status: number): string {
  if (status === 401 || status === 403) return '; the user and password of its address are missing or wrong';
  if (/does not support embed/i.test(said)) return '; name another model: OLLAMA_EMBED_MODEL, or pipeline.llm.embed';
  if (!/does not support generate/i.test(said)) return '';
  return '; name another model: OLLAMA_MODEL, pipeline.llm.generate (or extract), or the option model of the call';
}

/** Ollama's own words, or the beginning of whatever stands there instead. */
function saidIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // Not JSON: a proxy's page, as a rule.
  }
  return excerpt(text);
}

/** The beginning of an answer that is not what it should be, fit for one line of a terminal. */
export function excerpt(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  if (line === '') return 'nothing';
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}

/** The way to the server failed: `fetch` only says "fetch failed", its cause says why. */
function explain(error: unknown, { origin }: Server): unknown {
  if (!(error instanceof TypeError)) return error;
  const { code = '', message = '' } = (error.cause ?? {}) as { code?: string; message?: string };
  const reason = message || code || error.message;
  if (/CERT|SSL|TLS|SELF_SIGNED|ISSUER|UNABLE_TO_/.test(code))
    return new ModelRefused(
      `the certificate of ${origin} is not trusted (${reason}); NODE_EXTRA_CA_CERTS names a file with your own authority`,
      { cause: error },
    );
  return new ModelUnavailable(`Ollama does not answer at ${origin}: ${reason}`, { cause: error });
}
