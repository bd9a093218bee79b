import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { stopServices } from '../services/services.ts';

/** What a person starts. */
export const BIN = fileURLToPath(new URL('../bin/biomem.cjs', import.meta.url));
const CONFIGURING = /^(TEMPORAL_(?!CLI_PATH)|OLLAMA_|POSTGRES_DB_URL|TEST_DATABASE_URL|DBT_|BIOLOGICAL_MEMORY_DIR)/;

/** Starts `biomem …` on embedded services, whatever this environment configures. */
export function spawnBiomem(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const plain = Object.fromEntries(Object.entries(process.env).filter(([name]) => !CONFIGURING.test(name)));
  return execa('node', [BIN, ...args], { env: { ...plain, ...env }, extendEnv: false, stdin: 'ignore', reject: false });
}

/** Runs a command with --json and gives its document. Throws with stderr when it fails. */
export async function runBiomem<Document>(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Document> {
  const { exitCode, stdout, stderr } = await spawnBiomem([...args, '--json'], env);
  if (exitCode !== 0) throw new Error(`biomem ${args.join(' ')} ended with ${String(exitCode)}:\n${stderr}`);
  return JSON.parse(stdout) as Document;
}

/** Lends a temporary folder; what still runs in its workspace is ended, and the folder removed. */
export async function withFolder<T>(body: (folder: string, workspace: string) => Promise<T>): Promise<T> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'biological-memory-bench-')));
  const workspace = join(folder, 'workspace');
  try {
    return await body(folder, workspace);
  } finally {
    await stopServices({ workspace, report: () => undefined });
    await rm(folder, { recursive: true, force: true });
  }
}
