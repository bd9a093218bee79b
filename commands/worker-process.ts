import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ConfigurationError, ServiceError } from '../memory/errors.ts';
import { postgresVariables } from '../services/postgres-variable.ts';
import type { Services } from '../services/services.ts';
import type { Context } from '../program/context.ts';

/** Deaths in a row after which a worker is given up; one that serves is forgiven the earlier ones. */
const PATIENCE = 5;
/** What a command's last words begin with when it fails; they may be several lines. */
const LAST = 'biomem: ';
const BIN = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../bin/biomem.cjs' : '../../bin/biomem.cjs', import.meta.url),
);

/** A worker in a process of its own, started again when it dies. */
export interface WorkerProcess {
  /** Rejects when the worker cannot be kept alive; never resolves before `stop`. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts `biomem worker` on services that run already, and waits until it serves. It has its own process group, so that
 * Ctrl-C reaches it through us, in order, and it ends by itself when we are gone.
 * @throws ServiceError with what the worker said last; ConfigurationError where that is for the user to mend
 */
export async function startWorkerProcess(context: Context, services: Services): Promise<WorkerProcess> {
  let stopping = false;
  let current = spawnWorker(context, services, () => stopping);
  const supervise = async (): Promise<void> => {
    for (let deaths = 0; ;) {
      const { ready, exited } = current;
      void ready.then(
        () => {
          deaths = 0;
        },
        () => undefined,
      );
      const reason = await exited;
      if (stopping) return;
      if (current.child.exitCode === 0)
        throw new ServiceError('the worker was told to end, by biomem services down or by a signal; so this ends too');
      // What is for the user to mend is not mended by another start.
      if (current.child.exitCode === 2) throw new ConfigurationError(reason.replace(/^exit 2: /, ''));
      deaths += 1;
      if (deaths >= PATIENCE) throw new ServiceError(`the worker died ${String(deaths)} times in a row: ${reason}`);
      context.report(`worker: it died (${reason}); starting it again, the workflows wait`);
      current = spawnWorker(context, services, () => stopping);
    }
  };
  await current.ready;
  const ended = supervise();
  ended.catch(() => undefined);
  return {
    ended,
    stop: async () => {
      stopping = true;
      current.child.kill('SIGTERM');
      await ended.catch(() => undefined);
    },
  };
}

function spawnWorker(context: Context, services: Services, stopping: () => boolean) {
  const child = spawn(process.execPath, [BIN, 'worker', ...context.handOn], {
    env: {
      ...context.env,
      ...postgresVariables(context.env, context.target, services.postgres.url),
      TEMPORAL_ADDRESS: services.temporal.address,
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-2_000);
    // What it says is for people too: an extension that is being fetched, a connection that broke.
    if (!stopping()) withoutLastMessage(text).forEach(context.report);
  });
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(`${signal ?? `exit ${String(code)}`}${lastMessage(said)}`);
    });
  });
  const ready = Promise.race([
    new Promise<void>((resolve) =>
      child.once('message', () => {
        resolve();
      }),
    ),
    exited.then((reason) => {
      // Wrong configuration is no fault of the worker's.
      if (child.exitCode === 2)
        throw new ConfigurationError(said.slice(said.lastIndexOf(LAST)).slice(LAST.length).trim());
      throw new ServiceError(`the worker did not start: ${reason}`);
    }),
  ]);
  ready.catch(() => undefined);
  return { child, ready, exited };
}

/** The lines before the last message, which are told by the one that waits for the worker. */
function withoutLastMessage(text: string): string[] {
  const lines = text.trimEnd().split('\n');
  const last = lines.findIndex((line) => line.startsWith(LAST));
  return last === -1 ? lines : lines.slice(0, last);
}

/** What it died of, which may be several lines (libpq's errors are), else its last line. */
function lastMessage(said: string): string {
  const lines = said.trim().split('\n');
  const begin = lines.findLastIndex((line) => line.startsWith(LAST));
  const message = lines.slice(begin).map((line) => line.trim());
  return said.trim() === '' ? '' : `: ${message.join(' ').replace(/^biomem: /, '')}`;
}
