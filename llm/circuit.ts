import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  DelegateBackoff,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel';
import { cancellable } from './cancel.ts';
import { ModelError, ModelNotFound } from './model-error.ts';

/** Failures in a row after which the server is left alone. */
const FAILURES = 3;
/** Seconds until one call tries it again. */
const REST = 60;
const NEVER = Number.NEGATIVE_INFINITY;

/**
 * Whether an error counts against the server. That a model is missing does not: the server says so at once, so there is nothing
 * to wait out, and may have the other models. So one circuit does for all of them, and a server that is down is found out by
 * three calls; a circuit for each model would take three for each.
 */
const ofServer = (error: Error) => error instanceof ModelError && error.ofServer && !(error instanceof ModelNotFound);

/**
 * Of a call that tries a resting server again: it was cancelled, or failed by a fault of our own, so nothing was learnt. cockatiel
 * takes any error that its policy does not handle for a success; this one it handles, and lets the next call try at once.
 */
class Undecided extends Error {}

/** What happens to the texts that are not asked about, as the end of a sentence: now, and told afterwards. */
interface Consequence {
  readonly now: string;
  readonly then: (texts: number) => string;
}

const RULES_READ: Consequence = {
  now: 'Rules read the text',
  then: (texts) => `rules read ${String(texts)} texts without asking it`,
};

/**
 * Keeps a night from waiting out a thousand time-outs: after three failures in a row nothing is asked for a minute, then one
 * call tries, and the others wait for how it goes. `report` hears when it opens, and when it closes how many texts were not
 * asked about meanwhile.
 */
export class Circuit {
  readonly #policy = circuitBreaker(
    handleWhen((error) => ofServer(error) || error instanceof Undecided),
    {
      halfOpenAfter: new DelegateBackoff(({ result }) =>
        'error' in result && result.error instanceof Undecided ? 0 : REST * 1000,
      ),
      breaker: new ConsecutiveBreaker(FAILURES),
    },
  );
  #passedOver = 0;
  #openedAt = NEVER;

  constructor(report: (line: string) => void, { now, then }: Consequence = RULES_READ) {
    this.#policy.onBreak((reason) => {
      if (!('error' in reason) || reason.error instanceof Undecided) return;
      // The calls that try it again may fail as well; that has been said.
      const told = this.#openedAt !== NEVER;
      this.#openedAt = Date.now();
      if (told) return;
      report(`${reason.error.message}. ${now}; it is tried again every ${String(REST)} s.`);
    });
    this.#policy.onReset(() => {
      report(`Ollama answers again; ${then(this.#passedOver)}`);
      this.#passedOver = 0;
      this.#openedAt = NEVER;
    });
  }

  /** Whether a call would not be made now. */
  get resting(): boolean {
    return this.#policy.state === CircuitState.Open && Date.now() < this.#openedAt + REST * 1000;
  }

  /**
   * What `call` about so many texts gives, or null when the circuit is open and it was not made. Throws what it throws, and the
   * signal's reason as soon as it is cancelled, also while it waits for how another one goes.
   */
  async run<T>(texts: number, signal: AbortSignal, call: () => Promise<T>): Promise<T | null> {
    try {
      return await cancellable(
        this.#policy.execute(() => this.#attempt(signal, call)),
        signal,
      );
    } catch (error) {
      if (error instanceof Undecided) throw error.cause;
      if (!isBrokenCircuitError(error)) throw error;
      this.#passedOver += texts;
      return null;
    }
  }

  async #attempt<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    // Read before anything is waited for: later another call may have opened or closed it.
    const isTrial = this.#policy.state !== CircuitState.Closed;
    try {
      signal.throwIfAborted();
      return await call();
    } catch (error) {
      // What a cancelled call ends with says nothing of the server.
      const reason: unknown = signal.aborted ? signal.reason : error;
      if (!isTrial || reason instanceof ModelError) throw reason;
      throw new Undecided('nothing was learnt of the server', { cause: reason });
    }
  }
}
