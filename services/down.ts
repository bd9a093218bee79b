import { realpath } from 'node:fs/promises';
import { EMBEDDED } from './embedded.ts';
import { end } from './process.ts';
import { isOurs, readState, writeEntry, type StateEntry, type StateName } from './state.ts';
import { lockWorkspace, stuck } from './workspace.ts';

const TITLES: Readonly<Record<StateName, string>> = { worker: 'Worker', temporal: 'Temporal', postgres: 'PostgreSQL' };

export interface StopServicesOptions {
  readonly workspace: string;
  readonly report: (line: string) => void;
}

/**
 * Ends whatever the workspace's state file names and is ours, an orphaned worker included, and any server on its data
 * that no state file knows. A process that only has a remembered pid is left alone. Returns what was ended.
 *
 * Throws a ServiceError when one of them would not end.
 */
export async function stopServices({ workspace: given, report }: StopServicesOptions): Promise<StateName[]> {
  const workspace = await realpath(given).catch(() => null);
  if (!workspace) return [];
  return lockWorkspace(workspace, report, async () => {
    const state = await readState(workspace, report);
    const ended: StateName[] = [];
    // The worker first: it uses the other two.
    for (const name of ['worker', 'temporal', 'postgres'] as const) {
      const remembered = await stopRemembered(workspace, name, state[name], report);
      const orphans = name === 'worker' ? 0 : await EMBEDDED[name].endOrphans(workspace, report);
      if (remembered || orphans > 0) ended.push(name);
    }
    return ended;
  });
}

async function stopRemembered(
  workspace: string,
  name: StateName,
  entry: StateEntry | undefined,
  report: (line: string) => void,
): Promise<boolean> {
  if (!entry) return false;
  const ours = await isOurs(entry);
  if (ours) {
    report(`${TITLES[name]}: stopping process ${entry.pid}`);
    if (!(await (name === 'worker' ? stopWorker(entry) : EMBEDDED[name].stop(entry))))
      throw stuck(TITLES[name], entry.pid);
  }
  await writeEntry(workspace, name, null);
  return ours;
}

/** A worker ends its running activities first. */
async function stopWorker(entry: StateEntry): Promise<boolean> {
  return end(entry, [
    { signal: 'SIGTERM', ms: 20_000 },
    { signal: 'SIGKILL', ms: 5_000 },
  ]);
}
