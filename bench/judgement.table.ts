import { align } from './recall.table.ts';

interface Loss {
  readonly memories: number;
  readonly lost: number | null;
  readonly 'fewest words': number | null;
  readonly random: number | null;
}

interface Judgement {
  readonly auc: Readonly<Record<string, number | null>>;
  readonly lost: Readonly<Record<string, Loss>>;
  readonly rates: Readonly<Record<string, { readonly memories: number; readonly needed: number | null }>>;
  readonly links: Readonly<Record<string, number | null>>;
  readonly learned: Readonly<Record<string, Readonly<Record<string, number | null>>>>;
}

const inShort = (value: number | null) =>
  value === null ? '-' : Number.isInteger(value) ? String(value) : value.toFixed(3);

/** What a person reads of it. */
export function printJudgement({ auc, lost, rates, links, learned }: Judgement): string {
  return [
    'a memory that a question needs stands above one that none needs (AUC; .5 is a coin)',
    ...align(Object.entries(auc).map(([name, value]) => [name, inShort(value)])),
    '',
    'needed memories lost, of all that are needed',
    ...align([
      ['', 'memories', 'lost', 'as many by fewest words', 'by chance'],
      ...Object.entries(lost).map(([name, loss]) => [
        ...[name, inShort(loss.memories), inShort(loss.lost), inShort(loss['fewest words']), inShort(loss.random)],
      ]),
    ]),
    '',
    'share of needed memories',
    ...align(Object.entries(rates).map(([name, rate]) => [name, inShort(rate.memories), inShort(rate.needed)])),
    '',
    ...[{ links }, learned].flatMap((group) =>
      Object.entries(group).map(([name, counts]) => `${name}: ${list(counts)}`),
    ),
  ].join('\n');
}

const list = (counts: Readonly<Record<string, number | null>>) =>
  Object.entries(counts)
    .map(([name, value]) => `${name} ${inShort(value)}`)
    .join(', ');
