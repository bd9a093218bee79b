import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { clear, makeWorkspace } from '../services/support.ts';
import { findProcesses } from '../support/biomem.ts';
import { call, connectClient, INITIALIZE, mcpCommand, startServer, textOf } from '../support/mcp.ts';

const CLIENT = fileURLToPath(new URL('../support/mcp-client.ts', import.meta.url));
const TEXT = 'The reset script ran against hades, not vesta.';

let workspace: string;
beforeEach(async () => {
  workspace = await makeWorkspace();
});
afterEach(() => clear(workspace));

/** Programs of the workspace: the server, and a PostgreSQL of its own. */
const running = () => findProcesses(workspace);

test('remembering starts the workspace’s own PostgreSQL, which ends with the server', async () => {
  const { client, pid } = await connectClient(workspace, 'auto', '--agent', 'ada');
  expect(await running()).toEqual([pid]);
  const answer = await client.callTool({ name: 'remember', arguments: { content: TEXT, tags: ['reset'] } });
  expect([answer.structuredContent, textOf(answer)]).toEqual([{ written: 1 }, 'Remembered.']);
  expect((await running()).length).toBeGreaterThan(1);
  const { structuredContent } = await client.callTool({ name: 'status', arguments: {} });
  expect(structuredContent).toMatchObject({ postgres: { state: 'running' }, recall: { problem: expect.any(String) } });
  await client.close();
  await expect.poll(running, { timeout: 60_000 }).toEqual([]);
});

test('of two clients that remember, the one that stays writes on when the PostgreSQL of the other has ended with it', async () => {
  const [first, second] = await Promise.all([connectClient(workspace, 'auto'), connectClient(workspace, 'legacy')]);
  const remember = async ({ client }: typeof first, content: string) =>
    (await client.callTool({ name: 'remember', arguments: { content } })).structuredContent;
  expect(await remember(first, TEXT)).toEqual({ written: 1 });
  expect(await remember(second, `${TEXT} Twice.`)).toEqual({ written: 1 });
  await first.client.close();
  await expect.poll(running, { timeout: 60_000 }).toEqual([second.pid]);
  expect(await remember(second, `${TEXT} Three times.`)).toEqual({ written: 1 });
  await second.client.close();
  await expect.poll(running, { timeout: 60_000 }).toEqual([]);
});

test.each([
  ['closes stdin', ({ server }: ReturnType<typeof startServer>) => server.stdin.end()],
  ['sends SIGTERM', ({ server }: ReturnType<typeof startServer>) => server.kill('SIGTERM')],
  [
    'does not read any more',
    ({ server, send }: ReturnType<typeof startServer>) => {
      server.stdout.destroy();
      send(call(9, 'status', {}));
    },
  ],
] as const)(
  'a client that %s while something is remembered leaves nothing behind, and it is remembered',
  async (_, leave) => {
    const client = startServer(workspace);
    client.send(INITIALIZE);
    await client.answer(1);
    client.send(call(2, 'remember', { content: TEXT }));
    // PostgreSQL is being started.
    await expect.poll(async () => (await running()).length, { timeout: 60_000 }).toBeGreaterThan(1);
    leave(client);
    expect(await client.ended).toBe(0);
    expect(await running()).toEqual([]);
    const again = await connectClient(workspace, 'auto');
    const { structuredContent } = await again.client.callTool({ name: 'remember', arguments: { content: 'And now?' } });
    expect(structuredContent).toEqual({ written: 1 });
  },
);

test('a client that is killed takes the server with it, and what that has started', async () => {
  const { command, args, env } = mcpCommand(workspace);
  const client = spawn(process.execPath, ['--import', 'tsx', CLIENT, command, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void client.kill('SIGKILL'));
  await once(client.stdout, 'data');
  expect((await running()).length).toBeGreaterThan(2);
  client.kill('SIGKILL');
  await expect.poll(running, { timeout: 60_000 }).toEqual([]);
});
