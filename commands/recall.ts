import { once } from 'node:events';
import type { Command } from 'commander';
import { ConfigurationError } from '../memory/errors.ts';
import type { SharedOptions } from '../program/context.ts';
import type { Memory, RecallOptions } from '../program/memory.ts';
import { withMemory } from './memory.ts';
import { parseLimit, print, useColour, withSharedOptions } from './options.ts';

interface RecallCommandOptions extends SharedOptions, RecallOptions {
  readonly explain?: boolean;
  readonly file?: string;
  readonly tag?: readonly string[];
}

const HELP = `
A line of --file: {"question", "agent"?, "as_of"?, "since"?, "until"?, "tags"?, "limit"?}; what it leaves out is taken from the options. Each
answer is one line of JSON, in order, with the number of its line as "i". A file is checked before the first answer; \`--file -\` answers
the lines of stdin as they come.

Example:
  biomem recall "Which port does the staging shop listen on?"
  biomem recall --file questions.jsonl --limit 10 > answers.jsonl`;

/** `biomem recall`: the memories that answer a question. */
export function addRecall(program: Command): void {
  withSharedOptions(program.command('recall'))
    .description('find the memories that answer a question, each with its reasons; needs no worker')
    .argument('[question]', 'in plain words')
    .option('--file <questions>', 'many questions, as JSON Lines; - reads stdin')
    .option('--agent <name>', "only this agent's memories (default: all agents')")
    .option('--limit <n>', 'memories at most', parseLimit, 5)
    .option('--as-of <time>', 'when it is asked, ISO 8601 with a zone (default: now)')
    .option('--since <time>', 'only memories written at that time or later')
    .option('--until <time>', 'only memories written before that time')
    .option('--tag <name...>', 'only memories with one of these tags')
    .option('--explain', 'what each part added to the score')
    .option('--no-record', 'do not record what was recalled; nothing can be said of it later')
    .addHelpText('after', HELP)
    .action(answer);
}

async function answer(question: string | undefined, options: RecallCommandOptions): Promise<void> {
  const { file, tag: tags, explain = false, ...others } = options;
  if ((question === undefined) === (file === undefined))
    throw new ConfigurationError(
      `expected either a question or --file, got ${question === undefined ? 'neither' : 'both'}`,
    );
  await withMemory(others, async (memory, context) => {
    if (question === undefined) return answerFile(memory, file ?? '', { ...others, tags });
    const found = await memory.recall(question, { ...others, tags });
    const { printRecall } = await import('../report/recall.ts');
    print(context, found, () => printRecall(found, { colour: useColour(), explain }));
  });
}

/** The whole file is checked first: an answer of half of it is hard to go on from. Stdin is answered as it comes. */
async function answerFile(memory: Memory, file: string, options: RecallOptions): Promise<void> {
  const { checkQuestions, readQuestions } = await import('../recall/questions.ts');
  await checkQuestions(file);
  for await (const { i, asked } of readQuestions(file)) {
    const { question, as_of: asOf = options.asOf, ...own } = asked;
    const found = await memory.recall(question, { ...options, ...own, asOf });
    if (!(await write(`${JSON.stringify({ i, ...found })}\n`))) return;
  }
}

/** Waits while the reader is slower. @returns whether there is a reader still: `| head -1` has what it wanted */
async function write(line: string): Promise<boolean> {
  try {
    if (!process.stdout.write(line)) await once(process.stdout, 'drain');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return false;
    throw error;
  }
}
