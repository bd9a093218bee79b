import { describe, expect, test } from 'vitest';
import { excerpt, Told } from '../../recall/excerpt.ts';
import { termsOf } from '../../text/terms.ts';
import { countTokens } from '../../text/tokens.ts';

const LONG =
  'The office moved in spring. Nobody liked the stairs. The kiln stands in the cellar now. We painted for a week. ' +
  'The kiln needs three phases. Lunch was late.';

function take(content: string, tokens: number, { task = 'kiln', told = new Told() } = {}) {
  return excerpt(content, { words: new Set(termsOf(task)), told, tokens });
}

describe('of a memory is told', () => {
  test('all of it in one line where there is room', () => {
    expect(take('One.\n\nTwo  two.', 50)).toEqual({ text: 'One. Two two.', whole: true });
  });

  test('else the sentences with most words of the task, in their order, with what is left out shown', () => {
    const tokens = countTokens('… The kiln stands in the cellar now. … The kiln needs three phases. …');
    expect(take(LONG, tokens)).toEqual({
      text: '… The kiln stands in the cellar now. … The kiln needs three phases. …',
      whole: false,
    });
  });

  test('its beginning where no sentence speaks of the task', () => {
    expect(take(LONG, 14, { task: 'weather' })?.text).toMatch(/^The office moved in spring\. …$/);
  });

  test('the beginning of a sentence, in whole words, where none has room', () => {
    const cut = take('A sentence without an end that goes on and on and on about this and that', 8);
    expect(cut?.text).toMatch(/^A sentence without( \w+)* …$/);
    expect(countTokens(cut?.text ?? '')).toBeLessThanOrEqual(8);
  });

  test('nothing where there is room for no word', () => {
    expect(take(LONG, 1)).toBeNull();
    expect(take(LONG, -5)).toBeNull();
    expect(take('', 10)).toBeNull();
  });

  test('sentences of other scripts, and no half of a character', () => {
    expect(take('第一句话说的是天气。第二句话说的是窑炉。', 16, { task: '窑炉' })?.text).toMatch(
      /^(?:第一句话|… 第二句话)/,
    );
    for (let tokens = 1; tokens < 30; tokens += 1)
      expect(take('🚀'.repeat(20), tokens)?.text.isWellFormed()).not.toBe(false);
  });
});

describe('nothing is told twice:', () => {
  test('a sentence that was told before is left out, and what is left of the memory is told', () => {
    const told = new Told();
    told.add('The kiln stands in the cellar now. It is red.');
    expect(take('The kiln stands in the cellar now. It needs three phases.', 50, { told })).toEqual({
      text: '… It needs three phases.',
      whole: false,
    });
    expect(take('The kiln stands in the cellar now.', 50, { told })).toBeNull();
  });

  test('what an insight quotes counts as told', () => {
    const told = new Told();
    told.addQuoting('"kiln" came up twice. First: "The kiln stands in the cellar now." Latest: …');
    expect(take('The kiln stands in the cellar now.', 50, { told })).toBeNull();
  });

  test('but a few words may be said again', () => {
    const told = new Told();
    told.add('Yes.');
    expect(take('Yes.', 50, { told })).toEqual({ text: 'Yes.', whole: true });
  });
});
