import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Document } from '../../profiles/document.ts';
import { readScalar } from '../../profiles/scalar.ts';
import { makeFolder, refusal } from './folder.ts';

const read = (yaml: string) => Document.read(`${makeFolder({ 'a.yml': yaml })}/a.yml`, {});

// What PyYAML 6 gives.
test.each([
  ['yes', true],
  ['Off', false],
  ['TRUE', true],
  ['y', 'y'],
  ['yEs', 'yEs'],
  ['010', 8],
  ['08', '08'],
  ['1_000', 1000],
  ['1:30', 90],
  ['2026-03-01', '2026-03-01'],
  ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00+00:00'],
  ['2026-3-1 9:05:06.5 -5', '2026-03-01T09:05:06.500000-05:00'],
  ['0:30', '0:30'],
  ['190:20:30.5', 685230.5],
  ['0x1F', 31],
  ['0b101', 5],
  ['-12', -12],
  ['1e3', '1e3'],
  ['1.5e+3', 1500],
  ['.5', 0.5],
  ['1.', 1],
  ['4GB', '4GB'],
  ['~', null],
  ['', null],
  ['Null', null],
  ['2024-01-05', '2024-01-05'],
  ['.inf', Infinity],
  ['0o17', '0o17'],
])('a plain %j is %j', (text, value) => {
  expect(readScalar(text)).toBe(value);
});

test('quotes and !!str keep text', () => {
  expect(read(`a: "yes"\nb: '010'\nc: !!str 5\nd: |\n  10\n`).value).toEqual({ a: 'yes', b: '010', c: '5', d: '10\n' });
});

test('merge keys: what stands there itself wins, then the first source', () => {
  const yaml = 'a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 9}\nd: {<<: *b}\n';
  expect(read(yaml).value).toMatchObject({ c: { x: 9, y: 1, z: 2 }, d: { y: 2, z: 2 } });
});

test('a key that stands twice: the last counts, with a warning that says where', () => {
  const { value, warnings } = read('a: 1\nb: 2\na: 3\n');
  expect(value).toEqual({ a: 3, b: 2 });
  expect(warnings).toEqual([expect.stringMatching(/a\.yml:3:1: the key "a" stands here twice/)]);
});

test('a fault names file, line, column and path, also through an alias, and the nearest place for what is missing', () => {
  const document = read('a: &a\n  - x: 1\n    y: 2\nb: *a\n');
  expect(document.fault(['b', 0, 'y'], 'is wrong').message).toMatch(/a\.yml:3:5: b\[0\]\.y is wrong$/);
  expect(document.fault(['b', 0, 'z'], 'is missing').message).toMatch(/a\.yml:2:5: b\[0\]\.z is missing$/);
});

test.each([
  ['a:\n  path: :memory:\n', /a\.yml:2:9: .*line 2, column 9.*Put it in quotes: path: ":memory:"/],
  ["a: {{ env_var('X') }}\n", /a\.yml:1:5: .*Put the whole value in quotes/],
  ['a:\n\tb: 1\n', /a\.yml:2:1: .*Indent with spaces/],
  ['a: 1\n---\nb: 2\n', /second document/],
  ['a: *b\n', /no anchor &b/],
  ['a: &a [*a]\n', /stands inside &a itself/],
  ['a: !secret x\n', /the tag !secret is not supported/],
  ['a: {<<: 5}\n', /<< needs a mapping/],
  ['__proto__: {x: 1}\n', /__proto__ is not allowed/],
  ['[a]: 1\n', /a key must be plain text/],
  ['['.repeat(100_000), /nested more than 100 levels/],
  ['- '.repeat(100_000), /nested more than 100 levels/],
  ['a'.repeat(300_000), /at most 262144/],
  ['"a" '.repeat(60_000), /more than 100000 words and signs/],
])('%.30j is refused with its place', (yaml, problem) => {
  expect(refusal(() => read(yaml))).toMatch(problem);
});

test('merge keys that nest cannot be made to take exponential time', () => {
  const lines = Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} {<<: [*a${i}, *a${i}]}`);
  expect(read(['a0: &a0 {x: 1}', ...lines].join('\n')).value).toMatchObject({ a40: { x: 1 } });
});

test.each(['utf16le', 'latin1'] as const)('a file in %s is refused, and not read as something else', (encoding) => {
  const file = `${makeFolder({})}/a.yml`;
  writeFileSync(file, Buffer.from('\ufeffpath: café.duckdb\n', encoding));
  expect(refusal(() => Document.read(file, {}))).toContain(`${file} is not text in UTF-8`);
});
