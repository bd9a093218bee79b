import type { DuckDBConnection } from '@duckdb/node-api';
import type { Answer } from '../llm/ask.ts';
import type { Call } from '../llm/calls.ts';
import { Meter } from '../llm/meter.ts';
import { ConfigurationError } from '../memory/errors.ts';

type Value = Answer['value'];

/** Finds the answer of each call, in the cache, else from the model; the meter counts what that takes. */
export type Resolve = (calls: readonly Call[], signal: AbortSignal, meter: Meter) => Promise<ReadonlyMap<Call, Value>>;

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
 */
export class LlmSession {
  /** Counts what the statements ask; who keeps books of it puts his own in its place. */
  meter = new Meter();
  #pass: Pass | undefined;
  #wanted = false;

  constructor(
    private readonly resolve: Resolve,
    private readonly signal: AbortSignal,
  ) {}

  /** For the functions: an answer, or null for one that is noted; undefined outside of a transaction in passes. */
  answer(call: Call): Value | null | undefined {
    if (this.#pass === undefined) {
      this.#wanted = true;
      return undefined;
    }
    const id = JSON.stringify([call.name, call.prompt, call.schema, call.options]);
    const known = this.#pass.answers.get(id);
    if (known !== undefined) return known;
    this.#pass.missing.set(id, call);
    return null;
  }

  /** Whether a function was called outside of passes since this was asked last. */
  takeWanted(): boolean {
    const wanted = this.#wanted;
    this.#wanted = false;
    return wanted;
  }

  /** Ends a body before it works on, or commits, what was computed from placeholders. */
  refusePlaceholders(): void {
    if (this.#pass !== undefined && this.#pass.missing.size > 0) throw new AnswersMissing();
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
        if (passes < MAX_PASSES) await this.#fill(pass);
      }
    } finally {
      this.#pass = undefined;
    }
    throw new ConfigurationError(
      `the LLM functions were still given new prompts in pass ${String(MAX_PASSES)}, so what they ask never settles: nest them ` +
        `less than ${String(MAX_PASSES)} deep (or split the statement), and keep now(), random() and their like out of prompts.`,
    );
  }

  async #fill({ answers, missing }: Pass): Promise<void> {
    const entries = [...missing];
    missing.clear();
    this.signal.throwIfAborted();
    const found = await this.resolve(
      entries.map(([, call]) => call),
      this.signal,
      this.meter,
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

const sessions = new WeakMap<DuckDBConnection, LlmSession>();

export function openSession(connection: DuckDBConnection, session: LlmSession): void {
  sessions.set(connection, session);
}

/** The session of a connection that `Database.use` lent; others have none, and LLM functions fail there. */
export function sessionOf(connection: DuckDBConnection): LlmSession | undefined {
  return sessions.get(connection);
}
