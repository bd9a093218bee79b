import type { Command } from 'commander';
import type { SharedOptions } from '../program/context.ts';
import type { Feedback, FeedbackReport } from '../program/memory.ts';
import { withMemory } from './memory.ts';
import { print, withSharedOptions } from './options.ts';

const HELP = `
What was of use is strengthened by the next cycle, and associated. A grade stands; the same once more changes nothing.

Example:
  biomem feedback 7b6c1f0e-5d2f-4c39-9a37-0d5f6f1f8f11 --used m17 m3 --wrong m8`;

/** `biomem feedback`: of what use a recall was. */
export function addFeedback(program: Command): void {
  withSharedOptions(program.command('feedback'))
    .description('say of what use the memories of a recall were; needs no worker')
    .argument('<recall id>', 'the recall_id of its answer')
    .option('--used <id...>', 'memories that were of use')
    .option('--wrong <id...>', 'memories that were not what was asked for')
    .option('--as-of <time>', 'when it is said, ISO 8601 with a zone (default: as long after the question as it is)')
    .addHelpText('after', HELP)
    .action(give);
}

async function give(recallId: string, { used, wrong, asOf, ...options }: SharedOptions & Feedback): Promise<void> {
  await withMemory(options, async (memory, context) => {
    const report = await memory.feedback(recallId, { used, wrong, asOf });
    print(context, report, () => describe(report));
  });
}

function describe({ used, wrong, ungraded, recorded }: FeedbackReport): string {
  const stands = `of this recall ${used.length} used, ${wrong.length} wrong, ${ungraded.length} not graded`;
  return recorded === 0 ? `nothing new: ${stands}` : `${stands}; the next cycle strengthens what was used`;
}
