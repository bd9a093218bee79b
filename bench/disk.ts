import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import type { CycleReport, StateChecksum } from '../memory/types.ts';
import { runBiomem, spawnBiomem, withFolder } from './biomem.ts';
import { writeSyntheticJournal } from './journal.ts';

const MEMORIES = 500;
const NIGHTS = ['2026-03-02T03:00:00Z', '2026-03-03T03:00:00Z'];
const DISK = '64m';

/**
 * A night on a full disk fails; when space is made the next run of it completes, with the checksum of an undisturbed run. The
 * database lies on a small disk of its own (tmpfs, for which one has to be root).
 */
export async function run(): Promise<unknown> {
  const undisturbed = await live(false);
  const disturbed = await live(true);
  return { undisturbed, disturbed, same: disturbed.checksum === undisturbed.checksum };
}

async function live(fill: boolean) {
  return withFolder(async (folder, workspace) => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    await execa('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', disk]);
    try {
      await writeProfile(folder, disk);
      return await liveOn({ disk, shared: ['--workspace', workspace, '--profiles-dir', folder], folder, fill });
    } finally {
      await execa('umount', [disk]);
    }
  });
}

interface Place {
  readonly disk: string;
  readonly folder: string;
  readonly shared: readonly string[];
  readonly fill: boolean;
}

async function liveOn({ disk, folder, shared, fill }: Place) {
  const up = spawnBiomem(['up', ...shared]);
  try {
    await serving(up);
    await runBiomem(['schedules', 'delete', ...shared]);
    await remember('2026-03-01', 0);
    const first = await cycle(NIGHTS[0] ?? '');
    await remember('2026-03-02', MEMORIES);
    const failed = fill ? await failOnFullDisk() : null;
    const second = await cycle(NIGHTS[1] ?? '');
    const { checksum } = await runBiomem<StateChecksum>(['checksum', ...shared]);
    return { nights: [first, second], failed, checksum };
  } finally {
    up.kill('SIGINT');
    await up;
  }

  async function remember(day: string, from: number): Promise<void> {
    const journal = join(folder, `${day}.jsonl`);
    await writeSyntheticJournal(journal, { count: MEMORIES, days: 1, day, first: from });
    await runBiomem(['remember', '--file', journal, ...shared]);
  }

  async function cycle(asOf: string): Promise<string> {
    return (await runBiomem<CycleReport>(['cycle', 'run', '--as-of', asOf, ...shared])).status;
  }

  async function failOnFullDisk(): Promise<string> {
    const ballast = join(disk, 'ballast');
    const { bavail, bsize } = await statfs(disk);
    await writeFile(ballast, Buffer.alloc(bavail * bsize));
    const { exitCode, stderr } = await spawnBiomem(['cycle', 'run', '--as-of', NIGHTS[1] ?? '', ...shared]);
    await rm(ballast);
    return `exit ${String(exitCode)}: ${stderr.trim().split('\n').at(-1) ?? ''}`;
  }
}

/** Resolves when `biomem up` says how to end it. */
async function serving(up: ReturnType<typeof spawnBiomem>): Promise<void> {
  // Not execa's own iterable: left early, it waits for the command to end.
  for await (const line of createInterface({ input: up.stderr })) if (line.includes('Ctrl-C')) return;
  throw new Error('biomem up ended before it served');
}

/** The project's own profile, with the database on the small disk. */
async function writeProfile(folder: string, disk: string): Promise<void> {
  const profile = await readFile(new URL('../profiles.yml', import.meta.url), 'utf8');
  const path = /path: "\{\{ env_var\('BIOLOGICAL_MEMORY_DIR', '\.biological-memory'\) \}\}\/dev\.duckdb"/;
  if (!path.test(profile)) throw new Error('expected profiles.yml to place dev.duckdb in the workspace');
  await writeFile(
    join(folder, 'profiles.yml'),
    profile.replace(path, `path: ${JSON.stringify(join(disk, 'dev.duckdb'))}`),
  );
}
