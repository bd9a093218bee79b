import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { makeFolder } from './folder.ts';

/** A case of cases.yml, whose head explains it. */
interface Case {
  readonly it: string;
  readonly env?: Record<string, string>;
  readonly vars?: Record<string, unknown>;
  readonly threads?: number;
  readonly target?: string;
  readonly profile?: string;
  readonly dev?: string;
  readonly yaml?: string;
  readonly shows?: Record<string, unknown>;
  readonly warns?: readonly string[];
  readonly refuses?: readonly string[];
  readonly stage?: 'load' | 'open';
  readonly rows?: Record<string, unknown[][]>;
  readonly hides?: readonly string[];
}

interface Answer {
  readonly ok: boolean;
  readonly stage?: string;
  readonly message?: string;
  readonly warnings?: string[];
  readonly queries?: { rows: unknown[][] }[];
}

const BIN = fileURLToPath(new URL('../../bin/biomem.cjs', import.meta.url));
const cases = parse(readFileSync(new URL('./cases.yml', import.meta.url), 'utf8')) as Case[];

describe.concurrent('biomem profile show', () => {
  test.for(cases.map((each) => [each.it, each] as const))('%s', async ([, expected], { onTestFinished }) => {
    const yaml = expected.yaml ?? outputOf(expected.dev ?? '');
    const folder = makeFolder({ 'profiles.yml': yaml }, onTestFinished);
    const run = (...more: string[]) => show(expected, folder, ...more);
    const { stdout, stderr, exitCode } = await run('--json', ...opening(expected));
    const answer = JSON.parse(stdout) as Answer;
    expect(answer).toMatchObject({ ok: expected.refuses === undefined, ...expected.shows });
    expect(exitCode).toBe(answer.ok ? 0 : answer.stage === 'load' ? 2 : 1);
    expect(answer.stage).toBe(answer.ok ? undefined : (expected.stage ?? 'load'));
    for (const word of expected.refuses ?? []) expect(answer.message?.toLowerCase()).toContain(word.toLowerCase());
    for (const word of expected.warns ?? []) expect(answer.warnings?.join('\n')).toContain(word);
    expect(answer.queries?.map(({ rows }) => rows)).toEqual(expected.rows && Object.values(expected.rows));
    const told = expected.hides ? [stdout, stderr, ...Object.values(await run()).map(String)].join('\n') : '';
    for (const word of expected.hides ?? []) expect(told).not.toContain(word);
  });
});

function outputOf(fields: string): string {
  return `home:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n${fields.replace(/^(?=.)/gm, '      ')}\n`;
}

function opening({ stage, rows = {} }: Case): string[] {
  return [...(stage === 'open' ? ['--open'] : []), ...Object.keys(rows).flatMap((sql) => ['--query', sql])];
}

async function show({ env, vars, threads, target, profile = 'home' }: Case, folder: string, ...more: string[]) {
  const args = [
    ...['profile', 'show', '--profile', profile],
    ...(target === undefined ? [] : ['--target', target]),
    ...(threads === undefined ? [] : ['--threads', String(threads)]),
    ...(vars === undefined ? [] : ['--vars', JSON.stringify(vars)]),
  ];
  const { stdout, stderr, exitCode } = await execa('node', [BIN, ...args, ...more], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, ...env },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
  return { stdout, stderr, exitCode };
}
