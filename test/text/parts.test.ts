import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutParts } from '../../text/parts.ts';

const PROSE =
  'The cache went stale at noon. We cleared it, and the queue drained within the hour. Nobody has said why! ';

test('a text of up to 800 characters is one part, whatever is in it', () => {
  for (const text of ['', ' ', 'a', 'One. Two. Three.', 'x'.repeat(800)]) expect(cutParts(text)).toEqual([text]);
});

test('prose is cut between its sentences, into parts that are about alike', () => {
  const parts = cutParts(PROSE.repeat(10));
  for (const part of parts) expect(part).toMatch(/^(?:The|We|Nobody) .*[.!] $/);
  const lengths = parts.map(({ length }) => length);
  expect(lengths).toHaveLength(2);
  expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThan(PROSE.length);
});

test('words that make no sentence are cut between two words', () => {
  for (const part of cutParts('word '.repeat(500))) expect(part).toMatch(/^(?:word )+$/);
});

test('eight thousand characters of prose are eleven parts, and nothing is looked at beyond', () => {
  const text = PROSE.repeat(1000);
  const parts = cutParts(text);
  expect(parts.length).toBeLessThanOrEqual(11);
  expect(parts.join('')).toBe(text.slice(0, 8_000));
});

test('the parts of any text are the text, 200 to 800 characters each, and no character is cut in half', () => {
  const piece = fc.oneof(
    fc.constantFrom(PROSE, '\n\n', '- item\n', '😀', 'ab '.repeat(90), '。', '1.5 km. ', '\u2003', '"Quoted?" '),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.string({ unit: 'binary', maxLength: 300 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
      const text = pieces.join('');
      const parts = cutParts(text);
      expect(text.startsWith(parts.join(''))).toBe(true);
      expect(parts.join('').length).toBeGreaterThanOrEqual(Math.min(text.length, 7_999));
      expect(parts.length).toBeLessThanOrEqual(40);
      if (parts.length > 1) for (const { length } of parts) expect(length).toBeGreaterThanOrEqual(200);
      for (const part of parts) {
        expect(part.length).toBeLessThanOrEqual(800);
        if (text.isWellFormed()) expect(part.isWellFormed()).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
});
