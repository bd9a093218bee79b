import { expect, test } from 'vitest';
import { followChanges } from '../../recall/changes.ts';
import { bestOf, rank } from '../../recall/ranking.ts';
import { ASKED_AT, remember, type Told } from '../support/remembered.ts';

const shop = ['shop'];
/** So much that nobody's question is after, that words are as rare as in a store of some size. */
const others = Array.from({ length: 60 }, (_, at) => ({ text: `Heard about matter number${String(at)}`, tags: shop }));

/** Asks a store, by words alone; what it has besides are the others. */
async function ask(question: string, ...told: Told[]) {
  return askLinked(question, [], ...told);
}

/** The same in a store where nights have linked the first memory to others, by their places. */
async function askLinked(question: string, links: readonly number[], ...told: Told[]) {
  const { scope, texts, read } = remember(...told, ...others);
  const asked = read(question);
  const order = bestOf(rank(scope, asked).scores, 25, (index) => (scope.createdAt[index] ?? 0) <= ASKED_AT);
  const textOf = (index: number) => texts[Number(scope.idOf(index))] ?? '';
  const fetched: number[] = [];
  const followed = await followChanges(scope, order, {
    asked: asked.asked,
    isWanted: () => true,
    linksOf: (index) => (index === 0 ? links : []),
    textsOf: (indexes) => {
      fetched.push(...indexes);
      return Promise.resolve(new Map(indexes.map((index) => [index, textOf(index)])));
    },
  });
  const pairs = Array.from(followed.followers, ([older, { index, isTold, sentence }]) => ({
    ...{ older: textOf(older), newer: textOf(index), isTold, sentence },
  }));
  return { order: followed.order.map(textOf), followers: pairs, fetched };
}

const old = { text: 'The staging shop of the pottery answers at http://wren:8081, inside the office', tags: shop };
const moved = { text: 'Moved the staging shop of the pottery to port 8090. Everybody was told.', tags: shop };
const QUESTION = 'Which port does the office use for staging?';

test('the newer statement stands directly above the older one, and the older one names the sentence', async () => {
  const { order, followers } = await ask(QUESTION, old, moved);
  expect(order.slice(0, 2)).toEqual([moved.text, old.text]);
  expect(followers).toEqual([
    {
      older: old.text,
      newer: moved.text,
      isTold: true,
      sentence: 'Moved the staging shop of the pottery to port 8090.',
    },
  ]);
});

test('a fact that has changed twice is followed to its newest statement, which need not resemble the first one', async () => {
  const told = { ...moved, text: `${moved.text} Tomasz said so in the kitchen.` };
  const again = { text: 'Tomasz said in the kitchen: from now on it is port 8100 for everybody.', tags: shop };
  // So that neither is among the hits by itself.
  const better = ['red', 'blue', 'green', 'pink'].map((each) => ({
    text: `Office, port, staging, use: ${each}`,
  }));
  const { order, followers } = await ask(QUESTION, old, told, again, ...better);
  expect(followers).toMatchObject([
    { older: old.text, newer: told.text },
    { older: told.text, newer: again.text },
  ]);
  const at = order.indexOf(again.text);
  expect(order.slice(at, at + 3)).toEqual([again.text, told.text, old.text]);
});

test.each([
  ['without a common tag', { ...moved, tags: ['garden'] }, "Where is the office's staging shop?"],
  ['of another agent', { ...moved, agent: 'b' }, QUESTION],
  ['with the same value', { text: 'Moved the staging shop back, its port is still 8081', tags: shop }, QUESTION],
  ['of something else', { text: 'Moved the garden fence to plot 17', tags: shop }, QUESTION],
])('a newer memory %s does not follow', async (_, newer, question) => {
  const { followers } = await ask(question, old, newer);
  expect(followers).toEqual([]);
});

test('what was written before does not follow, and without a word of change nothing is told to be outdated', async () => {
  const { followers } = await ask(QUESTION, { ...moved, at: 0 }, { ...old, at: 60 });
  expect(followers).toMatchObject([{ older: moved.text, newer: old.text, isTold: false }]);
});

test('without tags a value in place of another is followed among the best; in talk nothing is', async () => {
  const plain = [
    { text: 'The broker on moss listens on port 1883 for the glasshouse nodes' },
    { text: 'The broker on moss listens on port 8883 now for the glasshouse nodes' },
  ];
  const question = 'On what port does the broker on moss listen?';
  expect((await ask(question, ...plain)).followers).toMatchObject([{ newer: plain[1]?.text }]);
  const spoken = plain.map(({ text }) => ({ text: `Ann: ${text}` }));
  const turns = Array.from({ length: 60 }, (_, at) => ({ text: `Bob: Hello ${String(at)}` }));
  for (const links of [[], [1]])
    expect((await askLinked(question, links, ...spoken, ...turns)).followers).toMatchObject([]);
});

test('what a night has linked follows without a tag, and is told', async () => {
  const plain = [
    { text: 'Colin Prewett is our contact at the Trust' },
    { text: 'From now on Yvonne Baptiste is our contact at the Trust, not Colin Prewett' },
  ];
  const question = 'Who is our contact at the Trust?';
  expect((await ask(question, ...plain)).followers).toEqual([]);
  expect((await askLinked(question, [1], ...plain)).followers).toMatchObject([{ newer: plain[1]?.text, isTold: true }]);
});

test('a statement that replaces one tells nothing of another that is less kin to it', async () => {
  const near = { text: 'The staging shop of the pottery had port 8081 in the office of Tomasz', tags: shop };
  const { followers } = await ask(QUESTION, near, old, moved);
  expect(followers.filter(({ newer }) => newer === moved.text)).toHaveLength(2);
  expect(followers.filter(({ isTold }) => isTold)).toHaveLength(1);
});

test('nothing is left out, and the rest keeps its order', async () => {
  const { order } = await ask(QUESTION, old, moved);
  const plain = await ask('Tell me of the staging shop port, office', old, moved);
  expect(new Set(order)).toEqual(new Set(plain.order));
  expect(order.filter((text) => text !== moved.text)).toEqual(plain.order.filter((text) => text !== moved.text));
});

test('a store in which all memories share a tag and every word fetches few texts', async () => {
  const alike = Array.from({ length: 300 }, (_, at) => ({ text: `The port of staging was ${String(at)}`, tags: shop }));
  const { fetched } = await ask(QUESTION, ...alike);
  expect(fetched.length).toBeLessThan(150);
});
