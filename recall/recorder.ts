import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { firstLineOf, messageOf } from '../memory/errors.ts';
import { redact } from '../profiles/redact.ts';
import { readRecallEventsFacts, whyUnwritable } from '../source/recall-events.ts';
import { recordRecall, type RecordedRecall } from './events.ts';

/** How long recalls are not recorded after it was in vain, in ms; then it is tried again. */
const PAUSE_MS = 60_000;

/** What recorders work with. */
export interface RecorderRequest {
  /** A connection to the database of the agents' table, which the borrower releases. */
  readonly connect: () => Promise<pg.PoolClient>;
  readonly target: string;
  readonly keepsQuestions: boolean;
  /** Hears once of each reason why recalls are not recorded. */
  readonly report: (line: string) => void;
}

/** Whether recalls can be recorded, and since when that is known, in ms. */
interface Finding {
  readonly can: boolean;
  readonly at: number;
}

/**
 * Records what was recalled while the process goes on. Nobody waits for it but the first recall, which has to know whether there is
 * anything to write to, and `flush`. What cannot be recorded is said once, and no recall fails of it.
 */
export class Recorder {
  readonly #request: RecorderRequest;
  readonly #said = new Set<string>();
  readonly #writing = new Set<Promise<void>>();
  #finding: Finding | undefined;
  #looking: Promise<Finding> | undefined;

  constructor(request: RecorderRequest) {
    this.#request = request;
  }

  /** Looks whether recalls can be recorded, unless that is known; worth calling while the answer is still being looked for. */
  prepare(): Promise<boolean> {
    const known = this.#finding;
    const isStale = known?.can === false && performance.now() - known.at > PAUSE_MS;
    if (known === undefined || isStale) this.#looking ??= this.#look();
    return known === undefined && this.#looking !== undefined
      ? this.#looking.then(({ can }) => can)
      : Promise.resolve(known?.can ?? false);
  }

  /** Begins to record a recall, and gives its id; undefined where none is recorded. */
  async record(
    recall: Pick<RecordedRecall, 'agent' | 'question' | 'askedAt' | 'memoryIds'>,
  ): Promise<string | undefined> {
    if (recall.memoryIds.length === 0 || !(await this.prepare())) return undefined;
    const { target, keepsQuestions: keepsQuestion } = this.#request;
    const recallId = randomUUID();
    const writing = this.#write({ ...recall, recallId, target, keepsQuestion }).finally(() =>
      this.#writing.delete(writing),
    );
    this.#writing.add(writing);
    return recallId;
  }

  /** Waits until all is recorded. */
  async flush(): Promise<void> {
    await Promise.all([...this.#writing, this.#looking]);
  }

  async #write(recall: RecordedRecall): Promise<void> {
    try {
      await this.#using((client) => recordRecall(client, recall));
    } catch (error) {
      this.#giveUp(firstLineOf(error));
    }
  }

  async #look(): Promise<Finding> {
    try {
      const facts = await this.#using((client) =>
        readRecallEventsFacts(async (sql) => (await client.query<object>(sql)).rows),
      );
      const why = whyUnwritable(facts);
      return why === null ? (this.#finding = { can: true, at: performance.now() }) : this.#giveUp(why);
    } catch (error) {
      return this.#giveUp(messageOf(error));
    } finally {
      this.#looking = undefined;
    }
  }

  async #using<T>(body: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#request.connect();
    try {
      const result = await body(client);
      client.release();
      return result;
    } catch (error) {
      // The connection may be the very thing that failed.
      client.release(true);
      throw error;
    }
  }

  #giveUp(why: string): Finding {
    const line = redact(`recall: not recorded, so nothing is strengthened by it: ${why}`);
    if (!this.#said.has(line)) this.#request.report(line);
    this.#said.add(line);
    return (this.#finding = { can: false, at: performance.now() });
  }
}
