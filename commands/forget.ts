import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { ConfigurationError, ServiceError } from '../memory/errors.ts';
import type { Context, SharedOptions } from '../program/context.ts';
import type { Held, Memory } from '../program/memory.ts';
import { withMemory } from './memory.ts';
import { parseLimit, print, withSharedOptions } from './options.ts';

interface ForgetOptions extends SharedOptions {
  readonly query?: string;
  readonly agent?: string;
  readonly limit: number;
  readonly yes?: boolean;
}

/** `biomem forget`: erases memories everywhere, and shows that it did. */
export function addForget(program: Command): void {
  withSharedOptions(program.command('forget'))
    .description('erase memories everywhere, then search for what is left; shows them and asks first')
    .argument('[ids...]', 'ids of memories, as biomem recall shows them')
    .option('--query <question>', 'what recall finds for this, in place of ids')
    .option('--agent <name>', "with --query: only this agent's memories")
    .option('--limit <n>', 'with --query: memories at most', parseLimit, 5)
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  biomem forget --query "the code of the gate" --limit 1')
    .action(forget);
}

async function forget(ids: string[], { query, yes = false, ...options }: ForgetOptions): Promise<void> {
  if (ids.length > 0 === (query !== undefined))
    throw new ConfigurationError(
      `forget: expected either ids or --query, got ${query === undefined ? 'neither' : 'both'}`,
    );
  await withMemory(options, async (memory, context) => {
    const held =
      query === undefined
        ? await memory.lookUp(ids)
        : (await memory.recall(query, { ...options, record: false })).results;
    const asked = query === undefined ? ids : held.map(({ id }) => id);
    if (asked.length === 0)
      throw new ServiceError('forget: nothing that was remembered answers that; nothing was erased');
    await show(context, asked, held);
    if (!yes && !(await isMeant(asked.length))) throw new ServiceError('forget: nothing was erased');
    await erase(memory, context, asked);
  });
}

async function show({ report }: Context, ids: readonly string[], held: readonly Held[]): Promise<void> {
  const { listHeld } = await import('../report/forget.ts');
  listHeld(ids, held).forEach(report);
}

async function erase(memory: Memory, context: Context, ids: readonly string[]): Promise<void> {
  const [receipt, { describeUntouched, printReceipt }] = await Promise.all([
    memory.forget(ids),
    import('../report/forget.ts'),
  ]);
  const untouched = describeUntouched(receipt, context.offlineProfile().pipeline.source);
  print(context, { ...receipt, untouched }, () => printReceipt(receipt, untouched));
  // The agents' row is still there, or something was found.
  if (receipt.source.left > 0 || receipt.found.length > 0) process.exitCode = 1;
}

/** @throws ConfigurationError where nobody can be asked */
async function isMeant(count: number): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new ConfigurationError(
      'forget: it asks before it erases, and there is no terminal to ask at. Nothing was erased; add --yes to erase what is listed above.',
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const what = count === 1 ? 'this memory' : `these ${String(count)} memories`;
    const answer = await terminal.question(`Erase ${what} everywhere? It cannot be undone. [y/N] `);
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
