import { ServiceError } from '../memory/errors.ts';

/** What a model could not do; the message names the server and says what helps. */
export class ModelError extends ServiceError {
  override readonly name: string = 'ModelError';
  /** Whether it says something of the server, and nothing of the text that was asked about. */
  readonly ofServer: boolean = true;
  /** What the call took, where the server said so. */
  spent: { readonly promptTokens: number; readonly answerTokens: number } | undefined;
}

/**
 * Thrown when the server is out of reach, too slow, still loading, failing (5xx), or answers what no Ollama would: the same
 * request may succeed later.
 */
export class ModelUnavailable extends ModelError {
  override readonly name = 'ModelUnavailable';
}

/** Thrown when the server does not have the model; a retry cannot mend it, `ollama pull` can. */
export class ModelNotFound extends ModelError {
  override readonly name = 'ModelNotFound';

  constructor(server: string, model: string) {
    super(`Ollama at ${server} has no model ${model}: run "ollama pull ${model}", or name another one`);
  }
}

/** Thrown when the server, or the way to it (a redirect, a certificate), refuses this request as it is; a retry does not help. */
export class ModelRefused extends ModelError {
  override readonly name = 'ModelRefused';

  /** `ofPrompt`: as far as one can tell it is this prompt that is refused, and another one might be taken. */
  constructor(message: string, { ofPrompt = false, ...options }: ErrorOptions & { readonly ofPrompt?: boolean } = {}) {
    super(message, options);
    this.ofPrompt = ofPrompt;
  }

  readonly ofPrompt: boolean;
}

/** Thrown when prompt and answer do not fit the model's context: what it answered would rest on a part of the text. */
export class ContextTooLong extends ModelError {
  override readonly name = 'ContextTooLong';
  override readonly ofServer = false;
}

/** Thrown when what the model answered cannot be used: empty, broken off, or not what was asked for even after a repair. */
export class UnfitAnswer extends ModelError {
  override readonly name = 'UnfitAnswer';
  override readonly ofServer = false;

  /** `broken` is what had come of an answer that was broken off; `problem` is what is wrong with it, as the end of a sentence. */
  constructor(
    message: string,
    readonly broken = '',
    readonly problem = 'it was broken off',
  ) {
    super(message);
  }
}
