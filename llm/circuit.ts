import { cancellable } from './cancel.ts';
import { ModelError, ModelNotFound } from './model-error.ts';

/** Failures in a row after which the server is left alone. */
const FAILURES = 3;
/** Milliseconds until one call tries it again. */
const REST = 60_000;
const NEVER = Number.NEGATIVE_INFINITY;

/**
 * Whether an error counts against the server. That a model is missing does not: the server says so at once, so there is nothing
 * to wait out, and may have the other models. So one circuit does for all of them, and a server that is down is found out by
 * three calls; a circuit for each model would take three for each.
 */
const isOfServer = (error: ModelError) => error.ofServer && !(error instanceof ModelNotFound);

/** Who is left alone, and what happens to the texts that are not asked about, as the end of a sentence: now, and told afterwards. */
interface Consequence {
  readonly runner: string;
  readonly now: string;
  readonly then: (texts: number) => string;
}

const RULES_READ: Consequence = {
  runner: 'Ollama',
  now: 'Rules read the text',
  then: (texts) => `rules read ${String(texts)} texts without asking it`,
};

/**
 * Keeps a night from waiting out a thousand time-outs: after three failures in a row nothing is asked for a minute, then one
 * call tries, and the others wait for how it goes. `report` hears when it opens, and when it closes how many texts were not
 * asked about meanwhile.
 */
export class Circuit {
  /** In a row, while it is closed. */
  #failures = 0;
  /** When the server failed last of what opened it, in ms; NEVER while it is closed. */
  #failedAt = NEVER;
  /** The call that tries the server after its rest; it never rejects. */
  #trial: Promise<unknown> | null = null;
  #passedOver = 0;

  constructor(
    private readonly report: (line: string) => void,
    private readonly consequence: Consequence = RULES_READ,
  ) {}

  /** Whether a call would not be made now. */
  get resting(): boolean {
    return this.#trial === null && Date.now() < this.#failedAt + REST;
  }

  /**
   * What `call` about so many texts gives, or null when the circuit is open and it was not made. Throws what it throws, and the
   * signal's reason as soon as it is cancelled, also while it waits for how another one goes.
   */
  async run<T>(texts: number, signal: AbortSignal, call: () => Promise<T>): Promise<T | null> {
    while (this.#trial !== null) await cancellable(this.#trial, signal);
    signal.throwIfAborted();
    if (this.resting) {
      this.#passedOver += texts;
      return null;
    }
    return cancellable(this.#failedAt === NEVER ? this.#make(signal, call) : this.#try(signal, call), signal);
  }

  #try<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    const attempt = this.#make(signal, call, true).finally(() => {
      this.#trial = null;
    });
    this.#trial = attempt.catch(() => undefined);
    return attempt;
  }

  async #make<T>(signal: AbortSignal, call: () => Promise<T>, isTrial = false): Promise<T> {
    try {
      const answer = await call();
      this.#succeed(isTrial);
      return answer;
    } catch (error) {
      // What a cancelled call ends with says nothing of the server, nor does a fault of our own: the next call may try at once.
      const reason: unknown = signal.aborted ? signal.reason : error;
      if (reason instanceof ModelError && isOfServer(reason)) this.#fail(reason, isTrial);
      else if (reason instanceof ModelError) this.#succeed(isTrial);
      throw reason;
    }
  }

  #succeed(isTrial: boolean): void {
    // A call that was made before it opened says nothing of now.
    if (this.#failedAt !== NEVER && !isTrial) return;
    this.#failures = 0;
    this.#failedAt = NEVER;
    if (!isTrial) return;
    this.report(`${this.consequence.runner} answers again; ${this.consequence.then(this.#passedOver)}`);
    this.#passedOver = 0;
  }

  #fail({ message }: ModelError, isTrial: boolean): void {
    if (isTrial) this.#failedAt = Date.now();
    if (this.#failedAt !== NEVER) return;
    this.#failures += 1;
    if (this.#failures < FAILURES) return;
    this.#failedAt = Date.now();
    this.report(`${message}. ${this.consequence.now}; it is tried again every ${String(REST / 1000)} s.`);
  }
}
