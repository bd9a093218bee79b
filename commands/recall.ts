import { InvalidArgumentError, type Command } from 'commander';
import type { SharedOptions } from '../program/context.ts';
import type { RecallOptions } from '../program/memory.ts';
import { withMemory } from './memory.ts';
import { print, useColour, withSharedOptions } from './options.ts';

interface RecallCommandOptions extends SharedOptions, RecallOptions {
  readonly explain?: boolean;
}

/** `biomem recall`: the memories that answer a question. */
export function addRecall(program: Command): void {
  withSharedOptions(program.command('recall'))
    .description('find the memories that answer a question, each with its reasons; needs no worker')
    .argument('<question>', 'in plain words')
    .option('--agent <name>', "only this agent's memories (default: all agents')")
    .option('--limit <n>', 'memories at most', parseLimit, 5)
    .option('--as-of <time>', 'when it is asked, ISO 8601 with a zone (default: now)')
    .option('--explain', 'what each part added to the score')
    .addHelpText('after', '\nExample:\n  biomem recall "Which port does the staging shop listen on?"')
    .action(answer);
}

async function answer(question: string, { explain = false, ...options }: RecallCommandOptions): Promise<void> {
  await withMemory(options, async (memory, context) => {
    const found = await memory.recall(question, options);
    const { printRecall } = await import('../report/recall.ts');
    print(context, found, () => printRecall(found, { colour: useColour(), explain }));
  });
}

function parseLimit(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number from 1 to 9999');
}
