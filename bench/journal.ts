import { writeFile } from 'node:fs/promises';

const WHO = ['Ines', 'Mika', 'Odette', 'Tomas', 'Priya', 'Wren', 'Hal'];
const DID = ['moved', 'reviewed', 'broke', 'repaired', 'documented', 'cancelled', 'measured', 'decided on'];
const WHAT = ['the cutover', 'the backlog', 'the sensor node', 'the invoice run', 'the newsletter', 'the login page'];
const WHY = ['because the customer asked', 'after the outage', 'before the deadline', 'as agreed on Monday'];

const SESSION = 20;

/**
 * Writes a journal of `count` memories over `days` days from `day` on, in sessions of twenty; the same at every call.
 * `first` numbers them, so that two journals need not hold the same ones.
 */
export async function writeSyntheticJournal(
  file: string,
  { count, days, day = '2026-03-01', first = 0 }: { count: number; days: number; day?: string; first?: number },
): Promise<void> {
  const start = Date.parse(`${day}T00:00:00Z`);
  const session = (days * 86_400_000) / Math.ceil(count / SESSION);
  const pick = (list: readonly string[], number: number) => list[number % list.length] ?? '';
  const lines = Array.from({ length: count }, (_, index) => {
    const number = first + index;
    const content = `${pick(WHO, number)} ${pick(DID, number * 3 + 1)} ${pick(WHAT, number * 5 + 2)} ${pick(WHY, number)}, note ${number}.`;
    // A session fills the first third of its time.
    const within = (index % SESSION) / SESSION / 3;
    const created_at = new Date(start + Math.floor((Math.floor(index / SESSION) + within) * session)).toISOString();
    return JSON.stringify({ id: `synthetic-${number}`, content, created_at });
  });
  await writeFile(file, `${lines.join('\n')}\n`);
}
