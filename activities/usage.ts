import { z } from 'zod';
import type { Parameter, Row } from '../duckdb/statement.ts';
import { Meter, type Budget, type Usage } from '../llm/meter.ts';
import type { Counts } from '../memory/types.ts';

type Run = (name: string, extra?: Record<string, Parameter>) => Promise<Row[]>;

const count = z.number();
const usageRow = z.object({
  ...{ is_own: z.boolean(), calls: count, cached: count, prompt_tokens: count, answer_tokens: count, seconds: count },
  ...{ waiting: count, embed_calls: count, waiting_for_embedding: count, failed: count, unfit: count },
  reader: z.string().nullable(),
});
type UsageRow = z.infer<typeof usageRow>;

const unused: UsageRow = {
  ...{ is_own: true, calls: 0, cached: 0, prompt_tokens: 0, answer_tokens: 0, seconds: 0, waiting: 0 },
  ...{ embed_calls: 0, waiting_for_embedding: 0, failed: 0, unfit: 0, reader: null },
};

/** What one step asks of a model, on the budget of its cycle. */
export interface StepUsage {
  readonly meter: Meter;
  /** The model that the step asks, `ollama:<model>@<digest>`; null when it asks none. */
  model: string | null;
  /** Texts about which a model was asked without a usable answer. */
  unfit: number;
  /** Texts that a model is still to read or to write, when the step is done. */
  waiting: number;
  /** Memories that are still to be embedded. */
  waitingForEmbedding: number;
  /** Keeps what was used up to now, in the caller's transaction. */
  readonly save: () => Promise<void>;
  /** What was used and what waits, also by earlier attempts; nothing of what is zero. */
  readonly count: () => Counts;
}

/** For a step in which nobody asks a model. */
export function noUsage(): StepUsage {
  const nothing = { meter: new Meter(), model: null, unfit: 0, waiting: 0, waitingForEmbedding: 0 };
  return { ...nothing, save: () => Promise.resolve(), count: () => ({}) };
}

/** Opens the books of a step: an attempt goes on where the one before it ended. */
export async function openUsage(run: Run, budget: Budget): Promise<StepUsage> {
  const rows = z.array(usageRow).parse(await run('usage.read'));
  const row = rows.find((each) => each.is_own) ?? unused;
  const sum = (of: (each: UsageRow) => number) => rows.reduce((total, each) => total + of(each), 0);
  const spent: Usage = {
    ...{ calls: sum((each) => each.calls), failed: 0, cached: 0, promptTokens: sum((each) => each.prompt_tokens) },
    ...{ answerTokens: sum((each) => each.answer_tokens), seconds: sum((each) => each.seconds), embedCalls: 0 },
  };
  const meter = new Meter(budget, spent);
  const own = () => {
    const { calls, failed, cached, promptTokens, answerTokens, embedCalls, seconds } = meter.used;
    return {
      calls: calls - spent.calls + row.calls,
      failed: failed + row.failed,
      cached: cached + row.cached,
      prompt_tokens: promptTokens - spent.promptTokens + row.prompt_tokens,
      answer_tokens: answerTokens - spent.answerTokens + row.answer_tokens,
      embed_calls: embedCalls + row.embed_calls,
      seconds: Math.round((seconds - spent.seconds + row.seconds) * 1000) / 1000,
    };
  };
  const usage: StepUsage = {
    meter,
    ...{ model: row.reader, unfit: row.unfit, waiting: row.waiting, waitingForEmbedding: row.waiting_for_embedding },
    save: async () => {
      const used = own();
      const { model: reader, unfit, waiting, waitingForEmbedding: waiting_for_embedding } = usage;
      if (used.calls + used.cached + used.embed_calls + waiting + waiting_for_embedding > 0)
        await run('usage.write', { ...used, reader, unfit, waiting, waiting_for_embedding });
    },
    count: () => {
      const { calls, failed, cached, prompt_tokens, answer_tokens, embed_calls, seconds } = own();
      const counts = {
        ...{
          model_calls: calls,
          model_failed: failed,
          model_cached: cached,
          model_hit_rate: Math.round((100 * cached) / (calls + cached || 1)) / 100,
        },
        ...{ model_prompt_tokens: prompt_tokens, model_answer_tokens: answer_tokens },
        ...{ model_seconds: seconds, model_unfit: usage.unfit, waiting_for_model: usage.waiting },
        ...{ embed_calls, waiting_for_embedding: usage.waitingForEmbedding },
      };
      return Object.fromEntries(Object.entries(counts).filter(([, value]) => value > 0));
    },
  };
  return usage;
}
