import type { Command } from 'commander';
import type { SharedOptions } from '../program/context.ts';
import type { WhyOptions } from '../program/memory.ts';
import { withMemory } from './memory.ts';
import { print, useColour, withSharedOptions } from './options.ts';

/** Characters of a line where it goes to no terminal. */
const WIDTH = 100;

/** `biomem why`: one memory's life. */
export function addWhy(program: Command): void {
  withSharedOptions(program.command('why'))
    .description(
      "a memory's life: what happened to it, how strong it was and is, what it belongs to, and why; needs no worker",
    )
    .argument('<id>', 'of the memory, or 8 or more characters with which no other one begins')
    .option('--as-of <time>', 'when it is asked, ISO 8601 with a zone: what was later is not told (default: now)')
    .addHelpText('after', '\nExample:\n  biomem why 9365fe96')
    .action(tell);
}

async function tell(id: string, options: SharedOptions & WhyOptions): Promise<void> {
  await withMemory(options, async (memory, context) => {
    const found = await memory.why(id, options);
    const { printLife } = await import('../report/why.ts');
    print(context, found, () => printLife(found, { colour: useColour(), width: process.stdout.columns || WIDTH }));
  });
}
