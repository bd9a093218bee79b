import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadProfile } from '../profiles/profile.ts';
import { spawnBiomem, withFolder } from './biomem.ts';

const RUNS = 15;
const LINES = 5_000;

/** Outputs of every size, by what they are for. */
const OUTPUTS = {
  'its type alone': 'type: duckdb',
  'the fields of an older profile': `type: duckdb, path: "{{ env_var('FILE', '/data/dev.duckdb') }}", threads: 4, max_memory: 1GB,
      extensions: [httpfs, postgres_scanner, json, fts], settings: {memory_limit: 4GB},
      attach: [{path: "{{ env_var('SOURCE') }}", type: postgres, alias: source_memories, read_only: true}]`,
  'an error': 'type: duckdb, threads: many',
} as const;

/**
 * Milliseconds (median, longest) of `biomem profile show --json`, the start of Node included and beside it alone; of loading a
 * profile of 5,000 lines; and of small profiles that would grow without bound.
 */
export async function run(): Promise<unknown> {
  return withFolder(async (folder) => {
    const show: Record<string, unknown> = {};
    for (const [name, output] of Object.entries(OUTPUTS)) {
      const home = join(folder, name.replaceAll(' ', '-'));
      await write(home, `p: {target: dev, outputs: {dev: {${output}}}}`);
      show[name] = await measure(async () => {
        await spawnBiomem(['profile', 'show', '--json', '--profile', 'p', '--profiles-dir', home], SOURCE);
      });
    }
    return { show, node: await measure(() => startNode()), load: await measureLoading(folder) };
  });
}

const SOURCE = { SOURCE: 'postgresql://u:p@h/d' };

async function startNode(): Promise<void> {
  const { execa } = await import('execa');
  await execa('node', ['-e', '0']);
}

async function measureLoading(folder: string) {
  const found: Record<string, unknown> = {};
  for (const [name, yaml] of Object.entries(documents())) {
    const home = join(folder, name.replaceAll(' ', '-'));
    await write(home, yaml);
    found[name] = await measure(async () => {
      try {
        loadProfile({ profile: 'p', profilesDir: home, cwd: folder, env: { BIG: 'x'.repeat(100_000), A: 'a' } });
      } catch {
        // A bomb ends in an error; how soon is the question.
      }
    });
  }
  return found;
}

function documents(): Record<string, string> {
  const output = (index: number) =>
    `    t${index}:\n      type: duckdb\n      path: t${index}.duckdb\n      threads: 2\n      schema: "{{ env_var('A') }}"\n`;
  const outputs = Array.from({ length: LINES / 5 }, (_, index) => output(index)).join('');
  const levels = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`).join('\n');
  const dev = (fields: string) => `p: {target: dev, outputs: {dev: {type: duckdb, ${fields}}}}`;
  return {
    '5,000 lines': `p:\n  target: t7\n  outputs:\n${outputs}`,
    'alias bomb': `a0: &a0 [x]\n${levels}\n${dev('junk: *a9')}`,
    'template bomb': dev(`schema: "{{ ${Array(300).fill("env_var('BIG') | first").join(' ~ ')} }}"`),
    'aliased template': `t: &t "${'{{ 1 }}'.repeat(1_400)}"\nl: &l [${'*t,'.repeat(9_000)}]\n${dev('junk: *l')}`,
  };
}

async function write(folder: string, yaml: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'profiles.yml'), yaml);
}

async function measure(body: () => Promise<void>): Promise<{ medianMs: number; longestMs: number }> {
  await body();
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now();
    await body();
    times.push(Math.round(performance.now() - started));
  }
  times.sort((a, b) => a - b);
  return { medianMs: times[RUNS >> 1] ?? 0, longestMs: times.at(-1) ?? 0 };
}
