import type { DuckDBConnection } from '@duckdb/node-api';
import { ConfigurationError } from '../memory/errors.ts';
import type { CallAnswer } from './outcome.ts';
import type { Call } from './calls.ts';
import { SqlMeter } from './meter.ts';
import { inventValue } from './placeholder.ts';

/** Null: there is no usable answer, and the call takes NULL for one. */
export type Value = CallAnswer['value'] | null;

/**
 * Finds the answer of each call, in the cache, else from the model; the meter counts what that takes. `earlier` is what the
 * statement was answered before.
 */
export type Resolve = (
  calls: readonly Call[],
  signal: AbortSignal,
  meter: SqlMeter,
  earlier?: readonly Value[],
) => Promise<ReadonlyMap<Call, Value>>;

/** Passes of a statement at most: calls may be nested seven deep. */
const MAX_PASSES = 8;

/** Ends a statement that ran on placeholders; never seen outside, for its transaction runs again with the answers. */
class AnswersMissing extends Error {}

/** What a transaction knows while it is repeated: answers, and what it asked for and did not get. */
interface Pass {
  readonly answers: Map<string, Value>;
  readonly missing: Map<string, Call>;
}

/**
 * The LLM functions of one connection. They run on the main thread and must not wait, so a transaction that calls them is
 * run in passes: what is not known yet is noted and answered with NULL, the transaction is rolled back, the model is asked,
 * and the transaction runs again, until nothing is missing.
 *
 * Where calls may hang on each other's answers, as in `llm_generate(concat('Sum up: ', llm_generate(x)))`, a prompt may have been
 * made of the NULL. So such a pass runs a second time on other placeholders, and only what is asked both times is asked for.
 */
export class Passes {
  /** Counts what the statements ask. */
  readonly meter = new SqlMeter();
  #pass: Pass | undefined;
  #bound = 0;
  #probing = false;

  constructor(
    private readonly resolve: Resolve,
    private readonly signal: AbortSignal,
  ) {}

  /** Calls in the statement that was prepared last, wherever they stand: in its text, a view, a macro, a generated column. */
  get bound(): number {
    return this.#bound;
  }

  /** Whether a transaction is being repeated until all its answers are known. */
  get inPasses(): boolean {
    return this.#pass !== undefined;
  }

  /** Before a statement is prepared. */
  forgetBound(): void {
    this.#bound = 0;
  }

  /** For the functions, when DuckDB prepares a statement with a call. */
  countBound(): void {
    this.#bound += 1;
  }

  /** For the functions: an answer, or a placeholder for one that is noted; undefined outside of a transaction in passes. */
  answer(call: Call): Value | undefined {
    if (this.#pass === undefined) return undefined;
    const id = JSON.stringify([call.name, call.prompt, call.schema, call.options]);
    const known = this.#pass.answers.get(id);
    if (known !== undefined) return known;
    this.#pass.missing.set(id, call);
    return this.#probing ? inventValue(call) : null;
  }

  /** Ends a body before it works on, or commits, what was computed from placeholders. */
  refusePlaceholders(): void {
    if (this.#pass === undefined) return;
    if (this.#probing || this.#pass.missing.size > 0) throw new AnswersMissing();
  }

  /**
   * Repeats a transaction that leaves nothing behind when it throws, until no answer is missing.
   * @throws ConfigurationError when prompts are still new after eight passes; what the model throws, as it is
   */
  async repeat<T>(transaction: () => Promise<T>): Promise<T> {
    const pass: Pass = { answers: new Map(), missing: new Map() };
    this.#pass = pass;
    try {
      for (let passes = 1; passes <= MAX_PASSES; passes += 1) {
        try {
          return await transaction();
        } catch (error) {
          // NULL in place of an answer may have broken a constraint; only what fails with every answer known has failed.
          if (pass.missing.size === 0 || isInterruption(error)) throw error;
        }
        if (passes === MAX_PASSES) break;
        if (this.#bound > 1) await this.#probe(pass, transaction);
        await this.#fill(pass);
      }
    } finally {
      this.#pass = undefined;
    }
    throw new ConfigurationError(
      `the LLM functions were still given new prompts in pass ${String(MAX_PASSES)}, so what they ask changes with each: nest them ` +
        `less than ${String(MAX_PASSES)} deep (or split the statement), and keep now(), random() and their like out of prompts.`,
    );
  }

  /**
   * Leaves missing only what does not hang on a placeholder. Where that cannot be told, because the other placeholders break the
   * statement or nothing is asked both times, all stays.
   */
  async #probe({ missing }: Pass, transaction: () => Promise<unknown>): Promise<void> {
    const first = new Map(missing);
    missing.clear();
    this.#probing = true;
    const error = await transaction().catch((reason: unknown) => reason);
    this.#probing = false;
    if (isInterruption(error)) throw error;
    const both = [...first].filter(([id]) => missing.has(id));
    missing.clear();
    for (const [id, call] of error instanceof AnswersMissing && both.length > 0 ? both : first) missing.set(id, call);
  }

  async #fill({ answers, missing }: Pass): Promise<void> {
    const entries = [...missing];
    missing.clear();
    this.signal.throwIfAborted();
    const found = await this.resolve(
      entries.map(([, call]) => call),
      this.signal,
      this.meter,
      [...answers.values()],
    );
    for (const [id, call] of entries) {
      const value = found.get(call);
      if (value === undefined) throw new Error(`${call.name}: a call came back without its answer`);
      answers.set(id, value);
    }
  }
}

/** DuckDB's own word, wherever it is quoted. */
function isInterruption(error: unknown): boolean {
  return error instanceof Error && error.message.includes('INTERRUPT Error');
}

const serving = new WeakMap<DuckDBConnection, Passes>();

/** Has the statements of a connection run in these passes. */
export function serve(connection: DuckDBConnection, passes: Passes): void {
  serving.set(connection, passes);
}

/** The passes of a connection that a database with LLM functions has lent; undefined for any other. */
export function passesOf(connection: DuckDBConnection): Passes | undefined {
  return serving.get(connection);
}
