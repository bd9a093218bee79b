import { reasonOf } from '../memory/errors.ts';
import type { StartOptions } from './launch.ts';
import { askPostgres, endOrphans, startPostgres, stopPostgres } from './postgres.ts';
import { postgresPaths } from './postgres-data.ts';
import { embeddedUrl } from './postgres-url.ts';
import { whileAlive } from './process.ts';
import { isOrphan, isOurs, readState, thisProcess, writeEntry, type StateEntry } from './state.ts';
import { askTemporal, endTemporalOrphans, startTemporal, stopTemporal, temporalPaths } from './temporal.ts';

export type EmbeddedName = 'temporal' | 'postgres';

export interface EmbeddedOptions extends StartOptions {
  readonly env: NodeJS.ProcessEnv;
}

/** What can be done with one of the servers that live in a workspace. */
interface Embedded {
  readonly title: string;
  readonly start: (options: EmbeddedOptions) => Promise<StateEntry>;
  /** Its version. Throws when it does not answer. */
  readonly ask: (workspace: string, entry: StateEntry) => Promise<string>;
  readonly stop: (entry: StateEntry) => Promise<boolean>;
  /** Ends servers on this workspace's data that no state file knows. */
  readonly endOrphans: (workspace: string, report: (line: string) => void) => Promise<number>;
}

export const EMBEDDED: Readonly<Record<EmbeddedName, Embedded>> = {
  temporal: {
    title: 'Temporal',
    start: startTemporal,
    ask: (_workspace, entry) => askTemporal({ address: temporalAddress(entry) }),
    stop: stopTemporal,
    endOrphans: (workspace, report) => endTemporalOrphans(temporalPaths(workspace), report),
  },
  postgres: {
    title: 'PostgreSQL',
    start: startPostgres,
    ask: async (workspace, entry) => askPostgres(await embeddedUrl(workspace, entry)),
    stop: stopPostgres,
    endOrphans: (workspace, report) => endOrphans(postgresPaths(workspace), report),
  },
};

export function temporalAddress({ ports }: StateEntry): string {
  return `127.0.0.1:${ports['grpc']}`;
}

export function temporalUi({ ports }: StateEntry): string {
  return `http://127.0.0.1:${ports['ui']}`;
}

export interface Provided {
  readonly entry: StateEntry;
  readonly version: string;
  /** True when this process has to stop it. */
  readonly started: boolean;
}

/**
 * The workspace's own server: the one that runs, else one started now. One that was left behind by a process that had
 * meant to stop it is taken over. Call it under the workspace's lock.
 */
export async function provide(name: EmbeddedName, options: EmbeddedOptions): Promise<Provided> {
  const running = await findRunning(name, options);
  if (running) return running;
  try {
    const entry = await EMBEDDED[name].start(options);
    return { entry, version: await EMBEDDED[name].ask(options.workspace, entry), started: true };
  } catch (error) {
    await writeEntry(options.workspace, name, null);
    throw error;
  }
}

async function findRunning(name: EmbeddedName, options: EmbeddedOptions): Promise<Provided | null> {
  const { workspace, report } = options;
  const { title, ask, stop } = EMBEDDED[name];
  const entry = (await readState(workspace, () => undefined))[name];
  if (!entry) return null;
  if (!(await isOurs(entry))) {
    report(`${title}: process ${entry.pid} of an earlier run has ended without being stopped; starting it again`);
    return null;
  }
  try {
    if (!entry.ready) throw new Error('its start was not finished');
    const version = await whileAlive(entry, () => ask(workspace, entry));
    return await takeOver(name, { entry, version, started: false }, options);
  } catch (error) {
    report(`${title}: process ${entry.pid} runs but cannot be used (${reasonOf(error)}); replacing it`);
    await stop(entry);
    return null;
  }
}

async function takeOver(name: EmbeddedName, running: Provided, options: EmbeddedOptions): Promise<Provided> {
  const { workspace, outlive, report } = options;
  if (!(await isOrphan(running.entry))) return running;
  report(`${EMBEDDED[name].title}: taking over process ${running.entry.pid}, left behind by an earlier run`);
  const entry = { ...running.entry, owner: outlive ? null : await thisProcess() };
  await writeEntry(workspace, name, entry);
  return { ...running, entry, started: true };
}

/** Stops a server that this workspace's state file may still name, and forgets it. False when it would not end. */
export async function stopEmbedded(name: EmbeddedName, workspace: string, entry: StateEntry): Promise<boolean> {
  if (!(await EMBEDDED[name].stop(entry))) return false;
  const remembered = (await readState(workspace, () => undefined))[name];
  if (remembered?.pid === entry.pid && remembered.identity === entry.identity) await writeEntry(workspace, name, null);
  return true;
}
