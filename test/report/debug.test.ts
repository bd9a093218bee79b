import { expect, test } from 'vitest';
import { printTarget, type Check, type TargetReport } from '../../report/debug.ts';

const CHECKS: readonly Check[] = [
  {
    section: 'Configuration',
    name: 'profiles.yml file',
    status: 'ok',
    verdict: 'found and valid',
    detail: 'found and valid',
  },
  { section: 'Required dependencies', name: 'duckdb', status: 'ok', verdict: 'found', detail: '1.5.5' },
  {
    section: 'Connection',
    name: 'Connection test',
    status: 'ok',
    verdict: 'connection ok',
    detail: 'connection ok',
    ms: 3,
  },
  { section: 'Extensions', name: 'vss', status: 'warning', verdict: 'would need a download', detail: 'not here yet' },
  {
    section: 'Attachments',
    name: 'source',
    status: 'error',
    verdict: 'cannot be reached',
    detail: 'refused',
    path: 'p.outputs.dev.attach[0].path',
    variable: 'DB',
    hint: 'start it.',
  },
];
const REPORT: TargetReport = {
  target: 'dev',
  head: ['adapter type: duckdb'],
  connection: [['schema', 'main']],
  checks: CHECKS,
};
const print = (report: Partial<TargetReport>, options = {}) =>
  printTarget({ ...REPORT, ...report }, { colour: false, connection: false, ...options });

test('it reads like dbt debug: headings, brackets, and what failed once more at the end', () => {
  expect(print({})).toBe(`adapter type: duckdb
Configuration:
  profiles.yml file [OK found and valid]
Required dependencies:
 - duckdb [OK found] 1.5.5
Connection:
  schema: main
  Connection test: [OK connection ok in 3 ms]

Extensions:
  vss [WARN would need a download] not here yet
Attachments:
  source [ERROR cannot be reached]

1 check failed:
source: refused
  in the profile: p.outputs.dev.attach[0].path
  variable: DB
  what to do: start it.

1 warning above.`);
});

test('without a failure all checks passed, warnings or not', () => {
  expect(print({ checks: CHECKS.slice(0, 3) })).toMatch(/\n\nAll checks passed!$/);
  expect(print({ checks: CHECKS.slice(0, 4) })).toMatch(/\n\nAll checks passed!\n1 warning above\.$/);
});

test('without a profile the connection test is skipped, in the words of dbt', () => {
  expect(print({ connection: null, checks: CHECKS.slice(0, 1) })).toContain(
    'Connection test skipped since no profile was found',
  );
});

test('with --connection the steps before are skipped, in the words of dbt', () => {
  const text = print({}, { connection: true });
  expect(text).toContain('adapter type: duckdb\nSkipping steps before connection verification\nConnection:\n');
  expect(text).not.toMatch(/Configuration|dependencies/);
});

test('colours stand inside the brackets, and only when asked for', () => {
  expect(print({}, { colour: true })).toContain('profiles.yml file [\u001b[32mOK found and valid\u001b[39m]');
  expect(print({})).not.toContain('\u001b');
});
