import { spawn } from 'node:child_process';
import { open, rename } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf } from '../memory/errors.ts';

export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** stdout and stderr go here; the log of the run before is kept as `<log>.previous`. */
  readonly log: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface ServerProcess {
  readonly pid: number;
  /** How it ended, once it has: `exit code 1`. */
  ended(): string | undefined;
}

/** Starts a server that outlives this process and that Ctrl-C in this terminal does not reach. */
export async function startServer({ file, args, log, ...options }: ServerCommand): Promise<ServerProcess> {
  await rename(log, `${log}.previous`).catch(() => undefined);
  const output = await open(log, 'a', 0o600);
  try {
    const child = spawn(file, args, { ...options, detached: true, stdio: ['ignore', output.fd, output.fd] });
    let ended: string | undefined;
    child.on('exit', (code, signal) => (ended = signal ? `signal ${signal}` : `exit code ${code}`));
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    return { pid: child.pid ?? 0, ended: () => ended };
  } finally {
    await output.close();
  }
}

/**
 * Repeats `attempt` until it succeeds; gives up after `ms`, or at once when `ended` says that there is nothing left to
 * wait for, with the last reason.
 */
export async function retryUntil<T>(
  attempt: () => Promise<T>,
  ms: number,
  ended: () => string | undefined,
): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const end = ended();
      if (end) throw new Error(`it ended with ${end}`);
      if (Date.now() > deadline) throw new Error(`no answer within ${ms / 1000} s (${reasonOf(error)})`);
    }
    await delay(30);
  }
}
