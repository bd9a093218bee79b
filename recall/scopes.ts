import type { Scope } from './scope.ts';

/** A million memories with vectors take 0.7 GB; what is not kept is loaded again in 0.1 s for 20,000. */
const MOST_BYTES = 512 * 2 ** 20;

/** The scopes that were asked last, as many as fit; the one that was asked for is kept whatever it takes. */
export class Scopes {
  readonly #kept = new Map<string | null, Promise<Scope>>();
  readonly #bytes = new Map<string | null, number>();
  readonly #most: number;

  constructor(most = MOST_BYTES) {
    this.#most = most;
  }

  /** The scope of an agent, or of all with null; loaded once, also for those who ask meanwhile. */
  get(agent: string | null, load: () => Promise<Scope>): Promise<Scope> {
    const found = this.#kept.get(agent) ?? this.#keep(agent, load());
    // A Map has its keys in the order in which they were set: the first is the one that was asked longest ago.
    this.#kept.delete(agent);
    this.#kept.set(agent, found);
    return found;
  }

  #keep(agent: string | null, loading: Promise<Scope>): Promise<Scope> {
    loading.then(
      ({ bytes }) => {
        this.#bytes.set(agent, bytes);
        this.#drop(agent);
      },
      () => this.#kept.delete(agent),
    );
    return loading;
  }

  #drop(newest: string | null): void {
    let left = [...this.#bytes.values()].reduce((sum, bytes) => sum + bytes, 0) - this.#most;
    for (const agent of [...this.#kept.keys()]) {
      if (left <= 0) return;
      const bytes = this.#bytes.get(agent);
      if (agent === newest || bytes === undefined) continue;
      this.#kept.delete(agent);
      this.#bytes.delete(agent);
      left -= bytes;
    }
  }
}
