import { execa } from 'execa';
import { reasonIn } from './server-log.ts';

/** What a program prints for `--version`. Throws with the reason in one line, even where the program prints a stack. */
export async function askVersion(file: string): Promise<string> {
  const outcome = await execa(file, ['--version'], { timeout: 20_000, stdin: 'ignore', reject: false });
  if (!outcome.failed) return outcome.stdout;
  throw new Error(describeExit(outcome, outcome.stderr));
}

interface Exit {
  readonly exitCode?: number | undefined;
  readonly originalMessage?: string | undefined;
  readonly shortMessage?: string | undefined;
}

/** How a program failed, in one line: execa's own message has all of its output. `output` is none when it did not start. */
export function describeExit({ exitCode, originalMessage, shortMessage }: Exit, output: string | undefined): string {
  const how = exitCode === undefined ? (originalMessage ?? shortMessage ?? 'unknown') : `exit code ${exitCode}`;
  const told = reasonIn(output ?? '');
  return `${how}${told && ` (${told})`}`.replace(/\s+/g, ' ');
}
