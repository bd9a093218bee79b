import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../memory/errors.ts';
import type { EmbeddingModel } from './model.ts';
import { ModelUnavailable } from './model-error.ts';

/** A model that runs in this process, and what runs it. */
export interface OnnxFiles {
  /** How its vectors call it, such as `all-MiniLM-L6-v2`. */
  readonly name: string;
  /** The folder with its model.onnx and tokenizer.json. */
  readonly folder: string;
  /** The folder of onnxruntime-node. */
  readonly runtime: string;
  /** The SHA-256 of model.onnx in hex, where somebody has taken it already. */
  readonly sha256?: string;
}

/** As many tokens as sentence-transformers models have been trained on; what is longer is looked at in windows. */
const WINDOW = 256;

/**
 * Texts go one by one, because the weights are int8 and the numbers between the layers are scaled to 8 bits by the
 * largest of the whole batch: together, a text's vector would depend on its neighbours (by up to 0.04), and take as long.
 */
const OPTIONS = {
  executionProviders: ['cpu'],
  executionMode: 'sequential',
  interOpNumThreads: 1,
  logSeverityLevel: 4,
};

/** What is used of onnxruntime-node, which is no package that could be imported by its name. */
interface Runtime {
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => object;
}

interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, object>>): Promise<Record<string, Output>>;
}

/** Its last dimension is that of the vectors. */
interface Output {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** Text to ids, with the marks that the model wants around them or without. The package's own types do not resolve in ESM. */
interface Tokenizer {
  encode(text: string, options?: { add_special_tokens: boolean }): { ids: number[] };
  get_vocab(): Map<string, number>;
}

/** A tokenizer.json as far as something is asked of it here. */
const tokenizerSchema = z.looseObject({ model: z.looseObject({ type: z.string() }) });

interface Loaded {
  readonly identity: string;
  readonly embed: (text: string, signal: AbortSignal) => Promise<Float32Array>;
}

/**
 * A sentence-transformers model as an ONNX file, run in this process. It is looked for and loaded when it is first asked; a failure
 * stays one until the next start, because what is missing has been downloaded in vain.
 *
 * `threads`: 1 is the caller's alone. A short text takes 1.8 ms so and 3.8 ms with two on two busy cores, a window of 256 tokens 16 ms;
 * the bits are the same.
 */
export function openOnnx(find: () => Promise<OnnxFiles>, threads = 1): EmbeddingModel {
  let loading: Promise<Loaded> | undefined;
  const load = () => (loading ??= loadModel(find, threads));
  return {
    runner: 'onnxruntime',
    parallel: 1,
    identify: async () => (await load()).identity,
    embed: async (texts, signal) => {
      const { embed } = await load();
      const vectors: Float32Array[] = [];
      for (const text of texts) vectors.push(await embed(text, signal));
      return vectors;
    },
  };
}

async function loadModel(find: () => Promise<OnnxFiles>, threads: number): Promise<Loaded> {
  let name = 'The embedding model';
  try {
    const files = await find();
    name = files.name;
    const [bytes, tokenizer] = await Promise.all([
      readFile(join(files.folder, 'model.onnx')),
      loadTokenizer(join(files.folder, 'tokenizer.json')),
    ]);
    const { InferenceSession, Tensor } = createRequire(import.meta.url)(files.runtime) as Runtime;
    const session = await InferenceSession.create(bytes, { ...OPTIONS, intraOpNumThreads: threads });
    const pool = createPool(session, Tensor);
    await expectFit(pool, tokenizer);
    const digest = files.sha256 ?? createHash('sha256').update(bytes).digest('hex');
    return { identity: `onnx-${name}@${digest.slice(0, 12)}`, embed: createEmbed(name, pool, tokenizer) };
  } catch (error) {
    const reason = messageOf(error).replaceAll(/\s+/g, ' ').trim();
    throw new ModelUnavailable(`${name} does not run in this process: ${reason}. The next start tries again`);
  }
}

async function loadTokenizer(file: string): Promise<Tokenizer> {
  const { Tokenizer } = (await import('@huggingface/tokenizers')) as unknown as {
    Tokenizer: new (tokenizer: object, config: object) => Tokenizer;
  };
  const parsed = tokenizerSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file} is no tokenizer of Hugging Face: ${z.prettifyError(parsed.error)}`);
  return new Tokenizer(parsed.data, {});
}

/** The sum of what a model makes of each token of a window: as many numbers as its vectors have. */
type Pool = (ids: readonly number[]) => Promise<Float64Array>;

/** @throws Error when it is no model of this kind */
function createPool(session: Session, Ids: Runtime['Tensor']): Pool {
  const known = ['input_ids', 'attention_mask', 'token_type_ids'];
  const { inputNames, outputNames } = session;
  if (!inputNames.includes('input_ids') || !inputNames.every((name) => known.includes(name)))
    throw new Error(`model.onnx wants ${inputNames.join(', ')}, expected ${known.join(', ')}`);
  if (!outputNames.includes('last_hidden_state'))
    throw new Error(`model.onnx gives ${outputNames.join(', ')}, expected last_hidden_state`);
  return async (ids) => {
    const tensor = (value: (id: number) => number) =>
      new Ids(
        'int64',
        BigInt64Array.from(ids, (id) => BigInt(value(id))),
        [1, ids.length],
      );
    const inputs = { input_ids: (id: number) => id, attention_mask: () => 1, token_type_ids: () => 0 };
    const feeds = Object.entries(inputs).filter(([name]) => inputNames.includes(name));
    const outputs = await session.run(Object.fromEntries(feeds.map(([name, value]) => [name, tensor(value)])));
    const { data, dims } = outputs['last_hidden_state'] ?? { data: [], dims: [] };
    const sum = new Float64Array(dims.at(-1) ?? 0);
    data.forEach((value, index) => (sum[index % sum.length] = (sum[index % sum.length] ?? 0) + value));
    return sum;
  };
}

/** @throws Error when the tokenizer knows tokens that the model does not */
async function expectFit(pool: Pool, tokenizer: Tokenizer): Promise<void> {
  const last = [...tokenizer.get_vocab().values()].reduce((most, id) => Math.max(most, id), 0);
  try {
    await pool([last]);
  } catch (error) {
    throw new Error(
      `tokenizer.json does not fit model.onnx, which fails on its token ${String(last)}: ${messageOf(error)}`,
    );
  }
}

/** The mean of what the model makes of each token, of length 1, whichever window the token is in. */
function createEmbed(name: string, pool: Pool, tokenizer: Tokenizer): Loaded['embed'] {
  const marks = tokenizer.encode('').ids;
  const [first, after] = [marks.slice(0, 1), marks.slice(1)];
  const room = WINDOW - marks.length;
  return async (text, signal) => {
    const { ids } = tokenizer.encode(text, { add_special_tokens: false });
    let vector: Float64Array = new Float64Array();
    for (let from = 0; from === 0 || from < ids.length; from += room) {
      signal.throwIfAborted();
      const sum = await pool([...first, ...ids.slice(from, from + room), ...after]).catch((error: unknown) => {
        throw new ModelUnavailable(`${name} fails on a text of ${String(text.length)} characters: ${messageOf(error)}`);
      });
      vector = from === 0 ? sum : vector.map((value, index) => value + (sum[index] ?? 0));
    }
    const norm = Math.hypot(...vector);
    return Float32Array.from(vector, (value) => value / norm);
  };
}
