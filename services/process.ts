import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';

/** How often a process is looked at while it is ending, in ms. */
const LOOK_EVERY = 25;

/** One run of one process: a pid alone is handed out again after its process has ended. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Differs between any two processes that ever had this pid. */
  readonly identity: string;
}

/**
 * What tells this process from an earlier or later one with the same pid; undefined when there is none (a zombie, which
 * only waits for its parent to notice, counts as none) or the system cannot tell.
 */
export async function identify(pid: number): Promise<string | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid);
}

async function identifyByProc(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Field 2 is the program's name in brackets, which may itself hold blanks and brackets: count from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTime] = [fields[0], fields[22 - 3]];
    if (state === 'Z' || state === 'X') return undefined;
    // The start time counts from boot, so it says nothing without knowing which boot.
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    return `${boot.trim()}:${startTime}`;
  } catch {
    return undefined;
  }
}

async function identifyByPs(pid: number): Promise<string | undefined> {
  const options = ['-ww', '-o', 'stat=,lstart=,command=', '-p', String(pid)];
  const { stdout, failed } = await execa('ps', options, { reject: false, env: { LC_ALL: 'C' } });
  const [, state, rest] = /^\s*(\S+)\s+(.*)$/.exec(stdout) ?? [];
  return failed || !rest || state?.startsWith('Z') ? undefined : rest.trim();
}

export async function isAlive({ pid, identity }: ProcessIdentity): Promise<boolean> {
  return (await identify(pid)) === identity;
}

/** Waits until the process has ended, at most `ms`; false when it has not. */
async function waitForEnd(entry: ProcessIdentity, ms: number): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (await isAlive(entry)) {
    if (Date.now() > deadline) return false;
    await delay(LOOK_EVERY);
  }
  return true;
}

/** What `work` gives; rejects as soon as the process ends, for nobody will answer then. */
export async function whileAlive<T>(entry: ProcessIdentity, work: () => Promise<T>): Promise<T> {
  const finished = new AbortController();
  const watch = async (): Promise<never> => {
    while (!finished.signal.aborted && (await isAlive(entry))) await delay(LOOK_EVERY);
    throw new Error('it has ended');
  };
  try {
    return await Promise.race([work(), watch()]);
  } finally {
    finished.abort();
  }
}

/** Ends the process with each signal in turn, waiting `ms` after each; nothing happens to a process that is not it. */
export async function end(
  entry: ProcessIdentity,
  steps: readonly { signal: NodeJS.Signals; ms: number }[],
): Promise<boolean> {
  for (const { signal, ms } of steps) {
    if (!(await isAlive(entry))) return true;
    send(entry.pid, signal);
    if (await waitForEnd(entry, ms)) return true;
  }
  return false;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * The running programs called `program` that have `argument` among their arguments: servers on our own data that no
 * state file knows, because the process that started them was killed before it could write them down.
 */
export async function findByArgument(program: string, argument: string): Promise<ProcessIdentity[]> {
  const found: ProcessIdentity[] = [];
  for (const { pid, args } of await listProcesses()) {
    if (path.basename(args[0] ?? '') !== program || !args.slice(1).includes(argument)) continue;
    const identity = await identify(pid);
    if (identity) found.push({ pid, identity });
  }
  return found;
}

/** The name of the program that runs as `pid`; undefined when none does. */
export async function programOf(pid: number): Promise<string | undefined> {
  const found = (await listProcesses()).find((each) => each.pid === pid);
  return found && path.basename(found.args[0] ?? '');
}

async function listProcesses(): Promise<{ pid: number; args: string[] }[]> {
  if (process.platform === 'win32') return [];
  if (process.platform !== 'linux') return listByPs();
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const commands = pids.map(async (pid) => {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return { pid, args: command.split('\0') };
  });
  return Promise.all(commands);
}

async function listByPs(): Promise<{ pid: number; args: string[] }[]> {
  const { stdout } = await execa('ps', ['-axww', '-o', 'pid=,command='], { reject: false });
  // ps joins the arguments by blanks; a path with a blank is therefore not found here, and the server's own lock decides.
  return stdout.split('\n').map((line) => {
    const [pid = '', ...args] = line.trim().split(/\s+/);
    return { pid: Number(pid), args };
  });
}
