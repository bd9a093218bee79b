import { InvalidArgumentError, type Command } from 'commander';
import type { SharedOptions } from '../program/context.ts';
import type { ContextOptions } from '../program/memory.ts';
import { withMemory } from './memory.ts';
import { print, withSharedOptions } from './options.ts';

interface ContextCommandOptions extends SharedOptions, ContextOptions {
  readonly tokens: number;
}

const HELP = `
Example:
  biomem context "Prepare the launch of the shop" --tokens 1500 >> prompt.txt`;

/** `biomem context`: a prompt's worth of memory. */
export function addContext(program: Command): void {
  withSharedOptions(program.command('context'))
    .description('what a prompt for a task should know, within a number of tokens; needs no worker')
    .argument('<task>', 'in plain words')
    .option('--tokens <n>', 'what it may take at most', parseTokens, 1_500)
    .option('--agent <name>', "only this agent's memories (default: all agents')")
    .option('--as-of <time>', 'when it is asked, ISO 8601 with a zone (default: now)')
    .option('--no-record', 'do not record what was recalled; nothing can be said of it later')
    .addHelpText('after', HELP)
    .action(gather);
}

async function gather(task: string, options: ContextCommandOptions): Promise<void> {
  await withMemory(options, async (memory, context) => {
    const found = await memory.context(task, options);
    const { describeGap } = await import('../report/context.ts');
    const gap = describeGap(found);
    if (gap !== null) context.report(gap);
    print(context, found, () => found.text);
  });
}

function parseTokens(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number from 1 to 9999999');
}
