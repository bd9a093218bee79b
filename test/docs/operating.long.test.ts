import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clear, makeWorkspace, plainEnv } from '../services/support.ts';
import { startUp, type Running } from '../support/running.ts';

const PAGE = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');

/** Lines of the fenced `sh` blocks that begin with `temporal `; those that start a workflow first, for others look at it. */
const COMMANDS = [...PAGE.matchAll(/^```sh\n(.*?)^```/gms)]
  .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
  .filter((line) => line.startsWith('temporal '))
  .sort((a, b) => Number(starts(b)) - Number(starts(a)));

function starts(line: string): boolean {
  return /^temporal workflow (start|execute) /.test(line);
}

let workspace: string;
let running: Running;
let exports: string[];

beforeAll(async () => {
  workspace = await makeWorkspace();
  running = await startUp(workspace);
  exports = running.said.filter((line) => line.startsWith('  export '));
});
afterAll(async () => {
  await running.interrupt();
  await clear(workspace);
});

test('the page shows how to start a cycle, look at it, and list the schedules with the Temporal CLI', () => {
  for (const verb of ['workflow start --type memoryCycle', 'workflow show', 'schedule list'])
    expect(COMMANDS.join('\n')).toContain(`temporal ${verb}`);
});

test('`biomem up` says which variables the Temporal CLI needs, and none that it does not', () => {
  const names = exports.map((line) => /export (\w+)=/.exec(line)?.[1]);
  expect(names).toContain('TEMPORAL_NAMESPACE');
  expect(names.includes('TEMPORAL_ADDRESS')).toBe(running.address !== '127.0.0.1:7233');
});

test.each(COMMANDS)('%s', async (command) => {
  const script = [...exports, command].join('\n');
  const { exitCode, all } = await execa('sh', ['-c', script], {
    env: plainEnv,
    extendEnv: false,
    reject: false,
    all: true,
  });
  expect(exitCode, all).toBe(0);
});

test('what the page started ran to its end', async () => {
  const ids = COMMANDS.filter(starts).map((line) => /--workflow-id (\S+)/.exec(line)?.[1] ?? '');
  for (const id of ids) expect(await running.client.workflow.getHandle(id).result()).toHaveProperty('status');
});
