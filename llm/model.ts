/** How an answer is to be made; what is absent is the model's or the profile's own. */
export interface ModelOptions {
  readonly model?: string;
  readonly temperature?: number;
  readonly seed?: number;
  /** Tokens of the answer at most. */
  readonly num_predict?: number;
  /** Tokens of prompt and answer together that the model may see. */
  readonly num_ctx?: number;
  /** How long the model stays loaded: seconds, or Ollama's own notation such as `5m`. */
  readonly keep_alive?: string | number;
  /** Seconds that one call may take. */
  readonly timeout?: number;
}

/** One request to a model; what it is answered with depends on nothing else. */
export interface GenerateRequest {
  readonly prompt: string;
  /** A JSON Schema as text, when the answer is to be JSON. */
  readonly schema?: string;
  readonly options: ModelOptions;
}

export interface Generation {
  readonly text: string;
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** The answer was kept from an earlier call and took no tokens. */
  readonly cached?: true;
  /** It ends because `num_predict` was reached. */
  readonly cut?: true;
}

/** What a model is for: to write across many texts, to read single ones, or to embed them. */
export type ModelRole = 'generate' | 'extract' | 'embed';

/** The port to a model that turns texts into vectors. Implementations do not retry; they throw ModelError kinds. */
export interface EmbeddingModel {
  /** Who runs it, as the subject of a sentence: `Ollama`. */
  readonly runner: string;
  /** Name and digest of the model that would answer, as `Model.identify` gives them. */
  identify(role: 'embed', name?: string, options?: { readonly fresh?: boolean }): Promise<string>;
  /** One vector for each text, in their order; of a long text nothing is cut off. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]>;
  /** Calls that may be under way at once. */
  readonly parallel: number;
}

/** The port to a language model. Implementations do not retry; they throw ModelError kinds. */
export interface Model extends EmbeddingModel {
  /**
   * Name and digest of the model that would answer, for keys and provenance, such as `llama3.2@a80c4f17acd5`. What was heard
   * within the last half minute may be believed, unless it is to be asked `fresh`.
   */
  identify(role: ModelRole, name?: string, options?: { readonly fresh?: boolean }): Promise<string>;
  generate(request: GenerateRequest, signal: AbortSignal): Promise<Generation>;
  /** Tokens of prompt and answer together that it is to see at most; a model may see less. */
  readonly room: number;
}

/**
 * Whether the model that embeds is still that one, asked again: `ollama pull` may have brought another one under its name since
 * it was asked which it is, and vectors of two models cannot be compared.
 */
export async function isStillEmbedder(model: EmbeddingModel, identity: string): Promise<boolean> {
  return (await model.identify('embed', undefined, { fresh: true })) === identity;
}

/** The model, asked in another way; models are classes, so a spread would lose their methods. */
export function withCalls(model: Model, own: Partial<Pick<Model, 'generate'>>): Model {
  const { runner, parallel, room } = model;
  return {
    ...{ runner, parallel, room },
    identify: (...asked) => model.identify(...asked),
    generate: (...asked) => model.generate(...asked),
    embed: (...asked) => model.embed(...asked),
    ...own,
  };
}
