import path from 'node:path';
import { execa } from 'execa';
import { estimate } from './http.ts';

/** Longest time for npm, in ms. */
const WHOLE = 15 * 60_000;

/** A package that npm brings; `bytes` is what its tarball has, for whoever waits. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly bytes: number;
}

/**
 * Downloads a package's tarball with npm, which comes with Node and knows the mirrors and proxies of the machine, and returns
 * its path. Nothing of it is run. Throws when there is no npm, or npm fails.
 */
export async function downloadWithNpm(
  { name, version, bytes }: NpmPackage,
  { folder, env, report }: { folder: string; env: NodeJS.ProcessEnv; report: (line: string) => void },
): Promise<string> {
  report(`Downloading ${name} ${version} with npm (${estimate(bytes)})`);
  const options = ['--ignore-scripts', '--json', '--pack-destination', folder];
  // In that folder: a package.json of the user's would have npm take its settings.
  const run = execa('npm', ['pack', `${name}@${version}`, ...options], {
    ...{ cwd: folder, env, extendEnv: false, timeout: WHOLE, stdin: 'ignore', reject: false },
  });
  const { failed, code, timedOut, stderr, stdout, shortMessage } = await run;
  if (code === 'ENOENT') throw new Error('no npm on PATH');
  if (timedOut) throw new Error(`npm did not finish within ${String(WHOLE / 60_000)} minutes`);
  if (failed) throw new Error(lastError(stderr) || shortMessage);
  const file = /"filename":\s*"([^"/\\]+\.tgz)"/.exec(stdout)?.[1];
  if (file === undefined) throw new Error('npm ended well but named no tarball');
  return path.join(folder, file);
}

/** npm's first line that says what is wrong, without credentials that a registry's address may hold. */
function lastError(stderr: string): string {
  const lines = stderr.split('\n').flatMap((line) => /^npm error (?!code |A complete log)(.+)/.exec(line)?.[1] ?? []);
  return (lines[0] ?? '').replaceAll(/\/\/[^/@\s]+@/g, '//***@');
}
