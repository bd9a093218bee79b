import { InvalidArgumentError, type Command } from 'commander';
import { ConfigurationError } from '../memory/errors.ts';
import { parseTime } from '../memory/time.ts';
import { openModels } from './models.ts';
import { createContext, print, useColour, withSharedOptions, type SharedOptions } from './context.ts';

interface RecallOptions extends SharedOptions {
  readonly agent?: string;
  readonly limit: number;
  readonly asOf?: string;
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

async function answer(question: string, options: RecallOptions): Promise<void> {
  const context = createContext(options);
  const [{ RecallFile }, { embedQuestions }, { recall }, { recallFileOf }, { printRecall }] = await Promise.all([
    import('../recall/file.ts'),
    import('../recall/meaning.ts'),
    import('../recall/recall.ts'),
    import('../recall/paths.ts'),
    import('../report/recall.ts'),
  ]);
  const began = performance.now();
  const profile = context.offlineProfile();
  const path = recallFileOf(profile, context.workspace);
  const file = await RecallFile.open(path, profile);
  try {
    const { agent, limit, asOf = new Date().toISOString() } = options;
    const agents = await file.agents();
    if (agent !== undefined && !agents.some((each) => each.agent === agent))
      context.report(
        `recall: nothing of ${agent} is remembered; the agents are ${agents.map((each) => each.agent).join(', ')}`,
      );
    const { embedding } = await openModels(context, profile, {
      command: 'recall',
      signal: new AbortController().signal,
    });
    const embed = embedQuestions(embedding, file.meta.model, context.report);
    const found = await recall(file, embed, { question, agent, limit, asOf: readTime(asOf) });
    const tookMs = Math.round(performance.now() - began);
    const shown = { ...found, took_ms: tookMs, source: { file: path, cycle: file.meta.cycle_id } };
    print(context, shown, () => printRecall(found, { colour: useColour(), explain: options.explain ?? false }));
  } finally {
    file.close();
  }
}

function readTime(text: string): string {
  try {
    return parseTime(text);
  } catch (error) {
    throw new ConfigurationError(`--as-of: expected ${(error as Error).message}, got ${text}`);
  }
}

function parseLimit(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number from 1 to 9999');
}
