import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A line of a journal, as agents write it. */
export interface Line {
  readonly id?: string;
  readonly content: string;
  readonly created_at: string;
  readonly tags?: readonly string[];
}

const PEOPLE = ['Ada', 'Bruno', 'Chiara', 'Dmitri'];
const DEEDS = [
  'moved the cutover to the 21st because the test data was incomplete',
  'fixed the failing backup job on the old server',
  'decided to keep PostgreSQL and drop the second cache',
  'was very upset about the outage of the shop last night',
  'wrote the minutes and sent them to everybody',
];

/** `count` memories, evenly spread over `days` days from 1 March 2026, with ids; the same at every call. */
export function makeLines(count: number, days: number, offset = 0): Line[] {
  return Array.from({ length: count }, (_, index) => {
    const number = offset + index;
    const day = Math.floor((index * days) / count);
    const minutes = 8 * 60 + ((number * 23) % 600);
    return {
      id: `memory-${String(number).padStart(6, '0')}`,
      content: `${PEOPLE[number % PEOPLE.length] ?? ''} ${DEEDS[number % DEEDS.length] ?? ''}, ticket ${1000 + (number % 97)}.`,
      created_at: new Date(Date.UTC(2026, 2, 1 + day, 0, minutes)).toISOString(),
      tags: [`project-${number % 3}`],
    };
  });
}

/** Writes lines to a file in `folder` and gives its path. */
export async function writeJournal(folder: string, name: string, lines: readonly (Line | string)[]): Promise<string> {
  const file = join(folder, name);
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  await writeFile(file, `${text}\n`);
  return file;
}
