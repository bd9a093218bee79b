import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { withLock } from './lock.ts';
import { identify, isAlive } from './process.ts';

const owner = z.object({ pid: z.number(), identity: z.string() });

const ports = z.record(z.string(), z.int().min(1).max(65_535));

const entry = z.object({
  pid: z.int().positive(),
  /** Tells the process from a later one with the same pid. */
  identity: z.string().min(1),
  /** By purpose: `grpc` and `ui` for Temporal, `sql` for PostgreSQL, none for a worker. */
  ports,
  version: z.string(),
  /** False until it answered and was set up; one that stays so was left behind by a start that was killed. */
  ready: z.boolean(),
  startedAt: z.iso.datetime(),
  /** The process that will stop it; null when it is to stay until `services down`. */
  owner: owner.nullable(),
});

const state = z.object({
  format: z.literal(1),
  temporal: entry.optional(),
  postgres: entry.optional(),
  /** By target: each has a DuckDB file and a Temporal namespace of its own, so their workers may run side by side. */
  workers: z.record(z.string(), entry).optional(),
  /** By target: the PostgreSQL that feeds its DuckDB file, as host:port/database; none for the workspace's own. */
  sources: z.record(z.string(), z.string()).optional(),
  /** Where each server listened last; kept while it is stopped, for its next start. */
  ports: z.object({ temporal: ports.optional(), postgres: ports.optional() }).optional(),
});

/** One process of ours as the state file remembers it. */
export type StateEntry = z.infer<typeof entry>;
export type State = z.infer<typeof state>;
export type StateName = 'temporal' | 'postgres';

function stateFile(workspace: string): string {
  return path.join(workspace, 'services.json');
}

/** What is remembered of this workspace's services; a file that cannot be read is reported and counts as empty. */
export async function readState(workspace: string, report: (line: string) => void): Promise<State> {
  const file = stateFile(workspace);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return { format: 1 };
  try {
    return state.parse(JSON.parse(text));
  } catch {
    report(`The state file ${file} is damaged or of another version; it will be written again.`);
    return { format: 1 };
  }
}

/** Changes one server's entry (null removes it), whatever other processes write at the same time. */
export async function writeEntry(workspace: string, name: StateName, entry: StateEntry | null): Promise<void> {
  // JSON leaves out what is undefined.
  await change(workspace, (remembered) => ({ ...remembered, [name]: entry ?? undefined }));
}

async function change(workspace: string, how: (remembered: State) => State): Promise<void> {
  await withLock(`${stateFile(workspace)}.lock`, { wait: 10_000 }, async () => {
    await replace(stateFile(workspace), how(await readState(workspace, () => undefined)));
  });
}

async function replace(file: string, content: State): Promise<void> {
  const partial = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(partial, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Notes that the server answered and is set up, and where, and returns the entry as it is now. */
export async function markReady(workspace: string, name: StateName, started: StateEntry): Promise<StateEntry> {
  const ready = { ...started, ready: true };
  await change(workspace, ({ ports, ...others }) => ({
    ...others,
    [name]: ready,
    ports: { ...ports, [name]: ready.ports },
  }));
  return ready;
}

/** True when the entry's process is alive and the very one that was started, not a later one with its pid. */
export async function isOurs(remembered: StateEntry | undefined): Promise<boolean> {
  return remembered !== undefined && isAlive(remembered);
}

/** True when the process that was going to stop this service has ended without doing so. */
export async function isOrphan({ owner }: StateEntry): Promise<boolean> {
  return owner !== null && !(await isAlive(owner));
}

/** Describes the process `pid`, which must be running. */
export async function describeProcess(
  pid: number,
  { ports, version, outlive }: { ports: Record<string, number>; version: string; outlive: boolean },
): Promise<StateEntry> {
  const identity = (await identify(pid)) ?? 'unknown';
  const startedAt = new Date().toISOString();
  return { pid, identity, ports, version, ready: false, startedAt, owner: outlive ? null : await thisProcess() };
}

export async function thisProcess(): Promise<z.infer<typeof owner>> {
  return { pid: process.pid, identity: (await identify(process.pid)) ?? 'unknown' };
}

/** Remembers the target's worker, so that `services down` can end it when it was orphaned. */
export async function recordWorker(
  workspace: string,
  { target, pid, version }: { target: string; pid: number; version: string },
): Promise<void> {
  await mkdir(workspace, { recursive: true, mode: 0o700 });
  const described = { ...(await describeProcess(pid, { ports: {}, version, outlive: false })), ready: true };
  await change(workspace, ({ workers, ...others }) => ({ ...others, workers: { ...workers, [target]: described } }));
}

/** Remembers which PostgreSQL feeds the target's DuckDB file; null for the workspace's own. */
export async function recordSource(workspace: string, target: string, place: string | null): Promise<void> {
  await change(workspace, ({ sources = {}, ...others }) => {
    const rest = Object.entries(sources).filter(([name]) => name !== target);
    return { ...others, sources: Object.fromEntries(place === null ? rest : [...rest, [target, place]]) };
  });
}

/** Forgets the worker `pid`; one that has been recorded for its target since stays. */
export async function forgetWorker(workspace: string, pid: number): Promise<void> {
  await change(workspace, ({ workers = {}, ...others }) => {
    const rest = Object.entries(workers).filter(([, worker]) => worker.pid !== pid);
    return { ...others, ...(rest.length > 0 && { workers: Object.fromEntries(rest) }) };
  });
}
