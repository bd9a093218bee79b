import { readdirSync, lstatSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Compares the files of a folder with what is expected of them, unless that was done before and none has changed since, by size, times
 * and inode: to read and digest onnxruntime and a model again takes 0.2 s of each start.
 */
export async function checkOnce(folder: string, expected: string, compare: () => Promise<void>): Promise<void> {
  const note = `${folder}.checked`;
  const stamp = `${expected}\n${stampOf(folder)}`;
  if ((await readFile(note, 'utf8').catch(() => null)) === stamp) return;
  await compare();
  // Where it cannot be noted they are compared at each start.
  await writeFile(note, stamp).catch(() => undefined);
}

function stampOf(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const stamps = entries.map((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    const { size, ino, mtimeNs, ctimeNs } = lstatSync(file, { bigint: true });
    // A folder's times change with what is made beside the files.
    return `${path.relative(folder, file)} ${entry.isFile() ? [size, ino, mtimeNs, ctimeNs].join(' ') : ''}`;
  });
  return stamps.sort().join('\n');
}
