import type { Generation, GenerateRequest, Model } from '../../llm/model.ts';

/** What a scripted model does with one request: the text it answers, or an error that it throws. */
export type Line = (request: GenerateRequest, signal: AbortSignal) => string | Error | Promise<string>;

export interface ScriptedModel extends Model {
  readonly asked: GenerateRequest[];
  /** The prompts of what was asked, sorted. */
  prompts(): string[];
  /** The texts of each request for vectors. */
  readonly batches: (readonly string[])[];
  /** Calls that were under way at once, at most. */
  readonly peak: number;
}

/**
 * A model that answers by script, without one with the prompt in angle brackets, and keeps what it was asked. A text's vector is
 * its length and two numbers that a float holds exactly.
 */
export function scriptModel(line: Line = ({ prompt }) => `<${prompt}>`, parallel = 1): ScriptedModel {
  const asked: GenerateRequest[] = [];
  const batches: (readonly string[])[] = [];
  let [running, peak] = [0, 0];
  const generate = async (request: GenerateRequest, signal: AbortSignal): Promise<Generation> => {
    asked.push(request);
    running += 1;
    peak = Math.max(peak, running);
    try {
      const said = await line(request, signal);
      if (said instanceof Error) throw said;
      return { text: said, promptTokens: request.prompt.length, answerTokens: said.length };
    } finally {
      running -= 1;
    }
  };
  return {
    ...{ runner: 'Ollama', parallel, room: 8192, asked, batches, generate },
    prompts: () => asked.map(({ prompt }) => prompt).sort(),
    get peak() {
      return peak;
    },
    identify: (task, model = task === 'extract' ? 'small' : 'large') => Promise.resolve(`${model}@0123456789ab`),
    embed: (texts) => {
      batches.push(texts);
      return Promise.resolve(texts.map((text) => Float32Array.of(text.length, 0.5, -2)));
    },
  };
}
