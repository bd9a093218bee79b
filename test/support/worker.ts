import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished } from 'vitest';
import { biomem, biomemJson, spawnBiomem } from './biomem.ts';

interface Cycle {
  readonly status: string;
  readonly stages: readonly { stage: string; status: string; counts: Record<string, number> }[];
}

/** Writes profiles.yml with one target whose source is at `path`. */
export function writeProfile(folder: string, target: string, path: string, fields: Record<string, unknown> = {}): void {
  const output = {
    type: 'duckdb',
    path: join(folder, 'data', 'state.duckdb'),
    threads: 2,
    extensions: ['postgres_scanner', 'json', 'fts'],
    attach: [{ path, type: 'postgres', alias: 'source_memories', read_only: true }],
    ...fields,
  };
  // JSON is YAML.
  const document = { biological_memory: { target, outputs: { [target]: output } } };
  writeFileSync(join(folder, 'profiles.yml'), JSON.stringify(document));
}

/** A running `biomem worker` on the Temporal at an address, and the commands that are given to it; it ends with the test. */
export async function startWorker(folder: string, target: string, env: NodeJS.ProcessEnv, temporal: string) {
  const options = { workspace: join(folder, 'workspace'), env: { ...env, TEMPORAL_ADDRESS: temporal } };
  const shared = ['--target', target, '--profiles-dir', folder];
  const child = spawnBiomem(['worker', ...shared], options);
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await child;
  });
  const said: string[] = [];
  const serving = new Promise<void>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      if (line.startsWith('worker: serves')) resolve();
    });
  });
  await Promise.race([serving, once(child, 'exit').then(() => expect.unreachable(`it ended: ${said.join('\n')}`))]);
  return {
    said,

    spawn: (...args: string[]) => spawnBiomem([...args, ...shared], options),
    run: (...args: string[]) => biomem([...args, ...shared], options),
    cycle: (asOf: string) => biomemJson<Cycle>(['cycle', 'run', '--as-of', asOf, ...shared], options),
    /** Another worker on the same file, in a workspace of the folder. */
    second: (workspace: string) => biomem(['worker', ...shared], { ...options, workspace: join(folder, workspace) }),
  };
}
