import { giveFeedback, readGrades, type Feedback, type FeedbackReport } from '../recall/feedback.ts';
import { Recorder } from '../recall/recorder.ts';
import type { Context } from './context.ts';
import { openPostgres } from './postgres.ts';

/** What is recorded of recalls, and said of them, in the database of the agents' table. */
export class RecallLog {
  readonly #postgres: ReturnType<typeof openPostgres>;
  readonly #recorder: Recorder;
  readonly #target: string;

  constructor(context: Context) {
    this.#target = context.target;
    this.#postgres = openPostgres(context);
    this.#recorder = new Recorder({
      connect: () => this.#postgres.connect(),
      target: context.target,
      keepsQuestions: context.offlineProfile().pipeline.recall.keep_questions,
      report: context.report,
    });
  }

  get recorder(): Recorder {
    return this.#recorder;
  }

  /** @throws ConfigurationError, ServiceError as `giveFeedback`, or where there is no PostgreSQL */
  async feedback(recallId: string, feedback: Feedback): Promise<FeedbackReport> {
    const grades = readGrades(feedback);
    // It may be of a recall that is still being recorded.
    await this.#recorder.flush();
    const client = await this.#postgres.connect();
    try {
      return await giveFeedback(client, { recallId, target: this.#target, asOf: feedback.asOf }, grades);
    } finally {
      client.release();
    }
  }

  /** After all is recorded. */
  async close(): Promise<void> {
    await this.#recorder.flush();
    await this.#postgres.end();
  }
}
