import { describe, expect, test } from 'vitest';
import { remember } from '../support/remembered.ts';

/** BM25 of one word: its idf among `texts` of which `holders` have it, so many times in a text so long, of `mean` length. */
const bm25 = (texts: number, holders: number, count: number, length: number, mean: number) =>
  (Math.log(1 + (texts - holders + 0.5) / (holders + 0.5)) * count * 1.9) /
  (count + 0.9 * (0.6 + (0.4 * length) / mean));

/** Three turns, and a day later a fourth. Terms: 2, 1, 2; 2. */
const talk = () =>
  remember(
    { text: 'Ann: A blue kite!', at: 0, vectors: [[1, 0, 0, 0]] },
    { text: 'Bob: Nice?', at: 1, vectors: [[0, 1, 0, 0]] },
    { text: 'Ann: A green kite.', at: 2, vectors: [[0, 0, 1, 0]] },
    { text: 'Bob: One red boat, now.', at: 1440, vectors: [[0.6, 0, 0, 0.8]] },
  );
/** Terms with half of those of the turn before and a quarter of those of the turn after, in the session. */
const WINDOWS = [2 + 0.25, 1 + 1 + 0.5, 2 + 0.5, 3];
const MEAN = (2.25 + 2.5 + 2.5 + 3) / 4;

const round = (values: Iterable<number>) => Array.from(values, (value) => Math.round(value * 1e4) / 1e4);

