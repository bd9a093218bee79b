import { readFile } from 'node:fs/promises';
import { reasonOf, ServiceError } from '../memory/errors.ts';
import { choosePorts, type Ports } from './ports.ts';
import type { ProcessIdentity } from './process.ts';
import { isPassing, reasonIn, takenIn } from './server-log.ts';
import { startServer, type ServerCommand, type ServerProcess } from './server-process.ts';
import { describeProcess, markReady, readState, writeEntry, type StateEntry, type StateName } from './state.ts';

/** How long other ports are tried, in ms. Each try that finds its port taken is short. */
const TRYING = 30_000;

export interface StartOptions {
  readonly workspace: string;
  /** True when the server is to stay after this process. */
  readonly outlive: boolean;
  readonly report: (line: string) => void;
}

/** What it takes to start one kind of server. */
export interface Launch<Purpose extends string> extends StartOptions {
  readonly name: StateName;
  /** For a sentence: `The embedded PostgreSQL`. */
  readonly title: string;
  readonly version: string;
  readonly log: string;
  readonly usual: Ports<Purpose>;
  readonly command: (ports: Ports<Purpose>) => Omit<ServerCommand, 'log'>;
  /** Resolves once this very process serves on the ports. Somebody else may answer there, until it notices. */
  readonly ready: (ports: Ports<Purpose>, server: ServerProcess) => Promise<void>;
  readonly stop: (entry: ProcessIdentity) => Promise<boolean>;
}

/**
 * Starts a server on the ports that the workspace remembers, else on usual or near ones; on others when somebody takes one
 * between the look and the start. Returns what was written to the state file.
 *
 * Throws a ServiceError of one sentence that names the log.
 */
export async function launch<Purpose extends string>(server: Launch<Purpose>): Promise<StateEntry> {
  const { name, workspace, usual, log } = server;
  const remembered = (await readState(workspace, () => undefined)).ports?.[name] ?? {};
  const refused = new Set<number>();
  const deadline = Date.now() + TRYING;
  for (let attempt = 1; ; attempt += 1) {
    const ports = await choosePorts({ usual, remembered, refused });
    try {
      const entry = await startOn(ports, server);
      tellMoves(remembered, ports, server);
      return entry;
    } catch (error) {
      const text = await readFile(log, 'utf8').catch(() => '');
      if (!isPassing(text) || Date.now() > deadline) throw new ServiceError(describe(server, error, text));
      // A process that only looked at a port has let go of it by now; what fails twice is not tried a third time.
      if (attempt > 1) takenIn(text, Object.values(ports)).forEach((port) => refused.add(port));
    }
  }
}

async function startOn<Purpose extends string>(
  ports: Ports<Purpose>,
  { name, workspace, version, outlive, log, command, ready, stop }: Launch<Purpose>,
): Promise<StateEntry> {
  const server = await startServer({ ...command(ports), log });
  const entry = await describeProcess(server.pid, { ports, version, outlive });
  await writeEntry(workspace, name, entry);
  try {
    await ready(ports, server);
    return await markReady(workspace, name, entry);
  } catch (error) {
    await stop(entry);
    throw error;
  }
}

/** The whole log may be a stack of a hundred lines: it stays where it is. */
function describe({ title, log }: { title: string; log: string }, error: unknown, text: string): string {
  const told = reasonIn(text);
  const reason = told === '' ? reasonOf(error) : `${reasonOf(error)} (${told})`;
  return `${title} did not start: ${reason.replace(/\s+/g, ' ')}; its log is ${log}.`;
}

function tellMoves(
  remembered: Readonly<Partial<Record<string, number>>>,
  ports: Ports,
  { title, report }: Pick<Launch<string>, 'title' | 'report'>,
): void {
  const moves = Object.entries(ports).flatMap(([purpose, port]) => {
    const before = remembered[purpose];
    return before === undefined || before === port ? [] : [`port ${before} is taken by now, using ${port} instead`];
  });
  if (moves.length > 0) report(`${title}: ${moves.join('; ')}`);
}
