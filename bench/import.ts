import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runBiomem, withFolder } from './biomem.ts';
import { createExports } from './exports.ts';

const MEMORIES = 100_000;
/** The largest export of conversations that anybody showed. */
const LARGE = 200_000_000;

interface Remembered {
  readonly written: number;
  readonly memories: number;
}

/**
 * Seconds of `biomem remember --file` for a hundred thousand memories of each kind of export, on a PostgreSQL that runs, with the
 * start of the process; the same again, which writes nothing; and an export of 200 MB.
 */
export async function run(): Promise<unknown> {
  return withFolder(async (folder, workspace) => {
    await runBiomem(['services', 'up', '--workspace', workspace]);
    const load = async (file: string) => {
      const began = performance.now();
      const { written, memories } = await runBiomem<Remembered>(['remember', '--file', file, '--workspace', workspace]);
      const seconds = (performance.now() - began) / 1000;
      return {
        memories,
        written,
        seconds: Math.round(seconds * 10) / 10,
        perMinute: Math.round((60 * memories) / seconds),
      };
    };
    const measured: Record<string, unknown> = {};
    for (const [name, pieces] of Object.entries(createExports(MEMORIES))) {
      const file = join(folder, name);
      await pipeline(Readable.from(pieces), createWriteStream(file));
      const megabytes = Math.round((await stat(file)).size / 1e6);
      const { memories, written, ...first } = await load(file);
      const again = await load(file);
      measured[name] = {
        megabytes,
        memories,
        written,
        ...first,
        again: { written: again.written, seconds: again.seconds },
      };
    }
    const large = join(folder, 'large.json');
    await pipeline(Readable.from(createExports(LARGE / 1_000)['chatgpt.json'] ?? []), createWriteStream(large));
    return {
      ...measured,
      'large.json': { megabytes: Math.round((await stat(large)).size / 1e6), ...(await load(large)) },
    };
  });
}
