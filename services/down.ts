import { realpath } from 'node:fs/promises';
import { EMBEDDED } from './embedded.ts';
import { end } from './process.ts';
import { forgetWorker, isOurs, readState, writeEntry, type State, type StateEntry, type StateName } from './state.ts';
import { lockWorkspace, stuck } from './workspace.ts';

const TITLES: Readonly<Record<StateName, string>> = { temporal: 'Temporal', postgres: 'PostgreSQL' };

export interface StopServicesOptions {
  readonly workspace: string;
  readonly report: (line: string) => void;
}

/**
 * Ends whatever the workspace's state file names and is ours, every target's worker included, and any server on its data
 * that no state file knows. A process that only has a remembered pid is left alone. Returns what was ended.
 *
 * Throws a ServiceError when one of them would not end.
 */
export async function stopServices({
  workspace: given,
  report,
}: StopServicesOptions): Promise<(StateName | 'worker')[]> {
  const workspace = await realpath(given).catch(() => null);
  if (!workspace) return [];
  return lockWorkspace(workspace, report, async () => {
    const state = await readState(workspace, report);
    const ended: (StateName | 'worker')[] = [];
    // The workers first: they use the other two.
    if (await stopWorkers(workspace, state, report)) ended.push('worker');
    for (const name of ['temporal', 'postgres'] as const) {
      const remembered = await stopRemembered(workspace, name, state[name], report);
      const orphans = await EMBEDDED[name].endOrphans(workspace, report);
      if (remembered || orphans > 0) ended.push(name);
    }
    return ended;
  });
}

/** True when there was one. All at once: each ends its running activities first. */
async function stopWorkers(workspace: string, { workers = {} }: State, report: (line: string) => void) {
  const ended = Object.entries(workers).map(async ([target, entry]) => {
    const ours = await isOurs(entry);
    if (ours) await endProcess(`Worker of ${target}`, entry, stopWorker, report);
    await forgetWorker(workspace, entry.pid);
    return ours;
  });
  return (await Promise.all(ended)).includes(true);
}

async function endProcess(
  title: string,
  entry: StateEntry,
  stop: (entry: StateEntry) => Promise<boolean>,
  report: (line: string) => void,
): Promise<void> {
  report(`${title}: stopping process ${entry.pid}`);
  if (!(await stop(entry))) throw stuck(title, entry.pid);
}

async function stopRemembered(
  workspace: string,
  name: StateName,
  entry: StateEntry | undefined,
  report: (line: string) => void,
): Promise<boolean> {
  if (!entry) return false;
  const ours = await isOurs(entry);
  if (ours) await endProcess(TITLES[name], entry, (running) => EMBEDDED[name].stop(running), report);
  await writeEntry(workspace, name, null);
  return ours;
}

async function stopWorker(entry: StateEntry): Promise<boolean> {
  return end(entry, [
    { signal: 'SIGTERM', ms: 20_000 },
    { signal: 'SIGKILL', ms: 5_000 },
  ]);
}
