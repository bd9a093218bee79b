import { styleText } from 'node:util';
import type { RecallAnswer, Recalled } from '../recall/recall.ts';

/** What each part is called to a person. */
const REASONS: Record<string, string> = {
  words: 'words',
  feedback: 'words of the best',
  meaning: 'meaning',
  speaker: 'speaker',
  session: 'session',
  sessionWords: 'words of the session',
  date: 'date',
  mentionedDate: 'date in it',
  time: 'tells when',
  number: 'tells a number',
  novelty: 'new then',
  length: 'length',
};

/**
 * The memories that answer, best first, each with when, who, how well it is remembered and why it stands there; of an answer that
 * is recorded, how to say of what use it was.
 */
export function printRecall(
  { results, recall_id: id }: RecallAnswer & { readonly recall_id?: string },
  { colour, explain }: { colour: boolean; explain: boolean },
): string {
  if (results.length === 0) return 'Nothing that was remembered answers that.';
  const dim = (text: string) => (colour ? styleText('dim', text, { validateStream: false }) : text);
  const memories = results.map((each, index) => {
    const head = `${String(index + 1).padStart(2)}  ${each.content.replaceAll(/\s+/g, ' ')}`;
    return [head, ...[describe(each), why(each, explain), each.id].map((line) => dim(`    ${line}`))].join('\n');
  });
  const feedback = id === undefined ? [] : [dim(`biomem feedback ${id} --used ID… --wrong ID…`)];
  return [...memories, ...feedback].join('\n\n');
}

function describe({ createdAt, agent, retrievability, fate }: Recalled): string {
  const strength = retrievability === null ? 'not slept on yet' : `retrievability ${retrievability.toFixed(2)}`;
  return [`${createdAt.slice(0, 16).replace('T', ' ')} UTC`, agent, strength, fate].filter(Boolean).join(', ');
}

function why({ reasons }: Recalled, explain: boolean): string {
  const added = Object.entries(reasons)
    .filter(([part, value]) => explain || (value > 0 && REASONS[part] !== undefined))
    .sort((a, b) => b[1] - a[1]);
  if (explain) return added.map(([part, value]) => `${part} ${value.toFixed(2)}`).join('  ');
  return `by ${added
    .slice(0, 3)
    .map(([part]) => REASONS[part])
    .join(', ')}`;
}
