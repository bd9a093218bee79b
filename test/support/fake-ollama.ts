import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Certificate } from './certificate.ts';

/** What came in, parsed; `path` without `/api/`. */
export interface Asked {
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly authorization: string | undefined;
}

/** Answers a request itself and gives true, or leaves it to the fake. */
export type Script = (asked: Asked, response: ServerResponse) => boolean | Promise<boolean>;

export interface FakeOllama {
  readonly url: string;
  /** Every request so far. */
  readonly asked: Asked[];
  /** Requests under way at once, at most. */
  readonly most: () => number;
  /** The digests that it says its models have. */
  readonly digests: Map<string, string>;
  close(): Promise<void>;
}

const CONTEXT = { 'tiny-random': 8192, 'all-minilm': 512 } as const;

/**
 * A server in this process that speaks Ollama's protocol: a token is a byte, an answer to a schema is the least that fits,
 * a vector is the letters' counts. `script` may answer in its place. With a certificate it speaks TLS. Closed after the test unless `keep` is set.
 */
export async function startFakeOllama(
  script: Script = () => false,
  { keep = false, certificate }: { keep?: boolean; certificate?: Certificate } = {},
): Promise<FakeOllama> {
  const asked: Asked[] = [];
  const digests = new Map(Object.keys(CONTEXT).map((name, index) => [name, String(index + 1).repeat(64)]));
  let [now, most] = [0, 0];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const path = (request.url ?? '').replace(/^\/api\//, '');
    const { authorization } = request.headers;
    const question = { path, authorization, body: body === '' ? {} : (JSON.parse(body) as Asked['body']) };
    asked.push(question);
    now += 1;
    most = Math.max(most, now);
    response.once('close', () => (now -= 1));
    if (!(await script(question, response))) answer(question, response, digests);
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => void serve(request, response);
  const server = certificate === undefined ? createServer(listener) : createSecureServer(certificate, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
  if (!keep) onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  const scheme = certificate === undefined ? 'http' : 'https';
  return { url: `${scheme}://127.0.0.1:${String(port)}`, asked, most: () => most, digests, close };
}

export function reply(response: ServerResponse, body: unknown, status = 200): true {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  return true;
}

function answer({ path, body }: Asked, response: ServerResponse, digests: ReadonlyMap<string, string>): true {
  if (path === 'version') return reply(response, { version: '0.6.5' });
  if (path === 'tags')
    return reply(response, { models: [...digests].map(([name, digest]) => ({ name: `${name}:latest`, digest })) });
  const model = String(body['model']);
  if (!digests.has(model)) return reply(response, { error: `model '${model}' not found` }, 404);
  const context = CONTEXT[model as keyof typeof CONTEXT];
  if (path === 'show')
    return reply(response, { model_info: { 'general.architecture': 'fake', 'fake.context_length': context } });
  return path === 'embed' ? embed(body, context, response) : generate(body, response);
}

function generate({ prompt, format, options }: Asked['body'], response: ServerResponse): true {
  if (typeof format === 'object' && JSON.stringify(format).includes('"type":"nothing"'))
    return reply(response, { error: 'invalid JSON schema in format' }, 500);
  const { num_ctx = 2048, num_predict = 16 } = (options ?? {}) as { num_ctx?: number; num_predict?: number };
  const said = format === undefined ? 'nonsense '.repeat(50).slice(0, num_predict) : JSON.stringify(least(format));
  const counts = { prompt_eval_count: Math.min(Buffer.byteLength(String(prompt)), num_ctx), eval_count: said.length };
  return reply(response, { response: said, done: true, ...counts });
}

/** The least value of a schema's shape, bounds left aside as the server leaves them aside. */
function least(format: unknown): unknown {
  const schema = format as { type?: string; enum?: unknown[]; properties?: Record<string, unknown> };
  if (schema.enum) return schema.enum[0];
  if (schema.type === 'object')
    return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, value]) => [name, least(value)]));
  return { array: [], string: '', number: 7, integer: 7, boolean: false }[schema.type ?? ''] ?? null;
}

function embed({ input }: Asked['body'], context: number, response: ServerResponse): true {
  const texts = input as string[];
  if (texts.some((each) => each.length / 4 > context))
    return reply(response, { error: 'input length exceeds maximum context length' }, 400);
  return reply(response, { embeddings: texts.map(countLetters) });
}

function countLetters(words: string): number[] {
  const counts = Array.from(
    { length: 26 },
    (_, letter) => words.toLowerCase().split(String.fromCharCode(97 + letter)).length - 1,
  );
  const norm = Math.hypot(...counts) || 1;
  return counts.map((count) => count / norm);
}
