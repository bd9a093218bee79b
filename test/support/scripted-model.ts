import type { Generation, GenerateRequest, Model } from '../../llm/model.ts';

type Reply = (request: GenerateRequest, signal: AbortSignal) => string | Promise<string>;

/** A model whose answers the test writes, and which remembers what it was asked. */
export class ScriptedModel implements Model {
  readonly requests: GenerateRequest[] = [];
  readonly batches: (readonly string[])[] = [];
  /** Calls that were under way at once, at most. */
  peak = 0;
  digest = 'a80c4f17acd5';
  #running = 0;

  constructor(
    private readonly reply: Reply = ({ prompt }) => `<${prompt}>`,
    readonly parallel = 4,
  ) {}

  get prompts(): string[] {
    return this.requests.map(({ prompt }) => prompt).sort();
  }

  identify(task: 'generate' | 'extract' | 'embed', model: string = task): Promise<string> {
    return Promise.resolve(`${model}@${this.digest}`);
  }

  async generate(request: GenerateRequest, signal: AbortSignal): Promise<Generation> {
    this.requests.push(request);
    this.#running += 1;
    this.peak = Math.max(this.peak, this.#running);
    try {
      const text = await this.reply(request, signal);
      return { text, promptTokens: 3, answerTokens: 2 };
    } finally {
      this.#running -= 1;
    }
  }

  /** The length of each text and two numbers that a float holds exactly. */
  embed(texts: readonly string[]): Promise<readonly Float32Array[]> {
    this.batches.push(texts);
    return Promise.resolve(texts.map((text) => Float32Array.of(text.length, 0.5, -2)));
  }
}
