import { Command, CommanderError } from 'commander';
import { addChecksum } from './commands/checksum.ts';
import { addContext } from './commands/context.ts';
import { addCycle } from './commands/cycle.ts';
import { addDebug } from './commands/debug.ts';
import { addDream } from './commands/dream.ts';
import { addExtensions } from './commands/extensions.ts';
import { addFeedback } from './commands/feedback.ts';
import { addForget } from './commands/forget.ts';
import { addMcp } from './commands/mcp.ts';
import { addProfile } from './commands/profile.ts';
import { addRecall } from './commands/recall.ts';
import { addRemember } from './commands/remember.ts';
import { addRestoreMemory } from './commands/restore-memory.ts';
import { addSchedules } from './commands/schedules.ts';
import { addServices } from './commands/services.ts';
import { addSql } from './commands/sql.ts';
import { addUp } from './commands/up.ts';
import { addWhy } from './commands/why.ts';
import { addWorker } from './commands/worker.ts';
import { InterruptedError } from './program/interruption.ts';
import { readVersion } from './program/version.ts';
import { ConfigurationError, messageOf } from './memory/errors.ts';
import { redact } from './profiles/redact.ts';

const FAILED = 1;
const WRONG_USAGE = 2;
/** 128 + SIGINT. */
const INTERRUPTED = 130;

/** The program: every command, its help and its version. */
function createProgram(): Command {
  const program = new Command('biomem')
    .description('Sleep for the memories of AI agents: attend, bind, replay, keep the gist, let the rest fade.')
    .version(readVersion())
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', '\nExample:\n  biomem dream        live through the sample journal, night by night');
  for (const add of [
    addDream,
    addUp,
    addDebug,
    addWorker,
    addCycle,
    addSchedules,
    addServices,
    addExtensions,
    addRemember,
    addRecall,
    addContext,
    addFeedback,
    addWhy,
    addForget,
    addRestoreMemory,
    addMcp,
    addSql,
    addChecksum,
    addProfile,
  ])
    add(program);
  return program;
}

async function main(): Promise<void> {
  // What is made here, or by a server that is started here, holds memories or what leads to them: DuckDB's file, its log and its
  // temporary folder, Temporal's database, an export. To let others read one of them, use chmod.
  process.umask(0o077);
  // A reader that has gone (`biomem up | head`, a closed terminal) must not keep us from stopping what was started.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', noteUnlessGone);
  try {
    await createProgram().parseAsync();
  } catch (error) {
    process.exitCode = describeFailure(error);
  }
}

function noteUnlessGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') process.exitCode = FAILED;
}

/** One clear line for what a user can mend; a stack only for what nobody foresaw and only when asked for. */
function describeFailure(error: unknown): number {
  // Commander has said it already; help and version end with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
  const message = rootMessage(error);
  process.stderr.write(`biomem: ${redact(message)}\n`);
  if (process.env['BIOLOGICAL_MEMORY_DEBUG'] && error instanceof Error)
    process.stderr.write(`${redact(error.stack ?? '')}\n`);
  if (error instanceof InterruptedError) return INTERRUPTED;
  return error instanceof ConfigurationError ? WRONG_USAGE : FAILED;
}

/** Temporal wraps what went wrong: workflow failed, because activity failed, because ... The last one says it. */
function rootMessage(error: unknown): string {
  const wraps = error instanceof Error && /(?:FailedError|Failure)$/.test(error.constructor.name);
  return wraps && error.cause instanceof Error ? rootMessage(error.cause) : messageOf(error);
}

await main();
