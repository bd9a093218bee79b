import type { Command } from 'commander';
import { ConfigurationError } from '../memory/errors.ts';
import type { Context, SharedOptions } from '../program/context.ts';
import type { Memory } from '../program/memory.ts';
import { withMemory } from './memory.ts';
import { print, withSharedOptions } from './options.ts';

interface RememberOptions extends SharedOptions {
  readonly file?: string;
  readonly agent?: string;
  readonly tag?: readonly string[];
  readonly dryRun?: boolean;
}

const HELP = `
--file takes a journal (JSON Lines), and what other systems export: rows of a memories table (Codex memory) as JSON, JSON Lines or
CSV, get_all of mem0, episodes, facts and messages of Zep or Graphiti, conversations.json of Claude or ChatGPT, and Markdown.
What it is, is found out by what stands in it. The same file again writes nothing new.

Example:
  biomem remember "The launch moved to the 21st"
  biomem remember --file conversations.json --agent claude --dry-run`;

/** `biomem remember`: writes to the agents' table. */
export function addRemember(program: Command): void {
  withSharedOptions(program.command('remember'))
    .description("write a memory, or a file of them, to the agents' table")
    .argument('[text]', 'what to remember')
    .option('--file <file>', "a journal, or another system's export; all of it or nothing")
    .option('--agent <name>', 'whose memories they are (default: whose the file says)')
    .option('--tag <name...>', 'tags of the text')
    .option('--dry-run', 'tell what the file holds, and write nothing')
    .addHelpText('after', HELP)
    .action(remember);
}

async function remember(text: string | undefined, options: RememberOptions): Promise<void> {
  const { file, agent, tag: tags, dryRun = false } = options;
  if ((text === undefined) === (file === undefined))
    throw new ConfigurationError('expected either a text or --file, got ' + (text === undefined ? 'neither' : 'both'));
  // An empty text is a variable of the shell that was not set.
  if (text?.trim() === '') throw new ConfigurationError('expected a text to remember, got an empty one');
  if (dryRun && file === undefined) throw new ConfigurationError('expected --file with --dry-run, got a text');
  if (tags !== undefined && file !== undefined)
    throw new ConfigurationError('expected --tag with a text, got --file, whose memories have tags of their own');
  await withMemory(options, async (memory, context) => {
    if (file !== undefined) return rememberFile(memory, context, { file, agent, dryRun });
    const { written } = await memory.remember({ content: text ?? '', agent, tags });
    print(context, { written }, () => countMemories(written));
  });
}

async function rememberFile(
  memory: Memory,
  context: Context,
  { file, agent, dryRun }: { readonly file: string; readonly agent: string | undefined; readonly dryRun: boolean },
): Promise<void> {
  const { openImport } = await import('../source/import/import.ts');
  const opened = await openImport(file, { agent, now: new Date().toISOString() });
  // The whole file is checked before anything is started or written.
  const { first, ...summary } = await opened.survey();
  summary.warnings.forEach(context.report);
  const { printDryRun, printImport } = await import('../report/import.ts');
  if (dryRun) {
    print(context, { written: 0, ...summary, first }, () => printDryRun({ ...summary, first }));
    return;
  }
  const { written } = await memory.remember(opened.read(), { keep: opened.format !== 'journal' });
  print(context, { written, ...summary }, () => `${printImport(summary)}${countMemories(written)}`);
}

const countMemories = (count: number) => `${String(count)} ${count === 1 ? 'memory' : 'memories'} written`;
