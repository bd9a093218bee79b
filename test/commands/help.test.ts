import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { biomem } from '../support/biomem.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const GROUPS = ['cycle', 'extensions', 'profile', 'schedules', 'services'];
const COMMANDS = [
  'dream',
  'up',
  'debug',
  'worker',
  'remember',
  'recall',
  'feedback',
  'context',
  'why',
  'forget',
  'restore-memory',
  'mcp',
  'sql',
  'checksum',
  ...['cycle run', 'cycle status'],
  ...['extensions list', 'extensions install'],
  'profile show',
  ...['schedules apply', 'schedules list', 'schedules delete'],
  ...['services up', 'services down', 'services status'],
];

test('the program lists its commands with an example', async () => {
  const { code, stdout, stderr } = await biomem(['--help']);
  expect([code, stderr]).toEqual([0, '']);
  for (const command of [...COMMANDS, ...GROUPS])
    expect(stdout).toMatch(new RegExp(`^  ${command.split(' ')[0] ?? ''} `, 'm'));
  expect(stdout).toContain('Example:');
});

describe.concurrent('help and version', () => {
  test.each(GROUPS)('%s lists its commands with an example', async (group) => {
    const { code, stdout, stderr } = await biomem([group, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    const names = COMMANDS.filter((command) => command.startsWith(`${group} `)).map((command) => command.split(' ')[1]);
    for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name ?? ''} `, 'm'));
    expect(stdout).toMatch(new RegExp(`Example:\n  biomem ${group} `));
  });

  test.each(COMMANDS)('%s explains itself, its shared options and an example', async (command) => {
    const { code, stdout, stderr } = await biomem([...command.split(' '), '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: biomem ${command} `);
    const options = [
      '--target',
      '--profile',
      '--profiles-dir',
      '--threads',
      '--vars',
      '--workspace',
      '--json',
      '--version',
    ];
    for (const option of options) expect(stdout).toContain(option);
    expect(stdout).toMatch(new RegExp(`Example:\n  biomem ${command}`));
  });

  test.each(['', ...GROUPS, ...COMMANDS])('biomem %s --version', async (command) => {
    const { code, stdout, stderr } = await biomem([...command.split(' ').filter(Boolean), '--version']);
    expect([code, stdout, stderr]).toEqual([0, version, '']);
  });
});
