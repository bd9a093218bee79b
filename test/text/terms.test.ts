import { expect, test } from 'vitest';
import { termsOf, wordsOf } from '../../text/terms.ts';

test('terms are stems, in their order and with repetition, without words that tell nothing', () => {
  expect(termsOf('The servers were moved, and moved again: a moving server')).toEqual([
    'server',
    'move',
    'move',
    'move',
    'server',
  ]);
});

test.each([
  ['a possessive', "Maria's port", ['maria', 'port']],
  ['a curly apostrophe', 'Maria’s don’t', ['maria']],
  ['figures and identifiers', 'port 8081 on v2.14', ['port', '8081', 'v2', '14']],
  ['another language', 'Die Straße gehört uns', ['die', 'straße', 'gehört', 'un']],
  ['emoji and punctuation alone', '🙂 !!! "*"', []],
  ['nothing', '', []],
])('of %s', (_, text, terms) => {
  expect(termsOf(text)).toEqual(terms);
});

test('words are in lower case with straight apostrophes', () => {
  expect(wordsOf('It’s HERE')).toEqual(["it's", 'here']);
});
