import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { ConfigurationError, messageOf } from '../memory/errors.ts';
import { timeSchema } from '../memory/types.ts';

/** Other fields are left alone: a file of questions often holds their answers too. */
const lineSchema = z.object({
  question: z.string(),
  agent: z.string().optional(),
  as_of: timeSchema.optional(),
  since: timeSchema.optional(),
  until: timeSchema.optional(),
  tags: z.array(z.string()).optional(),
  limit: z.int().min(1).max(9999).optional(),
});

export type AskedLine = z.infer<typeof lineSchema>;

/** Where questions are read that come while the program runs. */
const STDIN = '-';

/**
 * Reads questions (JSON Lines) one by one, each with the number of its line, from 1; empty lines are passed over. `-` is stdin.
 * @throws ConfigurationError with file, line and reason
 */
export async function* readQuestions(file: string): AsyncGenerator<{ readonly i: number; readonly asked: AskedLine }> {
  let i = 0;
  try {
    const input = file === STDIN ? process.stdin : createReadStream(file, 'utf8');
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      i += 1;
      if (line.trim() !== '') yield { i, asked: lineSchema.parse(JSON.parse(line.replace(/^\uFEFF/, ''))) };
    }
  } catch (error) {
    throw new ConfigurationError(`${file}:${String(Math.max(1, i))}: ${describe(error)}`, { cause: error });
  }
}

/**
 * Reads a whole file of questions without keeping it. What comes through a pipe can be read once only, and may have no end yet: it is
 * left alone.
 * @throws ConfigurationError as `readQuestions`
 */
export async function checkQuestions(file: string): Promise<void> {
  if (file === STDIN || isPipe(file)) return;
  const questions = readQuestions(file);
  while ((await questions.next()).done !== true);
}

function isPipe(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

function describe(error: unknown): string {
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; ');
  if (error instanceof SyntaxError)
    return 'expected one JSON object in a line, such as {"question": "…"}, got something else';
  return messageOf(error);
}
