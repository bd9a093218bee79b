import { onTestFinished, vi } from 'vitest';
import { createEmbedder, type Embedder } from '../../llm/embedder.ts';
import { scriptModel, type ScriptedModel } from './scripted-model.ts';

export interface ScriptedEmbedder {
  readonly embedder: Embedder;
  readonly model: ScriptedModel;
  /** What was reported. */
  readonly lines: string[];
  /** Texts that were embedded or tried, in their order. */
  readonly texts: () => readonly string[];
  /** Name and digest of the model from now on; an error: it is out of reach. */
  readonly become: (identity: string | Error) => void;
}

/** The vector of a text by the model of that identity, or why there is none. */
export type Meaning = (text: string, identity: string) => readonly number[] | Error;

/** An embedder on a model whose vectors are scripted; the clock is still, so that a failed model's rest ends by `become`. */
export function scriptEmbedder(meaning: Meaning, parallel = 1): ScriptedEmbedder {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  let current: string | Error = 'e@000000000001';
  const lines: string[] = [];
  const scripted = scriptModel(undefined, parallel);
  const model: ScriptedModel = {
    ...scripted,
    identify: () => (typeof current === 'string' ? Promise.resolve(current) : Promise.reject(current)),
    embed: async (texts, signal) => {
      await scripted.embed(texts, signal);
      if (typeof current !== 'string') throw current;
      const identity = current;
      return texts.map((text) => {
        const vector = meaning(text, identity);
        if (vector instanceof Error) throw vector;
        return Float32Array.from(vector);
      });
    },
  };
  const become = (identity: string | Error) => {
    current = identity;
    vi.setSystemTime(Date.now() + 61_000);
  };
  const texts = () => model.batches.flat();
  return { embedder: createEmbedder(model, (line) => void lines.push(line)), model, lines, texts, become };
}
