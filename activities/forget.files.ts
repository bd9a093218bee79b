import { createReadStream, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Trace } from '../memory/types.ts';
import { trace, type Searched } from './forget.search.ts';
import type { Wanted } from './forget.wanted.ts';

/** The bytes of files; what an id or a part has there may be compressed, and then is not found. */
export async function searchFiles(
  files: readonly string[],
  { scanner }: Pick<Wanted, 'scanner'>,
): Promise<Searched & { readonly bytes: number }> {
  const found: Trace[] = [];
  let bytes = 0;
  for (const file of files) {
    const parts = new Set<number>();
    let rest = Buffer.alloc(0);
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      const read = Buffer.concat([rest, chunk]);
      for (const number of scanner.scan(read)) parts.add(number);
      rest = read.subarray(Math.max(0, read.length - Math.max(0, scanner.longest - 1)));
      bytes += chunk.length;
    }
    found.push(...trace(file, 'text', parts.size));
  }
  return { found, places: files.length, bytes };
}

/** Database files, the recall files of the same name, and what DuckDB keeps beside them or spills to folders. */
export function filesOf(paths: readonly string[], folders: readonly string[]): string[] {
  const files = paths.flatMap((path) => {
    const name = basename(path);
    const stem = name.replace(/(?:\.recall)?\.(?:duckdb|db)$/, '');
    return listFiles(
      dirname(path),
      (each) => each === name || each.startsWith(`${name}.`) || each.startsWith(`${stem}.recall.`),
    );
  });
  const spilled = [...paths.map((path) => `${path}.tmp`), ...folders].flatMap((folder) =>
    listFiles(folder, (name) => name.startsWith('duckdb_temp_')),
  );
  return [...new Set([...files, ...spilled])];
}

function listFiles(folder: string, wanted: (name: string) => boolean): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter(wanted)
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}
