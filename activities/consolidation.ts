import { z } from 'zod';
import { describeProgress, type Progress } from '../memory/progress.ts';
import type { Counts } from '../memory/types.ts';
import { refoldHistory, settleFold } from './refold.ts';
import { countChanged, readCounts, type Step, type StepContext } from './step.ts';

/**
 * A night to be lived. `lived` of `days` lie before it, of those that the cycle stands for. A late one was lived before by what had been
 * encoded up to an event; it is for those that came after.
 */
const nightRow = z.object({
  ...{ night: z.string(), isFirst: z.boolean(), isLast: z.boolean(), isLate: z.boolean() },
  ...{ newcomersAfter: z.number(), lived: z.number(), days: z.number() },
});
type Night = z.infer<typeof nightRow>;

/** Fewer nights than these are lived before anybody asks. */
const LONG_DAYS = 60;

/**
 * Folds history again where its parameters have changed; lives the nights that have passed since the last cycle, each with its own time
 * and budget; then folds what recalls were told, and decides every memory's fate. A cycle whose limit of replays is none lives the nights
 * before its time, and leaves its own to another.
 */
export const consolidateTraces: Step = {
  name: 'consolidateTraces',
  prepare: async (context) => {
    await refoldHistory(context);
    await liveNights(context);
  },
  finish: async (context) => {
    const { run, input } = context;
    const now = { night: input.asOf };
    await foldFeedback(context, now);
    await run('consolidation.fold-event');
    await run('consolidation.decide-fate', { ...now, only: null, known_event: null });
    const { nights = 0, ...counts } = readCounts(await run('consolidation.count'));
    const recalls = Object.entries(readCounts(await run('consolidation.count-feedback')));
    return {
      ...counts,
      ...(nights > 1 && { nights }),
      ...(await settleFold(context)),
      // Where they were told nothing, no count speaks of it.
      ...Object.fromEntries(recalls.filter(([, count]) => count > 0)),
    } satisfies Counts;
  },
};

/** Each night commits by itself, so a killed worker goes on with the one after it. */
async function liveNights(context: StepContext): Promise<void> {
  const { run, commit } = context;
  const tell = createTeller(context);
  for (;;) {
    const night = nightRow.optional().parse((await run('consolidation.next-night'))[0]);
    if (night === undefined || (night.isLast && context.input.limits.replays === 0)) return;
    await commit(() => liveNight(context, night));
    if (!night.isLast) tell({ lived: night.lived, days: night.days, night: night.night.slice(0, 10) });
  }
}

/** Tells each night to whoever waits for the cycle, and of a long time every tenth part to the person who watches the worker. */
function createTeller({ tell, report }: StepContext): (progress: Progress) => void {
  let tenths = 0;
  return (progress) => {
    const { lived, days } = progress;
    tell(progress);
    if (days < LONG_DAYS || Math.floor((10 * lived) / days) <= tenths) return;
    tenths = Math.floor((10 * lived) / days);
    report(`consolidation: ${describeProgress(progress)}`);
  };
}

/** Replays what promises most, and strengthens what was active together. What comes of the last night the end of the step decides. */
async function liveNight(
  context: StepContext,
  { night, isFirst, isLast, isLate, newcomersAfter }: Night,
): Promise<void> {
  const { run, input, profile } = context;
  const replays = input.limits.replays || profile.pipeline.parameters.replay_budget;
  const now = { night, known_event: isLate ? newcomersAfter : null };
  if (isFirst) await settleFold(context);
  await foldFeedback(context, now);
  await run('consolidation.fold-event');
  if (isFirst) await run('consolidation.date-link', { newcomers_after: newcomersAfter });
  if (countChanged(await run('consolidation.select-replay', { ...now, replays })) > 0) {
    await run('consolidation.stage-coactive', now);
    await logCoactivation(context, now);
    await run('consolidation.log-replay', now);
    await run('consolidation.strengthen', now);
  }
  await run('consolidation.note-night', now);
  if (isLast) return;
  await run('consolidation.fold-event');
  await run('consolidation.decide-fate', { ...now, only: null });
}

/** Adds to the log what recalls were told by then. */
async function foldFeedback(context: StepContext, now: { readonly night: string }): Promise<void> {
  const { run } = context;
  await run('consolidation.stage-feedback', now);
  const { recalls = 0, used = 0 } = readCounts(await run('consolidation.count-told'));
  if (recalls === 0) return;
  await run('consolidation.log-use');
  await run('consolidation.stage-co-use');
  await run('consolidation.associate-co-use', now);
  await logCoactivation(context, now);
  await run('consolidation.strengthen', now);
  await run('consolidation.ready-used');
  await run('consolidation.mark-feedback');
  if (used > 0) await run('short-term-memory.prune-association');
}

/** As a step that changes weights, so that they can be folded again. */
async function logCoactivation({ run }: StepContext, now: { readonly night: string }): Promise<void> {
  await run('consolidation.log-strengthening', now);
  await run('consolidation.log-coactivation');
}
