import type { Command } from 'commander';
import { ConfigurationError } from '../memory/errors.ts';
import type { SharedOptions } from '../program/context.ts';
import { withMemory } from './memory.ts';
import { print, withSharedOptions } from './options.ts';

interface RememberOptions extends SharedOptions {
  readonly file?: string;
}

/** `biomem remember`: writes to the agents' table. */
export function addRemember(program: Command): void {
  withSharedOptions(program.command('remember'))
    .description("write a memory, or a journal of them, to the agents' table")
    .argument('[text]', 'what to remember')
    .option('--file <journal>', 'a journal of JSON Lines, all of it or nothing')
    .addHelpText('after', '\nExample:\n  biomem remember "The launch moved to the 21st"')
    .action(remember);
}

async function remember(text: string | undefined, options: RememberOptions): Promise<void> {
  if ((text === undefined) === (options.file === undefined))
    throw new ConfigurationError('expected either a text or --file, got ' + (text === undefined ? 'neither' : 'both'));
  // An empty text is a variable of the shell that was not set.
  if (text?.trim() === '') throw new ConfigurationError('expected a text to remember, got an empty one');
  const now = new Date().toISOString();
  const { readJournal, surveyJournal } = await import('../source/journal.ts');
  await withMemory(options, async (memory, context) => {
    // The whole file is checked before anything is started or written.
    if (options.file !== undefined) (await surveyJournal(options.file, now)).warnings.forEach(context.report);
    const { written } = await memory.remember(text ?? readJournal(options.file ?? '', now));
    print(context, { written }, () => `${String(written)} ${written === 1 ? 'memory' : 'memories'} written`);
  });
}
