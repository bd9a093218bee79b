import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DreamReport } from '../report/dream.ts';
import { runBiomem, withFolder } from './biomem.ts';
import { createRandom } from './random.ts';

const SAMPLE = new URL('../sample/journal.jsonl', import.meta.url);

/** The sample dreamt twice, and once with its lines shuffled: one checksum. */
export async function run(): Promise<unknown> {
  return withFolder(async (folder, workspace) => {
    const shuffled = join(folder, 'shuffled.jsonl');
    const lines = (await readFile(SAMPLE, 'utf8')).trimEnd().split('\n');
    const random = createRandom(1);
    const order = lines.map((line) => ({ line, key: random() })).sort((a, b) => a.key - b.key);
    await writeFile(shuffled, `${order.map(({ line }) => line).join('\n')}\n`);
    const dream = async (...args: string[]) =>
      (await runBiomem<DreamReport>(['dream', '--workspace', workspace, ...args])).checksum;
    const checksums = { once: await dream(), twice: await dream(), shuffled: await dream('--journal', shuffled) };
    return { ...checksums, same: new Set(Object.values(checksums)).size === 1 };
  });
}