/** Each value by the recipe, worked out by hand. */
describe('in talk', () => {
  test('all turns have a speaker, whose name is none of their words', () => {
    const { scope } = talk();
    expect([scope.talkShare, [...scope.speakers], [...scope.lengths], [...scope.sessions]]).toEqual([
      ...[1, ['ann', 'bob'], [2, 1, 2, 3], [0, 0, 0, 1]],
    ]);
  });

  test('words: own, half of the turn before, a quarter of the turn after', () => {
    // "kite" once in turns 0 and 2, and in turn 1 half of the one and a quarter of the other.
    const values = [1, 0.75, 1].map((count, turn) => bm25(4, 2, count, WINDOWS[turn]!, MEAN));
    const most = Math.max(...values);
    expect(round(talk().ask('kite').ranking.parts.words)).toEqual(round([...values.map((value) => value / most), 0]));
  });

  test('feedback: the ten heaviest terms of the five best turns at .3 at most', () => {
    const base = [1, 0.75, 1].map((count, turn) => bm25(4, 2, count, WINDOWS[turn]!, MEAN));
    const most = Math.max(...base);
    const [a, b, c] = base.map((value) => value / most) as [number, number, number];
    const rare = Math.log(1 + 3.5 / 1.5);
    // Σ base × idf / 5: "kite" is the question's own; the heaviest is what the rest is measured by.
    const weights = { blue: a * rare, nice: b * rare, green: c * rare, kite: (a + c) * Math.log(2) };
    const heaviest = Math.max(...Object.values(weights));
    const of = (count: number, turn: number) => (count === 0 ? 0 : bm25(4, 1, count, WINDOWS[turn]!, MEAN));
    const widened = [0, 1, 2].map((turn) => {
      const blue = of([1, 0.5, 0][turn]!, turn) * ((0.3 * weights.blue) / heaviest);
      const nice = of([0.25, 1, 0.5][turn]!, turn) * ((0.3 * weights.nice) / heaviest);
      const green = of([0, 0.25, 1][turn]!, turn) * ((0.3 * weights.green) / heaviest);
      return base[turn]! + blue + nice + green;
    });
    const top = Math.max(...widened);
    expect(round(talk().ask('kite').ranking.parts.feedback)).toEqual(round([...widened.map((each) => each / top), 0]));
  });

  test('meaning: cosine with own + half of the turn before + a quarter of the turn after, as one vector', () => {
    // (1, .25, 0, 0), (.5, 1, .25, 0), (0, .5, 1, 0) and (.6, 0, 0, .8), each divided by its length; the question is (1, 0, 0, 0).
    const cosines = [1 / Math.hypot(1, 0.25), 0.5 / Math.hypot(0.5, 1, 0.25), 0, 0.6];
    const found = talk().ask('xyzzy', [1, 0, 0, 0]).ranking.parts.meaning;
    cosines.forEach((cosine, turn) => expect(found[turn]).toBeCloseTo(cosine / cosines[0]!, 2));
  });

  test('session: the mean of its three best; of those by words and by meaning alike', () => {
    const { parts } = talk().ask('kite', [1, 0, 0, 0]).ranking;
    const base = (turn: number, cosine: number) => 0.5 * parts.words[turn]! + 0.5 * cosine;
    const [first, second] = [(base(0, 1) + base(1, 0) + base(2, 0)) / 3, base(3, 0.6)];
    // Two sessions: the better one is 1 and the other 0.
    expect(round(parts.session)).toEqual(first > second ? [1, 1, 1, 0] : [0, 0, 0, 1]);
  });

  test('words of the session: each session is one text, and the question is without names', () => {
    const [first, second] = [bm25(2, 1, 2, 5, 4), bm25(2, 1, 1, 3, 4)];
    const { sessionWords } = talk().ask('Which kite or boat does Ann have?').ranking.parts;
    expect(round(sessionWords)).toEqual(round([1, 1, 1, second / first]));
  });

  test('speaker, date, mentioned date, when, how many, question, few words, length, novelty', () => {
    const { ask } = remember(
      { text: 'Ann: We met at noon.', at: 0, novelty: 0.5, days: ['2026-03-07'] },
      { text: 'Bob: Did we?', at: 1 },
      { text: `Ann: ${'word '.repeat(50)} 5`, at: 1440 * 7 },
    );
    const { parts } = ask('When and how many met Ann between 3 March and 7 March 2026?').ranking;
    const away = [1 - 9 / 24, 1 - (9 * 60 + 1) / 1440, 9 / 24 + 1];
    expect(round(parts.date)).toEqual(round(away.map((days) => Math.exp(-days / 7))));
    expect([...parts.mentionedDate]).toEqual([1, 0, 0]);
    expect([[...parts.speaker], [...parts.time], [...parts.number]]).toEqual([
      ...[
        [1, 0, 1],
        [1, 0, 0],
        [0, 0, 1],
      ],
    ]);
    expect([[...parts.asks], [...parts.short], [...parts.length], [...parts.novelty]]).toEqual([
      ...[
        [0, 1, 0],
        [1, 1, 0],
        [2 / 40, 0, 1],
        [0.5, 0, 0],
      ],
    ]);
  });

  test('a year is not left as fast as a day', () => {
    const { ask } = remember({ text: 'Ann: Hello.', at: 0 });
    const days = (Date.parse('2026-03-02T09:00:00Z') - Date.parse('2026-01-01')) / 86_400_000;
    expect(ask('What did Ann do in 2025?').ranking.parts.date[0]).toBeCloseTo(Math.exp(-days / 90), 6);
  });

  test('the weights are those of the table, and a list is looked for in all sessions', () => {
    const { ask } = talk();
    expect(ask('When did Ann fly a kite?').ranking.weights).toEqual({
      ...{ words: 1.5, feedback: 1.5, meaning: 3, ownMeaning: 0, speaker: 2.25, session: 1.75, sessionWords: 1.25 },
      ...{ date: 4, mentionedDate: 1.5, time: 1.75, number: 0.75, asks: -0.75, short: -0.5, length: 1.5, novelty: 1.5 },
    });
    expect(ask('Which kites has Ann?').ranking.weights).toMatchObject({ session: 0, sessionWords: 1.25 });
  });
});

test('a few quotations make no talk of notes, and a few turns without a name leave it talk', () => {
  const share = (spoken: number) =>
    remember(
      ...Array.from({ length: 20 }, (_, at) => (at < spoken ? `Ann: kite ${String(at)}` : `a boat ${String(at)}`)),
    );
  const weight = (spoken: number) => share(spoken).ask('kite').ranking.weights.novelty;
  expect([weight(0), weight(2), weight(18), weight(20)]).toEqual([0, 0, 1.5, 1.5]);
  expect(weight(10)).toBeCloseTo(0.75);
});
