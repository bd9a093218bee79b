import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 200;

interface Sample {
  readonly pid: number;
  readonly parent: number;
}

/**
 * Watches a process and all that it started, servers in process groups of their own included, until `ended` settles. Gives the
 * highest sum of resident memory seen (MB), once as the system adds it up (`rss`: pages that processes share count each time)
 * and once with shared pages divided among those who share them (`pss`). Linux only.
 */
export async function watchMemory(root: number, ended: Promise<unknown>): Promise<{ rssMB: number; pssMB: number }> {
  const stopped = new AbortController();
  ended.finally(() => stopped.abort()).catch(() => undefined);
  const peak = { rssMB: 0, pssMB: 0 };
  // Once seen below the root a process stays ours, also when its parent has ended.
  const ours = new Set([root]);
  while (!stopped.signal.aborted) {
    const samples = await listProcesses();
    for (let size = 0; size !== ours.size;) {
      size = ours.size;
      for (const { pid, parent } of samples) if (ours.has(parent)) ours.add(pid);
    }
    const alive = samples.filter(({ pid }) => ours.has(pid));
    const sums = await Promise.all(alive.map(({ pid }) => readMemory(pid)));
    peak.rssMB = Math.max(peak.rssMB, Math.round(sums.reduce((sum, { rss }) => sum + rss, 0) / 1024));
    peak.pssMB = Math.max(peak.pssMB, Math.round(sums.reduce((sum, { pss }) => sum + pss, 0) / 1024));
    await delay(EVERY_MS);
  }
  return peak;
}

/** All processes; `parent` is 0 when it has ended meanwhile. */
async function listProcesses(): Promise<Sample[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  return Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // Field 2, the name, may itself hold blanks and brackets: count from the last one.
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
      return { pid, parent };
    }),
  );
}

async function readMemory(pid: number): Promise<{ rss: number; pss: number }> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return { rss: field('Rss'), pss: field('Pss') };
}
