import { z } from 'zod';
import { FOLDS, type Fold } from '../memory/folds.ts';
import type { Parameters } from '../memory/parameters.ts';
import type { Counts } from '../memory/types.ts';
import { countChanged, type StepContext } from './step.ts';

/** The setting that says with which parameters history is folded, and which cycle has folded how much of it again. */
const NAME = 'fold';
const settingRow = z.object({ value: z.string() });
const foldedSchema = z.object({
  parameters: z.record(z.string(), z.number()),
  cycle: z.string(),
  counts: z.record(z.string(), z.number()),
});
const stepRows = z.array(z.object({ step: z.number(), kind: z.enum(['strengthen', 'scale']), at: z.string() }));

type Folded = z.infer<typeof foldedSchema>;

/**
 * Folds history again, in one transaction, where a parameter that a fold reads is not what it was at the last fold. The first step of each
 * stage that decides by traces or weights does this before it reads, since a stage may run alone; write-back gives what those have left. Of
 * a file that does not say what it was, the traces are folded again; the weights of its links are taken as they are, since nothing is kept
 * to fold them from.
 */
export async function refoldHistory(context: StepContext): Promise<void> {
  const { commit, commits, report, profile } = context;
  const { parameters } = profile.pipeline;
  const before = await readFolded(context);
  const changed = {
    traces: before === undefined || differs('traces', before, parameters),
    weights: before !== undefined && differs('weights', before, parameters),
  };
  if (!changed.traces && !changed.weights) return;
  const counts = await commit(async () => {
    const traces = changed.traces ? await foldTraces(context) : 0;
    const links = changed.weights ? await foldWeights(context) : 0;
    const counts = { ...(traces > 0 && { refolded: traces }), ...(links > 0 && { refolded_links: links }) };
    // Of a first cycle it is noted with what it folds.
    if (before !== undefined || traces > 0) await note(context, counts);
    return counts;
  });
  if (commits && Object.keys(counts).length > 0) report(`history: ${describe(before, parameters, counts)}`);
}

/**
 * Notes with what it commits the parameters of a first cycle's folds; gives what this cycle has folded again, in whichever of its
 * attempts.
 */
export async function settleFold(context: StepContext): Promise<Counts> {
  const folded = await readFolded(context);
  if (folded === undefined) await note(context, {});
  return folded?.cycle === context.input.asOf ? folded.counts : {};
}

async function readFolded({ run }: StepContext): Promise<Folded | undefined> {
  const [row] = await run('refold.read');
  return row === undefined ? undefined : foldedSchema.parse(JSON.parse(settingRow.parse(row).value));
}

function differs(fold: Fold, before: Folded, parameters: Parameters): boolean {
  return FOLDS[fold].some((name) => before.parameters[name] !== parameters[name]);
}

/** Gives how many were there. */
async function foldTraces({ run }: StepContext): Promise<number> {
  const traces = countChanged(await run('refold.begin-trace'));
  if (traces > 0) await run('consolidation.fold-event');
  return traces;
}

/** Goes through what has changed weights, in the order in which it did, with the statements that did; gives how many links there are. */
async function foldWeights({ run }: StepContext): Promise<number> {
  const links = countChanged(await run('refold.begin-weight'));
  for (const { step, kind, at } of stepRows.parse(await run('refold.list-step'))) {
    if (kind === 'scale') {
      await run('homeostasis.scale', { weight_step: step, scaled_at: at });
    } else {
      await run('refold.stage-coactive', { weight_step: step });
      await run('consolidation.strengthen', { night: at });
    }
  }
  return links;
}

async function note({ run, input, profile }: StepContext, counts: Counts): Promise<void> {
  const names = Object.values(FOLDS).flat();
  const parameters = Object.fromEntries(names.map((name) => [name, profile.pipeline.parameters[name]]));
  const folded: Folded = { parameters, cycle: input.asOf, counts };
  await run('setting.note', { name: NAME, value: JSON.stringify(folded) });
}

/** Of a person's change: what it was, and what has come of it. */
function describe(before: Folded | undefined, parameters: Parameters, { refolded, refolded_links }: Counts): string {
  const done = [
    ...(refolded === undefined ? [] : [`the traces of ${String(refolded)} memories`]),
    ...(refolded_links === undefined ? [] : [`the weights of ${String(refolded_links)} links`]),
  ].join(' and ');
  if (before === undefined)
    return `${done} were folded again from the log: nothing says with which parameters they were`;
  const changes = Object.values(FOLDS)
    .flat()
    .filter((name) => before.parameters[name] !== parameters[name])
    .map((name) => `${name} is ${String(parameters[name])} now, it was ${String(before.parameters[name])}`);
  return `${changes.join('; ')}: ${done} were folded again from the log`;
}
