import type { JournalEntry } from '../source/journal.ts';
import type { ImportSummary } from '../source/import/import.ts';

/** What a file held, in a line before the number that was written; a journal's own number says it all. */
export function printImport({ format, title, memories, leftOut }: Omit<ImportSummary, 'first'>): string {
  if (format === 'journal') return '';
  return `${title}: ${countOf(memories)}${describeLeftOut(leftOut)}\n`;
}

/** What a file holds: what it is, how much of it, whose and of when, what is left out and why, and its first memories. */
export function printDryRun({ title, memories: all, from, to, agents, leftOut, first }: ImportSummary): string {
  const names = agents.map(({ agent, memories }) => `${agent ?? 'not named'} (${String(memories)})`);
  return [
    `${title}: ${countOf(all)}; nothing was written`,
    ...(from === null || to === null ? [] : [`  written   ${minute(from)} to ${minute(to)} UTC`]),
    ...(names.length === 0 ? [] : [`  agents    ${names.join(', ')}`]),
    ...(Object.keys(leftOut).length === 0 ? [] : [`  left out  ${listLeftOut(leftOut)}`]),
    ...first.map(printEntry),
  ].join('\n');
}

function printEntry({ content, created_at, metadata, tags, context }: JournalEntry, index: number): string {
  const agent = typeof metadata['agent'] === 'string' ? metadata['agent'] : null;
  const told = [`${minute(created_at)} UTC`, agent, context, tags.map((tag) => `#${tag}`).join(' ')].filter(Boolean);
  return `\n${String(index + 1).padStart(2)}  ${shorten(content)}\n    ${told.join(', ')}`;
}

const describeLeftOut = (leftOut: ImportSummary['leftOut']) =>
  Object.keys(leftOut).length === 0 ? '' : `; left out: ${listLeftOut(leftOut)}`;

function listLeftOut(leftOut: ImportSummary['leftOut']): string {
  const most = Object.entries(leftOut).sort((a, b) => b[1] - a[1]);
  return most.map(([reason, count]) => `${reason} (${String(count)})`).join(', ');
}

const countOf = (memories: number) => `${String(memories)} ${memories === 1 ? 'memory' : 'memories'}`;
const minute = (time: string) => time.slice(0, 16).replace('T', ' ');

function shorten(content: string): string {
  const line = content.replaceAll(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200).toWellFormed()}…` : line;
}
