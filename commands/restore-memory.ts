import type { Command } from 'commander';
import type { SharedOptions } from '../program/context.ts';
import { withMemory } from './memory.ts';
import { print, withSharedOptions } from './options.ts';

/** `biomem restore-memory`: brings back what was archived. */
export function addRestoreMemory(program: Command): void {
  withSharedOptions(program.command('restore-memory'))
    .description('bring a memory back that was archived (fate rapid_forgetting); it counts as recalled')
    .argument('<id>', 'the id of the memory')
    .addHelpText('after', '\nExample:\n  biomem restore-memory 39ef0f68-f466-5dbe-bac4-89311f86f572')
    .action(async (id: string, options: SharedOptions) => {
      await withMemory(options, async (memory, context) => {
        const restored = await memory.restore(id);
        const { fate, retrievability } = restored;
        print(context, { id, ...restored }, () => `${id}: ${fate}, retrievability ${retrievability.toFixed(2)}`);
      });
    });
}
