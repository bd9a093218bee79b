import { z } from 'zod';
import { parseServer } from '../memory/server-address.ts';
import { reasonOf } from '../memory/errors.ts';
import { hideUser, redact } from '../profiles/redact.ts';
import { fromEnvironment } from '../profiles/variable-file.ts';

/** Longest wait for Ollama, in ms. */
const PATIENCE = 2_000;

const answer = z.object({ version: z.string() });

export interface OllamaServer {
  /** Without user and password. */
  readonly url: string;
  readonly version: string;
}

/** The server at OLLAMA_URL when it answers within 2 s, else null; a set but silent address is reported. */
export async function findOllama({
  env,
  report,
}: {
  env: NodeJS.ProcessEnv;
  report: (line: string) => void;
}): Promise<OllamaServer | null> {
  const url = fromEnvironment(env, 'OLLAMA_URL')?.trim();
  if (!url) return null;
  try {
    const { version } = await ask(url, 'version', answer, { signal: AbortSignal.timeout(PATIENCE) });
    return { url: parseServer(url).address, version };
  } catch (error) {
    report(
      `Ollama does not answer at ${hideUser(url)} (OLLAMA_URL): ${reasonOf(error)}. ` +
        'Until it does, rules read the text and memories are not embedded.',
    );
    return null;
  }
}

const tags = z.object({ models: z.array(z.object({ name: z.string() })) });
const shown = z.object({ capabilities: z.array(z.string()).optional() });

/** The names of the models that the server has, with their tag. @throws Error in words for people, without password */
export async function listModels(address: string, patience = PATIENCE): Promise<string[]> {
  const { models } = await ask(address, 'tags', tags, { signal: AbortSignal.timeout(patience) });
  return models.map(({ name }) => name);
}

/**
 * What a model can do, such as `completion` or `embedding`; null when the server is too old to say. @throws Error in words for
 * people, without password
 */
export async function listCapabilities(address: string, model: string, patience = PATIENCE): Promise<string[] | null> {
  const request = { method: 'POST', body: JSON.stringify({ model }), signal: AbortSignal.timeout(patience) };
  return (await ask(address, 'show', shown, request)).capabilities ?? null;
}

async function ask<T>(address: string, path: string, schema: z.ZodType<T>, request: RequestInit): Promise<T> {
  try {
    const server = parseServer(address);
    const response = await fetch(`${server.address}/api/${path}`, { ...request, headers: server.headers });
    if (!response.ok) throw new Error(describeStatus(response.status));
    return schema.parse(await response.json());
  } catch (error) {
    throw new Error(explain(error, address));
  }
}

function describeStatus(status: number): string {
  const other = '; something answers there, but it is no Ollama: give the address without a path';
  const denied = '; the user and password of its address are missing or wrong';
  return `HTTP ${status}${status === 404 ? other : status === 401 || status === 403 ? denied : ''}`;
}

function explain(error: unknown, address: string): string {
  if (error instanceof z.ZodError || error instanceof SyntaxError) return "the answer is not Ollama's";
  if (error instanceof URIError) return 'each % of its user name and password must be written as %25';
  return redact(reasonOf(error), {}, [address]);
}
