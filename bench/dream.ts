import type { DreamReport } from '../report/dream.ts';
import { spawnBiomem, withFolder } from './biomem.ts';
import { watchMemory } from './memory.ts';

/** `biomem dream` on the sample: seconds from start to end, slowest and median night, and the memory of all processes. */
export async function run(): Promise<unknown> {
  return withFolder(async (_, workspace) => {
    const started = performance.now();
    const child = spawnBiomem(['dream', '--json', '--workspace', workspace]);
    const [{ exitCode, stdout, stderr }, memory] = await Promise.all([child, watchMemory(child.pid ?? 0, child)]);
    const seconds = (performance.now() - started) / 1000;
    if (exitCode !== 0) throw new Error(stderr);
    const { nights, journal, checksum } = JSON.parse(stdout) as DreamReport;
    const times = nights.map((night) => night.seconds).sort((a, b) => a - b);
    return {
      memories: journal.memories,
      nights: nights.length,
      seconds: Number(seconds.toFixed(1)),
      slowestNight: times.at(-1),
      medianNight: times[Math.floor(times.length / 2)],
      peak: memory,
      checksum,
    };
  });
}
