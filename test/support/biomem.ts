import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect } from 'vitest';
import { plainEnv } from '../services/support.ts';

const BIN = fileURLToPath(new URL('../../bin/biomem.cjs', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface RunOptions {
  readonly workspace?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What a finished command left. */
export interface Outcome {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `biomem …` as a person does, without anything that the environment of the tests configures. */
export function spawnBiomem(args: readonly string[], { workspace, env }: RunOptions = {}) {
  const { DBT_TARGET: _, DBT_PROFILES_DIR: __, BIOLOGICAL_MEMORY_DIR: ___, ...plain } = plainEnv;
  return execa('node', [BIN, ...args, ...(workspace === undefined ? [] : ['--workspace', workspace])], {
    cwd: ROOT,
    env: { ...plain, ...env },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    // A command that hangs must fail its test, not outlive it.
    timeout: 300_000,
  });
}

export async function biomem(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await spawnBiomem(args, options);
  return { code: exitCode, stdout, stderr };
}

/** Runs a command with --json that must succeed, and gives the one document on stdout. */
export async function biomemJson<Document>(args: readonly string[], options: RunOptions = {}): Promise<Document> {
  const outcome = await biomem([...args, '--json'], options);
  expect(outcome).toMatchObject({ code: 0 });
  // Throws when anything stands before or after the document.
  return JSON.parse(outcome.stdout) as Document;
}

/** Pids of programs that have the text among their arguments: ours name their workspace there (Linux only). */
export async function findProcesses(text: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(text)),
  );
  return pids.filter((_, index) => found[index]);
}
