import { circuitBreaker, CircuitState, ConsecutiveBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel';
import { ModelError } from './model-error.ts';

/** Failures in a row after which a model is left alone. */
const FAILURES = 3;
/** Seconds until one call tries it again. */
const REST = 60;

const ofServer = (error: Error) => error instanceof ModelError && error.ofServer;

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
  readonly #policy = circuitBreaker(handleWhen(ofServer), {
    halfOpenAfter: REST * 1000,
    breaker: new ConsecutiveBreaker(FAILURES),
  });
  #passedOver = 0;
  #openedAt = Number.NEGATIVE_INFINITY;

  constructor(report: (line: string) => void, { now, then }: Consequence = RULES_READ) {
    this.#policy.onBreak((reason) => {
      this.#openedAt = Date.now();
      // The calls that try it again may fail as well; that has been said.
      if (this.#passedOver > 0 || !('error' in reason)) return;
      report(`${reason.error.message}. ${now}; it is tried again every ${String(REST)} s.`);
    });
    this.#policy.onReset(() => {
      report(`Ollama answers again; ${then(this.#passedOver)}`);
      this.#passedOver = 0;
    });
  }

  /** Whether a call would not be made now. */
  get resting(): boolean {
    return this.#policy.state === CircuitState.Open && Date.now() < this.#openedAt + REST * 1000;
  }

  /** What `call` about so many texts gives, or null when the circuit is open and it was not made. Throws what it throws. */
  async run<T>(texts: number, call: () => Promise<T>): Promise<T | null> {
    try {
      return await this.#policy.execute(call);
    } catch (error) {
      if (!isBrokenCircuitError(error)) throw error;
      this.#passedOver += texts;
      return null;
    }
  }
}
