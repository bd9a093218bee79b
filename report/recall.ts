import { styleText } from 'node:util';
import type { RecallAnswer, Recalled } from '../recall/recall.ts';

/** What each part is called to a person. */
const REASONS: Record<string, string> = {
  words: 'words',
  feedback: 'words of the best',
  meaning: 'meaning',
  ownMeaning: 'meaning',
  speaker: 'speaker',
  session: 'session',
  sessionWords: 'words of the session',
  date: 'date',
  mentionedDate: 'date in it',
  time: 'tells when',
  number: 'tells a number',
  novelty: 'new then',
  length: 'length',
  newer: 'newer than what is below it',
};

/**
 * The memories that answer, best first, each with when, who, how well it is remembered and why it stands there; of an answer that
 * is recorded, the command that says of what use it was.
 */
export function printRecall(
  { results, recall_id: id }: RecallAnswer & { readonly recall_id?: string },
  { colour, explain, feedback }: { colour: boolean; explain: boolean; feedback: (id: string) => string },
): string {
  if (results.length === 0) return 'Nothing that was remembered answers that.';
  const dim = (text: string) => (colour ? styleText('dim', text, { validateStream: false }) : text);
  const memories = results.map((each, index) => {
    const head = `${String(index + 1).padStart(2)}  ${each.content.replaceAll(/\s+/g, ' ')}`;
    return [head, ...[...tellRecalled(each, explain), each.id].map((line) => dim(`    ${line}`))].join('\n');
  });
  return [...memories, ...(id === undefined ? [] : [dim(feedback(id))])].join('\n\n');
}

/** When and by whom it was written and how well it is remembered; why it stands there; and what is newer. */
export function tellRecalled(recalled: Recalled, explain = false): string[] {
  return [describe(recalled), why(recalled, explain), ...outdated(recalled)];
}

function describe({ createdAt, agent, retrievability, fate, duplicates }: Recalled): string {
  const strength = retrievability === null ? 'not slept on yet' : `retrievability ${retrievability.toFixed(2)}`;
  const others = duplicates !== undefined && `${String(duplicates)} more that say the same`;
  return [inMinutes(createdAt), agent, strength, fate, others].filter(Boolean).join(', ');
}

function outdated({ supersededBy }: Recalled): string[] {
  return supersededBy ? [`outdated, on ${inMinutes(supersededBy.createdAt)}: ${supersededBy.sentence}`] : [];
}

const inMinutes = (time: string) => `${time.slice(0, 16).replace('T', ' ')} UTC`;

function why({ reasons }: Recalled, explain: boolean): string {
  const added = Object.entries(reasons)
    .filter(([part, value]) => explain || (value > 0 && REASONS[part] !== undefined))
    .sort((a, b) => b[1] - a[1]);
  if (explain) return added.map(([part, value]) => `${part} ${value.toFixed(2)}`).join('  ');
  const names = new Set(added.map(([part]) => REASONS[part]));
  return `by ${[...names].slice(0, 3).join(', ')}`;
}
