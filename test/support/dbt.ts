import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder, keep } from '../../downloads/cache.ts';
import { passOver } from './requirements.ts';

/** dbt 1.10 is the newest that pip alone installs; DuckDB is the version of our own, so that they share extensions. */
const PACKAGES = ['dbt-core<1.11', 'dbt-duckdb<1.11', 'duckdb==1.5.5'];
const WINDOWS = process.platform === 'win32';
const PYTHON = WINDOWS ? 'python' : 'python3';
/** Longest time for pip, in ms: about 40 s on a fast network. */
const WHOLE = 10 * 60_000;

/** A real dbt in an environment of its own. */
export interface Dbt {
  /** Runs `dbt …`; nothing of the present environment but PATH reaches it. */
  readonly run: (
    args: readonly string[],
    env: Record<string, string>,
    cwd: string,
  ) => Promise<{ code: number | undefined; all: string }>;
  /** Runs a Python script with a JSON document in and one out. */
  readonly script: (file: string, input: unknown) => Promise<unknown>;
}

/**
 * dbt-core with dbt-duckdb, installed by pip into the per-user cache the first time. Null, and a loud word, where there is no
 * Python or pip cannot get it.
 */
export async function findDbt(): Promise<Dbt | null> {
  try {
    const { stdout } = await execa(PYTHON, ['-c', 'import sys; print(sys.version)']);
    return dbtIn(await install(stdout));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n').slice(0, 3).join(' ') : String(error);
    passOver('python', `dbt cannot be asked: ${reason}`);
    return null;
  }
}

function install(python: string): Promise<string> {
  const key = createHash('sha256')
    .update([python, ...PACKAGES].join('\n'))
    .digest('hex')
    .slice(0, 12);
  return keep(join(cacheFolder(), `dbt-${key}`), async (work) => {
    const folder = join(work, 'venv');
    await execa(PYTHON, ['-m', 'venv', folder], { timeout: WHOLE });
    await execa(interpreter(folder), ['-m', 'pip', 'install', '--quiet', '--no-input', ...PACKAGES], {
      timeout: WHOLE,
    });
    return folder;
  });
}

/** The folder is moved when it is complete: the interpreter does not mind, the scripts beside it do. */
function interpreter(folder: string): string {
  return WINDOWS ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
}

function dbtIn(folder: string): Dbt {
  const python = interpreter(folder);
  const plain = { PATH: process.env['PATH'] ?? '', DBT_SEND_ANONYMOUS_USAGE_STATS: 'false', PYTHONUTF8: '1' };
  const options = { extendEnv: false, reject: false, timeout: 120_000 } as const;
  return {
    run: async (args, env, cwd) => {
      const program = ['-c', 'from dbt.cli.main import cli; cli()', '--no-use-colors', ...args];
      const result = await execa(python, program, {
        ...options,
        env: { ...plain, ...env },
        cwd,
        all: true,
        stdin: 'ignore',
      });
      return { code: result.exitCode, all: result.all };
    },
    script: async (file, input) => {
      const result = await execa(python, [file], { ...options, env: plain, input: JSON.stringify(input) });
      if (result.failed) throw new Error(result.stderr);
      return JSON.parse(result.stdout) as unknown;
    },
  };
}
