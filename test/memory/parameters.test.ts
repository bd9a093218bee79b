import { expect, test } from 'vitest';
import { parametersSchema, parameterTable } from '../../memory/parameters.ts';
import { readSources } from '../support/tree.ts';

const rows = Object.entries(parameterTable);

test.each(rows)('%s has a default within its range, of its kind, and a source', (name, row) => {
  expect(row.default).toBeGreaterThanOrEqual(row.min);
  expect(row.default).toBeLessThanOrEqual(row.max);
  if (row.kind === 'whole') expect([row.default, row.min, row.max].every(Number.isInteger)).toBe(true);
  expect([row.unit, row.source]).not.toContain('');
  expect(row.meaning).toMatch(/^\S.*\.$/);
  expect(name).toMatch(/^[a-z]+(?:_[a-z]+)+$/);
});

test('a profile that names nothing has every default, and one that leaves a range or its kind is refused', () => {
  expect(parametersSchema.parse({})).toEqual(Object.fromEntries(rows.map(([name, row]) => [name, row.default])));
  for (const [name, { kind, min, max }] of rows) {
    for (const value of [min, max]) expect(parametersSchema.parse({ [name]: value })).toMatchObject({ [name]: value });
    const refused = [min - 1, max + 1, ...(kind === 'whole' ? [min + 0.5] : [])];
    for (const value of refused) expect(parametersSchema.safeParse({ [name]: value }).success).toBe(false);
  }
});

test('every parameter is read by a statement, a formula or a step', () => {
  const code = [...readSources('.sql', '.ts')].filter(([file]) => !file.startsWith('memory/'));
  const text = code.map(([, source]) => source.replaceAll(/--.*$/gm, '')).join('\n');
  const unread = rows.filter(([name]) => !new RegExp(`\\b${name}\\(\\)|\\bparameters\\.${name}\\b`).test(text));
  expect(unread.map(([name]) => name)).toEqual([]);
});
