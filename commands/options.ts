import { InvalidArgumentError, type Command } from 'commander';
import type { Context } from '../program/context.ts';

/** Adds the shared options to a command, in the same words everywhere. */
export function withSharedOptions(
  command: Command,
  workspace = 'BIOLOGICAL_MEMORY_DIR, else .biological-memory',
): Command {
  return command
    .option('-t, --target <name>', "the profile's target (default: DBT_TARGET, else the profile's own)")
    .option('--profile <name>', 'the profile (default: DBT_PROFILE, dbt_project.yml, else biological_memory)')
    .option('--profiles-dir <folder>', 'the folder of profiles.yml (default: DBT_PROFILES_DIR, this folder, ~/.dbt)')
    .option('--threads <n>', "how much is done at once (default: the profile's)")
    .option('--vars <mapping>', "what var() in the profile sees, in YAML or JSON: '{schema: memories}'")
    .option('--workspace <folder>', `where services and databases live (default: ${workspace})`)
    .option('--json', 'print one JSON document on stdout');
}

/** How many memories at most. */
export function parseLimit(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number from 1 to 9999');
}

/** stdout is the answer: one JSON document, or text. */
export function print({ json }: Pick<Context, 'json'>, value: unknown, text: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${text()}\n`);
}

/** Colours are for a terminal, and for those who want them. */
export function useColour(): boolean {
  return process.stdout.isTTY && !process.env['NO_COLOR'];
}
