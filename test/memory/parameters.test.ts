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

test('the table has every row of its files, each once', () => {
  const files = [...readSources('.parameters.ts')].filter(([file]) => file.startsWith('memory/'));
  const named = files.flatMap(([, text]) => [...text.matchAll(/^ {2}(\w+): \{$/gm)].map(([, name]) => name));
  expect(named.sort()).toEqual(rows.map(([name]) => name).sort());
});

/** Without its comments: what stands there is read by nobody. */
const codeOf = (file: string, text: string) =>
  file.endsWith('.sql') ? text.replaceAll(/--.*$/gm, '') : text.replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');
const MACRO = /create or replace macro (?=\w+\()/;

/**
 * The names that statements and steps read, as `name()` or `parameters.name`: in their own code, and through the formulas that they
 * call. A formula that nothing calls reads nothing.
 */
function listRead(sources: ReadonlyMap<string, string>): Set<string> {
  const texts = [...sources].map(([file, text]) => ({
    isFormula: /^duckdb\/macros.*\.sql$/.test(file),
    code: codeOf(file, text),
  }));
  const bodies = texts.filter(({ isFormula }) => isFormula).flatMap(({ code }) => code.split(MACRO).slice(1));
  const formulas = new Map(bodies.map((body) => [body.slice(0, body.indexOf('(')), body.slice(body.indexOf('('))]));
  const read = new Set<string>();
  const follow = (code: string) => {
    for (const [, name = ''] of code.matchAll(/\b(\w+)\(/g)) {
      if (read.has(name)) continue;
      read.add(name);
      follow(formulas.get(name) ?? '');
    }
  };
  for (const { isFormula, code } of texts) {
    if (isFormula) continue;
    follow(code);
    for (const [, name = ''] of code.matchAll(/\bparameters\.(\w+)\b/g)) read.add(name);
  }
  return read;
}

test('every parameter is read by a statement, a formula that one calls, or a step', () => {
  const product = [...readSources('.sql', '.ts')].filter(([file]) => /^(?:activities|duckdb|recall)\//.test(file));
  const read = listRead(new Map(product));
  expect(rows.map(([name]) => name).filter((name) => !read.has(name))).toEqual([]);
});

test('what stands in a comment, in a formula that nothing calls, or in nothing is not read', () => {
  const read = listRead(
    new Map([
      [
        'duckdb/macros.sql',
        'create or replace macro used(x) as inner_one(x);\ncreate or replace macro idle() as two();',
      ],
      ['duckdb/macros.state.sql', 'create or replace macro inner_one(x) as -- three()\n  x * one();'],
      ['activities/a.sql', '-- four()\nselect used(w) from link'],
      ['activities/a.ts', '/** five() */\nrun(parameters.six); // parameters.seven'],
    ]),
  );
  const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
  expect(names.filter((name) => read.has(name))).toEqual(['one', 'six']);
});

/** Numbers of a statement that are no parameters, each with the reason; beside 0, 1 and the sizes of units of time. */
const NO_PARAMETERS: Readonly<Record<string, readonly [reason: string, ...numbers: string[]]>> = {
  'consolidation.next-night': ['hours of half a day', '12'],
  'ingest.bound-written': ['minutes in which a transaction may commit late', '10'],
  'ingest.stage-change': ['the same minutes', '10'],
  'ingest.survey-source': ['ids that a person is shown', '3'],
  'long-term-memory.propagate-label': ['half of the memories, by hash', '2'],
  'long-term-memory.select-unread-gist': [
    'characters of a memory that are read; of the members a fifth has to share a phrase',
    '2000',
    '5',
  ],
  'long-term-memory.select-unread-insight': [
    'characters of a memory that are read; memories by which nearness is scaled; digits',
    '2000',
    '40',
    '3',
  ],
  'long-term-memory.stage-link': ['columns by number', '2'],
  'publish.create-replaced': ['columns by number', '2', '3'],
  'publish.fill-vector': ['the largest number of a signed byte', '127'],
  'reading.rate-limit': ['days over which a model is asked no more than its rate limit allows', '30'],
  'rejected.list': ['characters of an id that a person is shown', '100'],
  'rem.propose': ['columns by number', '2'],
  'restore.log-recall': ["FSRS's grade of what was easy", '4'],
  'short-term-memory.associate': ['an entity that is mentioned once links nothing', '2'],
  'short-term-memory.stage-comparable': ['a pair of two that are fresh is looked at from both', '2'],
  'short-term-memory.stage-neighbour': [
    'a cosine that is above nothing by more than rounding; half; digits; pairs that have a mean',
    '1e-3',
    '10',
    '2',
    '6',
  ],
  'short-term-memory.segment': ['the memories before one that its surprise looks at', '2', '3', '4'],
  'short-term-memory.select-unread': ['characters of a member that a reader is shown', '2000'],
  'write-back.select-processing-metrics': [
    'rejected rows, and their ids, that a person is shown; digits',
    '100',
    '5',
    '2',
  ],
  'write-back.select-rejected-rows': [
    'rows, and characters of an id, that a person is shown; digits of a key',
    '6',
    '1000',
    '10000',
  ],
};
const UNITS = ['60', '60e6', '1e6', '3600e6', '86400000000', '86400000000.0', '0', '1', '1.0'];

/** The numbers of a statement outside of its comments and texts. */
function listNumbers(sql: string): string[] {
  const code = sql.replaceAll(/--.*$/gm, '').replaceAll(/'(?:[^']|'')*'/g, '');
  return [...new Set(code.match(/(?<![\w.$])\d+(?:\.\d+)?(?:e[+-]?\d+)?(?!\w)/g))].filter(
    (each) => !UNITS.includes(each),
  );
}

test('a number that decides is a parameter: statements of the activities have others only where a reason is given', () => {
  const found: Record<string, string[]> = {};
  for (const [file, sql] of readSources('.sql')) {
    // What lies deeper is written for PostgreSQL and decides nothing.
    const [, name] = /^activities\/([^/]*)\.sql$/.exec(file) ?? [];
    const numbers = listNumbers(sql).sort();
    if (name !== undefined && numbers.length > 0) found[name] = numbers;
  }
  const allowed = Object.entries(NO_PARAMETERS).map(([name, [, ...numbers]]) => [name, numbers.sort()] as const);
  expect(found).toEqual(Object.fromEntries(allowed));
});
