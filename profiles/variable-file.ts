import { readFileSync } from 'node:fs';
import { ConfigurationError } from '../memory/errors.ts';
import { type Environment, variable } from './value.ts';

/** What was read from files, by the variable that it stands for; `redact` hides it like the variable itself. */
const read = new Map<string, Set<string>>();

/**
 * A variable's text. Where it is unset and `<name>_FILE` names a file, as Docker's secrets do, it is that file's text without the
 * white space at its ends, read again each time.
 * @throws ConfigurationError when the file cannot be read
 */
export function fromEnvironment(env: Environment, name: string): string | undefined {
  const text = variable(env, name);
  const file = variable(env, `${name}_FILE`);
  if (text !== undefined || !file) return text;
  const value = readText(name, file);
  read.set(name, (read.get(name) ?? new Set()).add(value));
  return value;
}

/** Which of the two gives it, `<name>` or `<name>_FILE`. */
export function givenBy(env: Environment, name: string): string {
  return variable(env, name) === undefined && variable(env, `${name}_FILE`) ? `${name}_FILE` : name;
}

/** Pairs of a variable and a text that a file gave for it, those from before a change included. */
export function readFromFiles(): [name: string, value: string][] {
  return [...read].flatMap(([name, values]) => [...values].map((value): [string, string] => [name, value]));
}

function readText(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ConfigurationError(
      `${name} is unset and ${name}_FILE names ${file}, which cannot be read (${reason}). Set ${name}, or mend the file.`,
    );
  }
}
