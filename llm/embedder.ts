import pLimit from 'p-limit';
import { Circuit } from './circuit.ts';
import { batchesOf } from './embedding.ts';
import type { Meter } from './meter.ts';
import { isStillEmbedder, type EmbeddingModel } from './model.ts';
import { ModelError, ModelNotFound } from './model-error.ts';

/**
 * A text's vector, of length 1; `unfit` when the model fails on this text though it answers about others; null when it was
 * not asked, or has not answered.
 */
export type Embedding = Float32Array | 'unfit' | null;

const HARMLESS = ['memory'];

/** The port: what turns texts into vectors for the pipeline. */
export interface Embedder {
  /** Name and digest of the model that embeds now, such as `all-minilm@1b226e2802db`; null when none does. */
  sign(): Promise<string | null>;
  /**
   * One vector by `model` for each text, in their order, while the meter allows. Vectors of another model are not given: when
   * the server has another one under that name by the end, there are none. `kept` is how many numbers the vectors have that
   * are kept of this model: one of another length is unfit. Rejects with the signal's reason when cancelled.
   */
  embedMany(
    model: string,
    texts: readonly string[],
    signal: AbortSignal,
    meter: Meter,
    kept?: number,
  ): Promise<Embedding[]>;
}

/** The model as an embedder; null without one. */
export async function openEmbedder(
  model: EmbeddingModel | null,
  report: (line: string) => void,
): Promise<Embedder | null> {
  if (model === null) return null;
  const embedder = createEmbedder(model, report);
  // Says who embeds, or why nobody does.
  await embedder.sign();
  return embedder;
}

/**
 * A model as an embedder. `report` hears once who embeds, and why memories are not embedded while they are not.
 * @internal for its tests
 */
export function createEmbedder(model: EmbeddingModel, report: (line: string) => void): Embedder {
  let said = '';
  const say = (line: string) => {
    if (line !== said) report(line);
    said = line;
  };
  const told = new Set<string>();
  const tellOnce = (line: string) => {
    if (!told.has(line)) report(line);
    told.add(line);
  };
  // Not the reader's: a model that fails here must not keep the other one from reading.
  const circuit = new Circuit(report, {
    runner: model.runner,
    now: 'Memories are not embedded',
    then: (texts) => `${String(texts)} memories were not embedded meanwhile`,
  });
  /** Of each model's vectors. */
  const lengths = new Map<string, number>();
  const turns = pLimit(model.parallel);
  return {
    sign: async () => {
      if (circuit.resting) return null;
      try {
        const identity = await model.identify('embed');
        say(`${model.runner} embeds the memories: ${identity}`);
        return identity;
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        say(`${error.message}. Memories are not embedded until it can.`);
        return null;
      }
    },
    embedMany: async (identity, texts, signal, meter, kept) => {
      const call = { model, circuit, meter, signal };
      const parts = batchesOf(texts).map((batch) => turns(() => embedBatch(call, batch)));
      const embeddings = (await Promise.all(parts)).flat();
      const stands = embeddings.every((each) => each === null) || (await isStill(model, identity));
      if (!stands) return texts.map(() => null);
      const length = kept ?? lengths.get(identity) ?? embeddings.find((each) => each instanceof Float32Array)?.length;
      if (length === undefined) return embeddings;
      lengths.set(identity, length);
      const uneven = embeddings.find((each) => each instanceof Float32Array && each.length !== length);
      if (uneven instanceof Float32Array) tellOnce(describeUneven(identity, uneven.length, length));
      // Such a one could be compared with no other.
      return embeddings.map((each) => (each instanceof Float32Array && each.length !== length ? 'unfit' : each));
    },
  };
}

const describeUneven = (identity: string, found: number, length: number) =>
  `${identity} gives vectors of ${String(found)} numbers where its others have ${String(length)}: such memories are not ` +
  `embedded. Look whether one server with one model answers under that address and name; to embed all again, ` +
  `biomem sql "delete from embedding where model = '${identity}'".`;

/** What every call for vectors is made with. */
interface EmbeddingCall {
  readonly model: EmbeddingModel;
  readonly circuit: Circuit;
  readonly meter: Meter;
  readonly signal: AbortSignal;
}

/** A batch that fails may do so for one of its texts (Ollama answers HTTP 500 where a vector is not a number): each by itself. */
async function embedBatch(call: EmbeddingCall, texts: readonly string[]): Promise<Embedding[]> {
  const together = await embedOnce(call, texts);
  if (together !== 'unfit') return together ?? texts.map(() => null);
  if (texts.length === 1) return ['unfit'];
  const embeddings: Embedding[] = [];
  for (const text of texts) embeddings.push(...(await embedBatch(call, [text])));
  return embeddings;
}

/** Vectors; `unfit` when the model fails on these texts alone; null when nothing was asked, or the server fails. */
async function embedOnce(
  { model, circuit, meter, signal }: EmbeddingCall,
  texts: readonly string[],
): Promise<Embedding[] | 'unfit' | null> {
  signal.throwIfAborted();
  if (meter.overtime) return null;
  const embed = (some: readonly string[]) => meter.measureEmbedding(() => model.embed(some, signal));
  try {
    return await circuit.run(texts.length, signal, async () => {
      try {
        return (await embed(texts)).map(toUnitLength);
      } catch (error) {
        if (!(error instanceof ModelError) || error instanceof ModelNotFound) throw error;
        // The texts or the server? It counts against the server only if a text fails too on which no model can.
        await embed(HARMLESS);
        return 'unfit';
      }
    });
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}

/** All vectors have length 1, so that their inner product is their cosine. One of zeros has no direction. */
function toUnitLength(vector: Float32Array): Embedding {
  const norm = Math.hypot(...vector);
  return Number.isFinite(norm) && norm > 0 ? vector.map((value) => value / norm) : 'unfit';
}

async function isStill(model: EmbeddingModel, identity: string): Promise<boolean> {
  try {
    return await isStillEmbedder(model, identity);
  } catch (error) {
    if (error instanceof ModelError) return false;
    throw error;
  }
}
